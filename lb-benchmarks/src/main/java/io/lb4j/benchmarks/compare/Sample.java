package io.lb4j.benchmarks.compare;

import io.lb4j.benchmarks.compare.CpuClock.Usage;
import io.lb4j.benchmarks.load.Load.Outcome;
import io.lb4j.benchmarks.load.Work;
import java.util.OptionalLong;

/**
 * One work done once through one program.
 *
 * @param round 1 for the first
 * @param proxy CPU of the proxy within the window; nothing when there is none
 * @param load CPU of clients and backends within the window
 * @param allocated bytes the proxy's event loop allocated in the whole run, where that is known
 */
record Sample(int round, Work work, String program, Outcome outcome, Usage proxy, Usage load, OptionalLong allocated) {
    /** From this share of the window on, the load's core is what limits the rate. */
    private static final double SATURATED = 0.95;

    /** From this share of the window on, other threads had a core for too long. */
    static final double DISTURBED = 0.05;

    Sample {
        if (!program.equals(Direct.NAME) && proxy.ran() <= 0) {
            // It is gone, or something that was not watched did its work.
            outcome = outcome.with("the proxy used no CPU");
        }
    }

    boolean failed() {
        return outcome.failures() > 0;
    }

    /** Units per second. */
    double rate() {
        return outcome.count() / work.countsPerUnit() * 1e9 / outcome.nanos();
    }

    /** The proxy's CPU for one unit, in {@link Work#cpuUnit}. */
    double cpu() {
        return work.cpuPerUnit((double) proxy.ran() / outcome.count());
    }

    /** The share of the window the proxy ran. */
    double proxyBusy() {
        return (double) proxy.ran() / outcome.nanos();
    }

    /** The share of the window the proxy wanted to run and another thread had the core. */
    double proxyWaited() {
        return (double) proxy.waited() / outcome.nanos();
    }

    double loadBusy() {
        return (double) load.ran() / outcome.nanos();
    }

    double loadWaited() {
        return (double) load.waited() / outcome.nanos();
    }

    boolean loadSaturated() {
        return loadBusy() >= SATURATED;
    }

    boolean disturbed() {
        return proxyWaited() >= DISTURBED || loadWaited() >= DISTURBED;
    }

    /** Bytes the event loop allocated for one unit; NaN when not known. */
    double allocatedPerUnit() {
        return allocated.isEmpty()
                ? Double.NaN
                : allocated.getAsLong() * work.countsPerUnit() / Math.max(1, outcome.total());
    }
}
