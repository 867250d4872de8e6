package io.lb4j.benchmarks.load;

import java.io.IOException;
import java.nio.channels.SocketChannel;

/** Checks and counts a stream, and ends when it ends. */
final class Sink extends Accepted {
    private long received;

    Sink(LoadLoop loop, SocketChannel channel) {
        super(loop, channel);
    }

    @Override
    public void ready() throws IOException {
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
