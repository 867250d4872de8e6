package io.lb4j.benchmarks.load;

import java.io.IOException;
import java.nio.channels.SelectionKey;

/** A kept connection that sends a request when the pace says so. */
final class PacedClient extends RequestClient {
    private final Pace pace;
    private long due;

    PacedClient(LoadLoop loop, Pace pace, int size) {
        super(loop, size);
        this.pace = pace;
    }

    @Override
    int connected() {
        pace.isFree(this);
        return SelectionKey.OP_READ;
    }

    /** @param due when the request should have been sent */
    void request(long due) throws IOException {
        this.due = due;
        request();
    }

    @Override
    void responded() throws IOException {
        pace.responded(due);
        if (tally.stopping) {
            close();
        } else {
            pace.isFree(this);
        }
    }
}
