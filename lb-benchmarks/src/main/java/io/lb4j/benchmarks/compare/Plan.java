package io.lb4j.benchmarks.compare;

import io.lb4j.benchmarks.load.Work;
import java.util.List;

/**
 * What is to be measured, and how long.
 *
 * @param programs who takes part
 * @param tasks what is done
 * @param rounds how often each work is done through each program
 * @param times how long each takes
 */
record Plan(List<Program> programs, Tasks tasks, int rounds, Times times) {
    /**
     * @param works in this order within each round
     * @param traced those of them whose system calls are counted
     * @param loads shares of the slowest proxy's capacity, in percent, at which latency is measured
     * @param idle how many idle connections, ascending; none: that work is not done
     * @param loops whether two loops are compared with one
     */
    record Tasks(List<Work> works, List<Work> traced, List<Integer> loads, List<Integer> idle, boolean loops) {}

    /**
     * @param ramp nanoseconds of traffic before each measurement
     * @param window nanoseconds of each measurement
     * @param warmUps how often each work is done before the first round, each time until compiled code can be expected
     * @param warmUpLongest nanoseconds each of those may take
     * @param tracedLongest nanoseconds a run may take in which system calls are counted
     */
    record Times(long ramp, long window, int warmUps, long warmUpLongest, long tracedLongest) {}
}
