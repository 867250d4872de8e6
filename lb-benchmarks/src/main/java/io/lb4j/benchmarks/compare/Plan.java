package io.lb4j.benchmarks.compare;

import io.lb4j.benchmarks.load.Work;
import java.util.List;

/**
 * What is to be measured, and how long.
 *
 * @param programs who takes part
 * @param works in this order within each round
 * @param rounds how often each work is done through each program
 * @param ramp nanoseconds of traffic before each measurement
 * @param window nanoseconds of each measurement
 * @param warmUps how often each work is done before the first round, each time until compiled code can be expected
 * @param warmUpLongest nanoseconds each of those may take
 */
record Plan(
        List<Program> programs, List<Work> works, int rounds, long ramp, long window, int warmUps, long warmUpLongest) {
    int runs(int running) {
        return running * works.size() * rounds;
    }
}
