package io.lb4j.benchmarks.load;

import java.nio.channels.SocketChannel;

/** The backend's end of a connection. */
abstract class Accepted extends Peer {
    private final SocketChannel channel;

    Accepted(LoadLoop loop, SocketChannel channel) {
        super(loop);
        this.channel = channel;
        tally.accepted++;
    }

    @Override
    SocketChannel channel() {
        return channel;
    }

    @Override
    void closed() {
        tally.accepted--;
    }
}
