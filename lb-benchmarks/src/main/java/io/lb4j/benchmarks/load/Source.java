package io.lb4j.benchmarks.load;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/** Sends as fast as it is taken once it is asked; in the end it ends its stream and waits for the other side to do so. */
final class Source extends Accepted {
    static final int REQUEST = 64;

    private int asked;
    private long sent;
    private boolean ended;

    Source(LoadLoop loop, SocketChannel channel) {
        super(loop, channel);
    }

    @Override
    public void ready() throws IOException {
        if (asked < REQUEST) {
            readRequest();
        } else if (ended) {
            awaitEnd();
        } else if (tally.stopping) {
            ended = true;
            channel().shutdownOutput();
            interest(SelectionKey.OP_READ);
        } else {
            write();
        }
    }

    private void readRequest() throws IOException {
        int read = read(REQUEST - asked);
        if (read < 0) {
            // Nobody has been promised anything.
            close();
            return;
        }
        loop.pattern().check(asked, loop.buffer());
        asked += read;
        if (asked == REQUEST) {
            interest(SelectionKey.OP_WRITE);
        }
    }

    private void write() throws IOException {
        int written = channel().write(loop.pattern().at(sent, Pattern.LONGEST));
        sent += written;
        tally.sent += written;
    }

    private void awaitEnd() throws IOException {
        if (read(1) >= 0) {
            throw new IOException("got a byte from a client that sends none");
        }
        close();
    }
}
