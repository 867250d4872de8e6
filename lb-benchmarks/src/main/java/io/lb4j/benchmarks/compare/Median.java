package io.lb4j.benchmarks.compare;

import java.util.Arrays;
import java.util.stream.DoubleStream;

/** The middle of some figures, and their ends. NaN when there are none. */
record Median(double middle, double least, double most) {
    static Median of(DoubleStream figures) {
        double[] sorted = figures.filter(figure -> !Double.isNaN(figure)).toArray();
        Arrays.sort(sorted);
        int size = sorted.length;
        if (size == 0) {
            return new Median(Double.NaN, Double.NaN, Double.NaN);
        }
        return new Median((sorted[(size - 1) / 2] + sorted[size / 2]) / 2, sorted[0], sorted[size - 1]);
    }
}
