package io.lb4j.simulation;

import io.lb4j.internal.loop.SplicePipe;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** A pipe of the simulated kernel: splice(2) as Linux has it, and what the native transport makes of it. */
final class SimPipe implements SplicePipe {
    private static final int CAPACITY = 32 * 1024;

    private final SimNet net;
    private final ByteBuffer content = ByteBuffer.allocate(CAPACITY).limit(0);
    private boolean tookPart;
    private boolean sinkHadEnded;
    private boolean closed;

    SimPipe(SimNet net) {
        this.net = net;
    }

    @Override
    public int size() {
        return content.remaining();
    }

    @Override
    public int capacity() {
        return CAPACITY;
    }

    @Override
    public int fill(SocketChannel source, int most) throws IOException {
        if (closed || content.hasRemaining()) {
            throw new AssertionError("filled when it is closed, or holds bytes");
        }
        tookPart = false;
        TcpEnd end = ((SimSocketChannel) source).end();
        boolean isAtEnd = end.isFinReceived() && !end.hasUnread();
        if (isAtEnd || net.timeline.oneIn(10)) {
            // As at a mark of urgent data: a read finds out.
            return 0;
        }
        try {
            return source.read(content.clear().limit(most));
        } finally {
            content.flip();
        }
    }

    @Override
    public int drain(SocketChannel sink) throws IOException {
        if (closed || !content.hasRemaining()) {
            throw new AssertionError("drained when it is closed, or empty");
        }
        TcpEnd end = ((SimSocketChannel) sink).end();
        if (!tookPart) {
            sinkHadEnded = end.isFinReceived() && !end.isResetReceived();
        }
        int taken;
        try {
            taken = sink.write(content);
        } catch (IOException failure) {
            // Said before, and not told to anybody.
            throw tookPart && !sinkHadEnded && "Broken pipe".equals(failure.getMessage())
                    ? new SocketException("Connection reset")
                    : failure;
        }
        tookPart = taken > 0;
        // A splice goes on by itself, and says how much it has moved if that fails. With that, the error is gone.
        while (tookPart && content.hasRemaining() && net.timeline.oneIn(2)) {
            end.hurryReset();
            try {
                int more = sink.write(content);
                taken += more;
                if (more == 0) {
                    return taken;
                }
            } catch (IOException lost) {
                return taken;
            }
        }
        return taken;
    }

    @Override
    public void close() {
        if (closed) {
            throw new AssertionError("closed twice");
        }
        closed = true;
        net.pipeClosed();
    }
}
