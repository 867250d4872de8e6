package io.lb4j.benchmarks.load;

import java.io.IOException;
import java.nio.channels.SelectionKey;

/** Asks once, and then checks and counts the stream that comes until the backend ends it. */
final class DownloadClient extends Client {
    private long received;

    DownloadClient(LoadLoop loop) {
        super(loop);
    }

    @Override
    int connected() throws IOException {
        send(loop.pattern().at(0, Source.REQUEST));
        return SelectionKey.OP_READ;
    }

    @Override
    void proceed() throws IOException {
        int read = read(Pattern.LONGEST);
        if (read < 0) {
            close();
            return;
        }
        loop.pattern().check(received, loop.buffer());
        received += read;
        tally.count += read;
    }
}
