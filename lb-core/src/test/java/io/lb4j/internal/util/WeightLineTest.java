package io.lb4j.internal.util;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class WeightLineTest {
    static int[][] weights() {
        return new int[][] {{1}, {7}, {1, 1, 1}, {5, 5}, {1, 2, 3}, {3, 2, 1}, {1, 3, 2, 2}, {1000, 1, 1}};
    }

    @ParameterizedTest
    @MethodSource("weights")
    void indexAt_everyPoint_isOnTheStretchOfItsWeight(int[] weights) {
        WeightLine line = new WeightLine(weights.length, i -> weights[i]);
        assertThat(line.total()).isEqualTo(Arrays.stream(weights).sum());
        int[] expected = IntStream.range(0, weights.length)
                .flatMap(i -> IntStream.range(0, weights[i]).map(any -> i))
                .toArray();
        for (int point = 0; point < expected.length; point++) {
            assertThat(line.indexAt(point)).as("point " + point).isEqualTo(expected[point]);
        }
        for (int i = 0; i < weights.length; i++) {
            assertThat(line.weight(i)).isEqualTo(weights[i]);
        }
        assertThatThrownBy(() -> line.indexAt(line.total())).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> line.indexAt(-1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> line.weight(weights.length)).isInstanceOf(IndexOutOfBoundsException.class);
    }
}
