package io.lb4j.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class PercentilesTest {
    @Test
    void percentiles_ofAThousandTimes_areThoseThatManyDidNotExceed() {
        Histogram times = new Histogram(10_000, 5);
        for (int i = 1; i <= 1000; i++) {
            times.recordValue(i);
        }
        assertThat(Percentiles.of(times)).isEqualTo(new Percentiles(500, 990, 999, 1000));
    }

    @Test
    void percentiles_ofNothing_areZero() {
        assertThat(Percentiles.of(new Histogram(3))).isEqualTo(new Percentiles(0, 0, 0, 0));
    }
}
