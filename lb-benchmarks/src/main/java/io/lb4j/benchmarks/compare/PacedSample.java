package io.lb4j.benchmarks.compare;

import io.lb4j.benchmarks.compare.CpuClock.Usage;
import io.lb4j.benchmarks.load.Load.Paced;

/**
 * Requests at a fixed rate, once through one program.
 *
 * @param load the rate as a share of the slowest proxy's capacity, in percent
 * @param rate requests per second
 * @param proxy CPU of the proxy within the window
 * @param own CPU of clients and backends within the window
 */
record PacedSample(int round, int load, double rate, String program, Paced paced, Usage proxy, Usage own) {
    boolean failed() {
        return paced.outcome().failures() > 0;
    }

    double cpuMicros() {
        return proxy.ran() / 1e3 / Math.max(1, paced.outcome().count());
    }

    /** The share of the window in which the proxy, or the load, wanted to run and another thread had the core. */
    double waited() {
        return (double) Math.max(proxy.waited(), own.waited()) / paced.outcome().nanos();
    }

    boolean disturbed() {
        return waited() >= Sample.DISTURBED;
    }
}
