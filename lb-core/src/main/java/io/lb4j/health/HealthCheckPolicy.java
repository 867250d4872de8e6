package io.lb4j.health;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.Checks;
import java.time.Duration;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * When backends are checked, and when a result counts.
 *
 * <p>All backends are checked at once when the balancer starts, side by side, and then each one an interval after its
 * last check began; the first time after a part of the interval, so that from then on the checks of all are spread over
 * it, and what they share for a moment does not decide for all of them. Until its first check has ended a backend is UP,
 * unless {@link Builder#initiallyDown} or {@link Builder#awaitFirstChecks} says otherwise.
 *
 * <p>While no backend is healthy, each is checked at least once a second, whatever the intervals. A check that fails
 * while this process is kept from running (stopped, swapped out, in a long collection) is made once more before it
 * counts; one that times out then has its time once more.
 *
 * @param checker how a backend is checked. Default: {@link HealthChecker#tcpConnect()}
 * @param interval time from the begin of one check to the begin of the next, to a fiftieth: checks that are due at
 *     about the same time are made together. Default: 30 s
 * @param timeout when a running check counts as failed. One that is above the interval and a second works, and a warning
 *     says that it delays what the interval promises. Default: 5 s, or the interval if that is shorter, but at least 1 s
 * @param healthyAfter passed checks in a row that bring a DOWN backend UP, 1..100. Default: 1
 * @param unhealthyAfter failed checks in a row that bring an UP backend DOWN, 1..100. Default: 2
 * @param intervalWhileDown the interval for backends that are DOWN. Default: empty, 2 s or the interval if shorter
 * @param intervalInTransition the interval while some checks in a row say otherwise than the status, but not enough of
 *     them yet. Default: empty, 1 s or the interval if that is shorter
 * @param jitterPercent by how much of itself each interval is longer or shorter, at random, so that balancers that
 *     started together drift apart, 0..50. Default: 5
 * @param initiallyDown whether backends are DOWN until a check passes. Default: false
 * @param awaitFirstChecks how long {@code start()} waits for all first checks, backends DOWN. Default: empty, not at all
 * @param address where a backend is checked. Default: where it is
 * @param concurrency checks of one pool that run side by side, those that hang included, 1..10,000. Default: 64
 */
public record HealthCheckPolicy(
        HealthChecker checker,
        Duration interval,
        Duration timeout,
        int healthyAfter,
        int unhealthyAfter,
        Optional<Duration> intervalWhileDown,
        Optional<Duration> intervalInTransition,
        int jitterPercent,
        boolean initiallyDown,
        Optional<Duration> awaitFirstChecks,
        UnaryOperator<Backend> address,
        int concurrency) {

    /**
     * A policy of these parts; {@link #builder()} is easier to read.
     *
     * @throws IllegalArgumentException when a duration is not longer than zero or a number out of its range
     */
    public HealthCheckPolicy {
        Checks.notNull("checker", checker);
        Checks.positive("health check interval", interval);
        Checks.positive("health check timeout", timeout);
        Checks.range("healthyAfter", healthyAfter, 1, 100);
        Checks.range("unhealthyAfter", unhealthyAfter, 1, 100);
        intervalWhileDown.ifPresent(value -> Checks.positive("intervalWhileDown", value));
        intervalInTransition.ifPresent(value -> Checks.positive("intervalInTransition", value));
        Checks.range("jitterPercent", jitterPercent, 0, 50);
        awaitFirstChecks.ifPresent(value -> Checks.positive("awaitFirstChecks", value));
        Checks.notNull("address", address);
        Checks.range("concurrency", concurrency, 1, 10_000);
    }

    /** A builder that holds the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * A builder that holds values for quick detection: an interval and a timeout of 2 s, DOWN after 3 failed checks, UP
     * after 2 passed ones. They are HAProxy's defaults ({@code inter}, {@code fall}, {@code rise}).
     */
    public static Builder fast() {
        return new Builder()
                .interval(Duration.ofSeconds(2))
                .timeout(Duration.ofSeconds(2))
                .unhealthyAfter(3)
                .healthyAfter(2);
    }

    /** Collects the parts of a policy. Each setter checks its value at once; the last value set wins. */
    public static final class Builder {
        private static final Duration SHORTEST_DEFAULT_TIMEOUT = Duration.ofSeconds(1);
        private static final Duration LONGEST_DEFAULT_TIMEOUT = Duration.ofSeconds(5);

        private HealthChecker checker = HealthChecker.tcpConnect();
        private Duration interval = Duration.ofSeconds(30);
        private Optional<Duration> timeout = Optional.empty();
        private int healthyAfter = 1;
        private int unhealthyAfter = 2;
        private Optional<Duration> intervalWhileDown = Optional.empty();
        private Optional<Duration> intervalInTransition = Optional.empty();
        private int jitterPercent = 5;
        private boolean initiallyDown;
        private Optional<Duration> awaitFirstChecks = Optional.empty();
        private UnaryOperator<Backend> address = UnaryOperator.identity();
        private int concurrency = 64;

        private Builder() {}

        /** How a backend is checked. Default: {@link HealthChecker#tcpConnect()}. */
        public Builder checker(HealthChecker checker) {
            this.checker = Checks.notNull("checker", checker);
            return this;
        }

        /**
         * Time from the begin of one check to the begin of the next. Default: 30 s.
         *
         * @throws IllegalArgumentException when it is not longer than zero
         */
        public Builder interval(Duration interval) {
            this.interval = Checks.positive("health check interval", interval);
            return this;
        }

        /**
         * When a running check counts as failed. Default: 5 s, or the interval if that is shorter, but at least 1 s.
         *
         * @throws IllegalArgumentException when it is not longer than zero
         */
        public Builder timeout(Duration timeout) {
            this.timeout = Optional.of(Checks.positive("health check timeout", timeout));
            return this;
        }

        /**
         * Passed checks in a row that bring a DOWN backend UP. Default: 1.
         *
         * @throws IllegalArgumentException when it is not within 1..100
         */
        public Builder healthyAfter(int checks) {
            this.healthyAfter = Checks.range("healthyAfter", checks, 1, 100);
            return this;
        }

        /**
         * Failed checks in a row that bring an UP backend DOWN. Default: 2.
         *
         * @throws IllegalArgumentException when it is not within 1..100
         */
        public Builder unhealthyAfter(int checks) {
            this.unhealthyAfter = Checks.range("unhealthyAfter", checks, 1, 100);
            return this;
        }

        /**
         * The interval for backends that are DOWN. Default: 2 s, or the {@link #interval} if that is shorter.
         *
         * @throws IllegalArgumentException when it is not longer than zero
         */
        public Builder intervalWhileDown(Duration interval) {
            this.intervalWhileDown = Optional.of(Checks.positive("intervalWhileDown", interval));
            return this;
        }

        /**
         * The interval while some checks in a row say otherwise than the status, but not enough of them yet: makes a
         * verdict of several checks come sooner. Default: 1 s, or the {@link #interval} if that is shorter.
         *
         * @throws IllegalArgumentException when it is not longer than zero
         */
        public Builder intervalInTransition(Duration interval) {
            this.intervalInTransition = Optional.of(Checks.positive("intervalInTransition", interval));
            return this;
        }

        /**
         * By how much of itself each interval is longer or shorter, at random. Default: 5.
         *
         * @throws IllegalArgumentException when it is not within 0..50
         */
        public Builder jitterPercent(int percent) {
            this.jitterPercent = Checks.range("jitterPercent", percent, 0, 50);
            return this;
        }

        /**
         * Backends are DOWN until a check passes: one, whatever {@link #healthyAfter} says. Default: those that there are
         * at the start are UP; those that are added later are DOWN too, but tried while no other one can be chosen.
         */
        public Builder initiallyDown() {
            this.initiallyDown = true;
            return this;
        }

        /**
         * {@code start()} checks all backends before it accepts the first connection, and returns when the last first
         * check has ended, or after this time. Backends are {@linkplain #initiallyDown() initially DOWN}.
         *
         * @throws IllegalArgumentException when it is not longer than zero
         */
        public Builder awaitFirstChecks(Duration atMost) {
            this.awaitFirstChecks = Optional.of(Checks.positive("awaitFirstChecks", atMost));
            return initiallyDown();
        }

        /**
         * Where a backend is checked, if not where it is: the checker is handed what this makes of the backend. For a
         * management port: {@code address(backend -> Backend.of(backend.host(), 8081))}. Called before each check, on
         * the thread of the check; what it throws is a failed check. Default: the backend itself.
         */
        public Builder address(UnaryOperator<Backend> address) {
            this.address = Checks.notNull("address", address);
            return this;
        }

        /**
         * Checks of one pool that run side by side; further ones wait. It never has more threads than this, and pools of
         * one balancer together as many as the sum, so that none takes those of another. What becomes of these where
         * checks do not return, {@link io.lb4j.health} says. Default: 64.
         *
         * @throws IllegalArgumentException when it is not within 1..10,000
         */
        public Builder concurrency(int checks) {
            this.concurrency = Checks.range("concurrency", checks, 1, 10_000);
            return this;
        }

        /** One second is not too long for any interval: a machine that is busy must not make backends look dead. */
        private Duration timeoutThatFits() {
            Duration atLeast = interval.compareTo(SHORTEST_DEFAULT_TIMEOUT) < 0 ? SHORTEST_DEFAULT_TIMEOUT : interval;
            return atLeast.compareTo(LONGEST_DEFAULT_TIMEOUT) < 0 ? atLeast : LONGEST_DEFAULT_TIMEOUT;
        }

        /** The policy. */
        public HealthCheckPolicy build() {
            return new HealthCheckPolicy(
                    checker,
                    interval,
                    timeout.orElseGet(this::timeoutThatFits),
                    healthyAfter,
                    unhealthyAfter,
                    intervalWhileDown,
                    intervalInTransition,
                    jitterPercent,
                    initiallyDown,
                    awaitFirstChecks,
                    address,
                    concurrency);
        }
    }
}
