package io.lb4j.simulation;

import io.lb4j.access.Bandwidth;
import io.lb4j.proxy.TcpProxyBuilder;
import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;

/** The bandwidths of a simulated proxy: of each connection, of each client, and of all. */
record Bandwidths(Optional<Bandwidth> ofConnection, Optional<Bandwidth> ofClient, Optional<Bandwidth> ofAll) {
    static final Bandwidths NONE = new Bandwidths(Optional.empty(), Optional.empty(), Optional.empty());

    /** Not of the plan's own chances: what these seeds did before they do again. */
    static Bandwidths of(long seed) {
        SplittableRandom random = new SplittableRandom(seed ^ 0xba4d);
        return random.nextInt(4) > 0 ? NONE : new Bandwidths(some(random), some(random), some(random));
    }

    private static Optional<Bandwidth> some(SplittableRandom random) {
        if (random.nextBoolean()) {
            return Optional.empty();
        }
        Bandwidth.Builder bandwidth = Bandwidth.builder().burst(Duration.ofMillis(10 + random.nextInt(500)));
        int which = random.nextInt(3);
        if (which > 0) {
            bandwidth.toClient(rate(random));
        }
        if (which < 2) {
            bandwidth.toBackend(rate(random));
        }
        return Optional.of(bandwidth.build());
    }

    private static long rate(SplittableRandom random) {
        long[] rates = {3000, 20_000, 100_000, 1_000_000, 1_000_000_000};
        return rates[random.nextInt(rates.length)] + random.nextInt(1000);
    }

    boolean areNone() {
        return equals(NONE);
    }

    void applyTo(TcpProxyBuilder builder) {
        builder.listen("10.0.0.1", 80, frontend -> {
            ofConnection.ifPresent(limit -> frontend.bandwidth(bandwidth -> copy(limit, bandwidth)));
            ofClient.ifPresent(
                    limit -> frontend.clientLimits(limits -> limits.bandwidth(bandwidth -> copy(limit, bandwidth))));
        });
        ofAll.ifPresent(limit -> builder.limits(limits -> limits.bandwidth(bandwidth -> copy(limit, bandwidth))));
    }

    private static void copy(Bandwidth from, Bandwidth.Builder to) {
        to.burst(from.burst());
        from.toBackend().ifPresent(to::toBackend);
        from.toClient().ifPresent(to::toClient);
    }
}
