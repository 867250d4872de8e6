package io.lb4j.benchmarks.load;

import java.io.IOException;
import java.nio.channels.SelectionKey;

/** Sends as fast as it is taken; in the end it ends its stream and waits for the other side to do so. */
final class StreamClient extends Client {
    private long sent;
    private boolean ended;

    StreamClient(LoadLoop loop) {
        super(loop);
    }

    @Override
    int connected() {
        return SelectionKey.OP_WRITE;
    }

    @Override
    void proceed() throws IOException {
        if (ended) {
            awaitEnd();
        } else if (tally.stopping) {
            ended = true;
            channel().shutdownOutput();
            interest(SelectionKey.OP_READ);
        } else {
            write();
        }
    }

    private void write() throws IOException {
        int written = channel().write(loop.pattern().at(sent, Pattern.LONGEST));
        sent += written;
        tally.sent += written;
    }

    private void awaitEnd() throws IOException {
        if (read(1) >= 0) {
            throw new IOException("got a byte from a backend that sends none");
        }
        close();
    }
}
