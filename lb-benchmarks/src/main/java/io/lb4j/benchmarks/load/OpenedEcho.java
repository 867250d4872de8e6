package io.lb4j.benchmarks.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** Sends back what it gets behind an opening, which comes whole; what follows it may come later. */
final class OpenedEcho extends Echo {
    private final Opening opening;
    private boolean opened;

    OpenedEcho(LoadLoop loop, SocketChannel channel, Opening opening) {
        super(loop, channel);
        this.opening = opening;
    }

    @Override
    void answer(ByteBuffer received) throws IOException {
        if (!opened) {
            opened = true;
            int length = opening.length(received);
            if (length > received.limit()) {
                throw new IOException("got a part of an opening");
            }
            received.position(length);
        }
        if (received.hasRemaining()) {
            super.answer(received);
        }
    }
}
