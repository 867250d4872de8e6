package io.lb4j.benchmarks.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** Sends back what it gets. The client checks it, and so checks both ways. */
class Echo extends Accepted {
    private static final int READ = 16 * 1024;

    private boolean hasHeard;

    Echo(LoadLoop loop, SocketChannel channel) {
        super(loop, channel);
    }

    @Override
    public void ready() throws IOException {
        if (read(READ) < 0) {
            close();
            return;
        }
        hasHeard = true;
        answer(loop.buffer());
    }

    /** Who was reset before he said a word asked whether the proxy listens; a client of a run notices by himself. */
    @Override
    public void failed(IOException failure) {
        if (hasHeard) {
            super.failed(failure);
        } else {
            free();
        }
    }

    void answer(ByteBuffer received) throws IOException {
        channel().write(received);
        if (received.hasRemaining()) {
            // A client has one request under way; a socket that does not take 4 KiB is out of the ordinary.
            throw new IOException("a response did not fit into the socket");
        }
    }
}
