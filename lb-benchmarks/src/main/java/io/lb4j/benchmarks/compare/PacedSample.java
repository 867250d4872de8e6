package io.lb4j.benchmarks.compare;

import io.lb4j.benchmarks.load.Load.Paced;

/**
 * Requests at a fixed rate, once through one program.
 *
 * @param load the rate as a share of the slowest proxy's capacity, in percent
 * @param rate requests per second
 * @param cpuMicros CPU of the proxy for one request
 */
record PacedSample(int round, int load, double rate, String program, Paced paced, double cpuMicros) {
    boolean failed() {
        return paced.outcome().failures() > 0;
    }
}
