package io.lb4j.access;

import io.lb4j.internal.util.Checks;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * How many bytes may pass in a second, each direction for itself. After a silence as many may pass at once as in the time
 * {@code burst}, and 16 KiB at least: a token bucket (the continuous-state leaky bucket of ITU-T I.371). So in any time
 * {@code t} no more are read than {@code burst + rate × t}, and for each connection that waits what it was promised: a
 * twentieth of a second's worth, 64 KiB at most. Whoever sends more is not read from for a while: first its kernel waits, then it
 * does. Those who share a bandwidth take turns. Nothing is lost for that, no more memory is used, and the wait is not counted as
 * silence. What is held back is not spliced (see {@link io.lb4j.proxy.Transport#NATIVE}). Immutable.
 *
 * @param toBackend bytes a second that clients send, 1..1,000,000,000,000; empty for any number
 * @param toClient bytes a second that backends send, 1..1,000,000,000,000; empty for any number
 * @param burst 10 ms to a minute. Default: 100 ms
 */
public record Bandwidth(OptionalLong toBackend, OptionalLong toClient, Duration burst) {
    private static final long MOST = 1_000_000_000_000L;
    private static final Duration SHORTEST_BURST = Duration.ofMillis(10);
    private static final Duration LONGEST_BURST = Duration.ofMinutes(1);

    /**
     * A bandwidth of these parts.
     *
     * @throws IllegalArgumentException when one of them is out of its range, or no direction has a limit
     */
    public Bandwidth {
        toBackend.ifPresent(rate -> rate("toBackend", rate));
        toClient.ifPresent(rate -> rate("toClient", rate));
        burst(burst);
        if (toBackend.isEmpty() && toClient.isEmpty()) {
            throw new IllegalArgumentException("bandwidth: none set (expected: toBackend or toClient)");
        }
    }

    private static long rate(String name, long bytesPerSecond) {
        return Checks.range("bandwidth " + name, bytesPerSecond, 1, MOST);
    }

    private static Duration burst(Duration burst) {
        Checks.notNull("bandwidth burst", burst);
        if (burst.compareTo(SHORTEST_BURST) < 0 || burst.compareTo(LONGEST_BURST) > 0) {
            throw new IllegalArgumentException("bandwidth burst: " + burst + " (expected: 10 ms to 1 minute)");
        }
        return burst;
    }

    /** A builder that holds the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder that holds these parts. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.toBackend = toBackend;
        builder.toClient = toClient;
        builder.burst = burst;
        return builder;
    }

    /**
     * The bandwidth that {@code bandwidth} sets on a builder that holds the defaults.
     *
     * @throws IllegalArgumentException when a value is out of its range, or no direction has a limit
     */
    public static Bandwidth of(Consumer<Builder> bandwidth) {
        return changed(Optional.empty(), bandwidth);
    }

    /**
     * For the library itself: the bandwidth that {@code bandwidth} makes of the present one, or of the defaults.
     *
     * @hidden
     */
    public static Bandwidth changed(Optional<Bandwidth> present, Consumer<Builder> bandwidth) {
        Builder builder = present.map(Bandwidth::toBuilder).orElseGet(Builder::new);
        return Checks.filled("bandwidth", bandwidth, builder).build();
    }

    /** Collects the parts of a bandwidth. Each setter checks its value at once; the last value set wins. */
    public static final class Builder {
        private OptionalLong toBackend = OptionalLong.empty();
        private OptionalLong toClient = OptionalLong.empty();
        private Duration burst = Duration.ofMillis(100);

        private Builder() {}

        /**
         * How many bytes a second clients may send. Default: any number.
         *
         * @throws IllegalArgumentException when it is not within 1..1,000,000,000,000
         */
        public Builder toBackend(long bytesPerSecond) {
            toBackend = OptionalLong.of(rate("toBackend", bytesPerSecond));
            return this;
        }

        /**
         * How many bytes a second backends may send. Default: any number.
         *
         * @throws IllegalArgumentException when it is not within 1..1,000,000,000,000
         */
        public Builder toClient(long bytesPerSecond) {
            toClient = OptionalLong.of(rate("toClient", bytesPerSecond));
            return this;
        }

        /**
         * What may pass at once after a silence, as the time in which it would pass at the rate; 16 KiB may in any case.
         * Default: 100 ms.
         *
         * @throws IllegalArgumentException when it is shorter than 10 ms or longer than a minute
         */
        public Builder burst(Duration burst) {
            this.burst = Bandwidth.burst(burst);
            return this;
        }

        /**
         * The bandwidth.
         *
         * @throws IllegalArgumentException when no direction has a limit
         */
        public Bandwidth build() {
            return new Bandwidth(toBackend, toClient, burst);
        }
    }
}
