package io.lb4j.internal.util;

import java.util.Arrays;
import java.util.Objects;
import java.util.function.IntUnaryOperator;

/** Weights side by side on a line: how long the line is, and whose stretch a point falls on. Immutable. */
public final class WeightLine {
    private final int[] weights;

    /** Where the stretch of each ends. */
    private final long[] ends;

    /** The weight of all, if they are the same; else 0. */
    private final int common;

    /** A line of {@code size} stretches, each 1 or longer. */
    public WeightLine(int size, IntUnaryOperator weight) {
        weights = new int[size];
        ends = new long[size];
        long end = 0;
        boolean same = true;
        for (int i = 0; i < size; i++) {
            int length = weight.applyAsInt(i);
            weights[i] = length;
            end += length;
            ends[i] = end;
            same &= length * (i + 1L) == end;
        }
        common = same && size > 0 ? (int) ends[0] : 0;
    }

    /** Whether all weights are the same. */
    public boolean isEven() {
        return common != 0 || weights.length == 0;
    }

    /** The weight of one. */
    public int weight(int index) {
        return weights[index];
    }

    /** Where the stretch of one begins. */
    public long before(int index) {
        return ends[index] - weights[index];
    }

    /** The sum of all weights. */
    public long total() {
        return ends.length == 0 ? 0 : ends[ends.length - 1];
    }

    /** On whose stretch a point of 0..{@code total() - 1} falls: in constant time when all weights are the same. */
    public int indexAt(long point) {
        Objects.checkIndex(point, total());
        if (common != 0) {
            return (int) (common == 1 ? point : point / common);
        }
        int found = Arrays.binarySearch(ends, point);
        return found < 0 ? -found - 1 : found + 1;
    }
}
