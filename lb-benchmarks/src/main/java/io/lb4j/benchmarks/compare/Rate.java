package io.lb4j.benchmarks.compare;

import java.util.List;

/**
 * A rate at which latency is measured, the same for all.
 *
 * @param load its share of the slowest proxy's capacity, in percent
 * @param perSecond requests
 */
record Rate(int load, double perSecond) {
    static List<Rate> of(List<Integer> loads, double capacity) {
        return loads.stream().map(load -> new Rate(load, capacity * load / 100)).toList();
    }
}
