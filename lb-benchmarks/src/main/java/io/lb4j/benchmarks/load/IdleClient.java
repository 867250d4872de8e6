package io.lb4j.benchmarks.load;

import java.io.IOException;

/** One request, so that whatever a proxy keeps for a connection in use it has kept once; then nothing. */
final class IdleClient extends RequestClient {
    private static final int SIZE = 100;

    IdleClient(LoadLoop loop) {
        super(loop, SIZE);
    }

    @Override
    void responded() throws IOException {
        if (tally.stopping) {
            close();
        }
    }
}
