package io.lb4j.examples.demo;

import io.lb4j.PoolSetup;
import io.lb4j.health.HealthCheckPolicy;
import io.lb4j.selection.BackendSelector;
import java.time.Duration;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** The flags that hold for every pool. */
final class PoolFlags {
    @Option(
            names = "--selector",
            paramLabel = "NAME",
            defaultValue = Selectors.DEFAULT,
            completionCandidates = Selectors.Names.class,
            description =
                    "How the backend of a connection is chosen: ${COMPLETION-CANDIDATES}. This and all flags from here to"
                            + " --no-health-checks hold for every pool. Default: ${DEFAULT-VALUE}")
    private Supplier<BackendSelector> selector;

    @Option(
            names = "--slow-start",
            paramLabel = "DURATION",
            description = "How long a backend that came up again warms up, from a tenth of its share to all of it."
                    + " Default: not at all")
    private Duration slowStart;

    @Option(
            names = "--queue",
            paramLabel = "N,TIMEOUT",
            description =
                    "How many connections may wait while every backend has as many as it may (max-connections), and"
                            + " how long, as in 1000,5s; one of the two may be left out. Default: any number, as long as"
                            + " --connect-timeout")
    private WaitingLine queue;

    @Option(names = "--no-queue", description = "Refuse connections while every backend has as many as it may.")
    private boolean noQueue;

    @Option(
            names = "--health-interval",
            paramLabel = "DURATION",
            defaultValue = "30s",
            description = "From one health check of a backend to the next. Default: ${DEFAULT-VALUE}")
    private Duration healthInterval;

    @Option(
            names = "--health-timeout",
            paramLabel = "DURATION",
            defaultValue = "5s",
            description = "When a running health check counts as failed. Default: ${DEFAULT-VALUE}")
    private Duration healthTimeout;

    @Option(names = "--no-health-checks", description = "Take every backend for healthy.")
    private boolean noHealthChecks;

    void apply(PoolSetup<?> pool, Flags flags) {
        // Each pool has a selector of its own: that one may remember whose turn it is.
        flags.set("--selector", selector.get(), pool::selector);
        flags.set("--slow-start", slowStart, pool::slowStart);
        flags.set("--queue", queue, line -> pool.queue(line::apply));
        if (noQueue) {
            flags.refuseWith("--no-queue", "--queue");
            pool.noQueue();
        }
        applyHealthCheck(pool, flags);
    }

    private void applyHealthCheck(PoolSetup<?> pool, Flags flags) {
        HealthCheckPolicy.Builder healthCheck = HealthCheckPolicy.builder();
        flags.set("--health-interval", healthInterval, healthCheck::interval);
        flags.set("--health-timeout", healthTimeout, healthCheck::timeout);
        if (!noHealthChecks) {
            pool.healthCheck(healthCheck.build());
            return;
        }
        flags.refuseWith("--no-health-checks", "--health-interval", "--health-timeout");
        pool.noHealthCheck();
    }
}
