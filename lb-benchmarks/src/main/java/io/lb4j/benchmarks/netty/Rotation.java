package io.lb4j.benchmarks.netty;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** The backends in turn, for all event loops. */
final class Rotation {
    private final List<InetSocketAddress> backends;
    private final AtomicInteger turn = new AtomicInteger();

    Rotation(List<InetSocketAddress> backends) {
        this.backends = List.copyOf(backends);
    }

    InetSocketAddress next() {
        return backends.get(Math.floorMod(turn.getAndIncrement(), backends.size()));
    }
}
