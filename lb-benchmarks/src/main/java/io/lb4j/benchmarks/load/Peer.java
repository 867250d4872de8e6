package io.lb4j.benchmarks.load;

import io.lb4j.benchmarks.load.LoadLoop.Handler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/** One end of one connection. Belongs to the run it was made in. */
abstract class Peer implements Handler {
    final LoadLoop loop;
    final Tally tally;

    Peer(LoadLoop loop) {
        this.loop = loop;
        this.tally = loop.tally();
    }

    /** The connection is closed, whoever closed it. */
    abstract void closed();

    abstract SocketChannel channel();

    /** Reads once into the shared buffer and turns it round; -1 at the end of the stream. */
    int read(int most) throws IOException {
        ByteBuffer buffer = loop.buffer().clear().limit(most);
        int read = channel().read(buffer);
        buffer.flip();
        return read;
    }

    void interest(int ops) {
        SelectionKey key = channel().keyFor(loop.selector());
        if (key != null) {
            key.interestOps(ops);
        }
    }

    void close() throws IOException {
        channel().close();
        closed();
    }

    @Override
    public void failed(IOException failure) {
        tally.fail(getClass().getSimpleName() + ": " + failure.getMessage());
        free();
    }

    final void free() {
        try {
            channel().close();
        } catch (IOException ignored) {
            // The descriptor is released whatever close reports.
        }
        closed();
    }
}
