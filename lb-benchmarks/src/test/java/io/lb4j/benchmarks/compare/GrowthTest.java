package io.lb4j.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.benchmarks.compare.CpuClock.Usage;
import io.lb4j.benchmarks.load.Load.Outcome;
import io.lb4j.benchmarks.load.Work;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class GrowthTest {
    @Test
    void growth_isTheRatioOfTheSameProgramsTwoWorks() {
        Samples samples = new Samples(List.of(
                sample(Growth.alone(Work.BUSY), 1000, 10), sample(Growth.among(Work.BUSY, 9000), 500, 12),
                sample(Growth.alone(Work.TLS_BUSY), 1000, 10), sample(Growth.among(Work.TLS_BUSY, 9000), 900, 13),
                sample(Growth.ONE_LOOP, 1000, 10), sample(Growth.TWO_LOOPS, 1800, 11)));
        assertThat(Growth.markdown(samples))
                .contains("requests-64-among-9000 over requests-64-alone\n\n| | CPU × | rate × |\n|---|---:|---:|\n"
                        + "| lb4j | 1.20 | 0.50 |\n")
                .contains("tls-requests-among-9000 over tls-requests-alone\n\n| | CPU × | rate × |\n|---|---:|---:|\n"
                        + "| lb4j | 1.30 | 0.90 |\n")
                .contains("requests-64-2-loops over requests-64-1-loop")
                .contains("| lb4j | 1.10 | 1.80 |\n");
    }

    @Test
    void growth_ofNothingMeasured_isNothing() {
        assertThat(Growth.markdown(new Samples(List.of()))).isEmpty();
    }

    private static Sample sample(Work work, long count, long micros) {
        long second = 1_000_000_000;
        return new Sample(
                1,
                work,
                "lb4j",
                new Outcome(count, second, count, 0, List.of()),
                new Usage(count * micros * 1000, 0),
                new Usage(0, 0),
                OptionalLong.empty());
    }
}
