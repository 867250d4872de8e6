package io.lb4j.internal.epoll;

import io.lb4j.internal.loop.SplicePipe;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** A pipe of the kernel that bytes pass through from one socket to another. Confined to its loop. */
final class EpollPipe implements SplicePipe {
    /**
     * As much as Linux lets anybody have ({@code /proc/sys/fs/pipe-max-size}). Where bytes pass through a pipe of 64 KiB they
     * cost more CPU than copying them does, of 256 KiB about the same, of 1 MiB a sixth to a half less (loopback, Linux
     * 6.18).
     */
    static final int CAPACITY = 1 << 20;

    private final int readEnd;
    private final int writeEnd;
    private int size;

    /**
     * The sink has taken a part. A splice that has taken some when the socket fails says so and not why, and the socket
     * does not say it again: what it says then is EPIPE, as of a peer that had ended its stream before. If it is known to
     * have, that is true.
     */
    private boolean tookPart;

    private boolean sinkHadEnded;

    private EpollPipe(int readEnd, int writeEnd) {
        this.readEnd = readEnd;
        this.writeEnd = writeEnd;
    }

    /** Null when there is none of this size to be had: too many descriptors, or this user has too much in pipes. */
    static @Nullable EpollPipe open() {
        Scratch scratch = Scratch.get();
        if (PipeCalls.pipe2(scratch) < 0) {
            return null;
        }
        int readEnd = scratch.value(0);
        int writeEnd = scratch.value(1);
        EpollPipe pipe = null;
        try {
            if (PipeCalls.setPipeSize(scratch, writeEnd, CAPACITY) >= CAPACITY) {
                pipe = new EpollPipe(readEnd, writeEnd);
            }
            return pipe;
        } finally {
            if (pipe == null) {
                Libc.close(readEnd);
                Libc.close(writeEnd);
            }
        }
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public int capacity() {
        return CAPACITY;
    }

    @Override
    public int fill(SocketChannel source, int most) throws IOException {
        tookPart = false;
        // Whatever fails here, what may be in it is nobody's.
        size = most;
        int filled = ((EpollSocketChannel) source).readInto(writeEnd, most);
        size = Math.max(0, filled);
        return filled;
    }

    @Override
    public int drain(SocketChannel sink) throws IOException {
        EpollSocketChannel socket = (EpollSocketChannel) sink;
        if (!tookPart) {
            sinkHadEnded = socket.hasEnded();
        }
        long taken = socket.writeFrom(readEnd, size);
        if (taken < 0) {
            throw tookPart && !sinkHadEnded && taken == -Libc.EPIPE ? Errors.reset() : Errors.ofTransfer(taken);
        }
        size -= (int) taken;
        tookPart = taken > 0;
        return (int) taken;
    }

    /** Whether a byte that this socket has to read comes out of the pipe into it again. */
    boolean passes(int socket) {
        Scratch scratch = Scratch.get();
        return PipeCalls.splice(scratch, socket, writeEnd, 1) == 1
                && PipeCalls.splice(scratch, readEnd, socket, 1) == 1;
    }

    @Override
    public void close() {
        Libc.close(readEnd);
        Libc.close(writeEnd);
    }
}
