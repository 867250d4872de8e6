package io.lb4j.benchmarks.load;

import java.io.IOException;
import java.nio.channels.SelectionKey;

/** Sends a request, waits for the whole response, sends the next: for ever on one connection. */
class RequestClient extends Client {
    private final int size;
    private long begin;
    private int received;
    private boolean waiting;

    RequestClient(LoadLoop loop, int size) {
        super(loop);
        this.size = size;
    }

    @Override
    int connected() throws IOException {
        request();
        return SelectionKey.OP_READ;
    }

    void request() throws IOException {
        // Every request differs from the one before, so a response that belongs to another one is noticed.
        begin += 1021;
        received = 0;
        waiting = true;
        send(loop.pattern().at(begin, size));
    }

    @Override
    void proceed() throws IOException {
        if (!waiting) {
            checkNothing(read(1));
            return;
        }
        int read = read(size - received);
        if (read < 0) {
            throw new IOException("stream ended before the response was complete");
        }
        loop.pattern().check(begin + received, loop.buffer());
        received += read;
        if (received == size) {
            waiting = false;
            tally.count++;
            responded();
        }
    }

    /** A record without bytes is none. */
    private static void checkNothing(int read) throws IOException {
        if (read != 0) {
            throw new IOException(read < 0 ? "stream ended while idle" : "got a byte that was not asked for");
        }
    }

    /** The whole response has arrived. */
    void responded() throws IOException {
        if (tally.stopping) {
            close();
        } else {
            request();
        }
    }
}
