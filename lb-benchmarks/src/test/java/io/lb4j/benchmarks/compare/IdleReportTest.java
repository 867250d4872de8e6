package io.lb4j.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.benchmarks.compare.IdleSample.Held;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class IdleReportTest {
    private static final Held EMPTY = new Held(1_000_000, OptionalLong.of(500_000));

    @Test
    void pair_costsWhatIsMoreThanWithoutAny() {
        IdleReport report = new IdleReport(
                List.of(sample(0, EMPTY), sample(1000, new Held(4_000_000, OptionalLong.of(2_500_000)))));
        assertThat(report.markdown())
                .contains("| lb4j |  | – |  |  |  | 1.50 | 1.50–1.50 |")
                .contains("| lb4j | 3,000 | 3,000–3,000 |  | 2,000 |  | 1.50 | 1.50–1.50 |");
    }

    @Test
    void slope_isWithoutWhatTheFirstConnectionsCost() {
        IdleReport report = new IdleReport(List.of(
                sample(1000, new Held(2_000_000, OptionalLong.of(2_500_000))),
                sample(9000, new Held(18_000_000, OptionalLong.of(10_500_000)))));
        assertThat(report.markdown()).contains(" | 2,000 | 1,111 | 1,000 | 1.50 |");
    }

    @Test
    void heap_ofAProxyThatHasNone_isLeftBlank() {
        IdleSample sample = new IdleSample(
                1,
                "haproxy",
                1000,
                new Held(1_000_000, OptionalLong.empty()),
                new Held(4_000_000, OptionalLong.empty()),
                0,
                1_000_000_000,
                List.of());
        IdleReport report = new IdleReport(List.of(sample));
        assertThat(report.markdown()).contains("| haproxy | 3,000 | 3,000–3,000 |  |  |  | 0.00 | 0.00–0.00 |");
        assertThat(report.csv()).contains("\n1,1000,haproxy,1000000,4000000,,,3000,,0.000,false\n");
    }

    private static IdleSample sample(int pairs, Held with) {
        return new IdleSample(1, "lb4j", pairs, EMPTY, with, 1_500_000, 1_000_000_000, List.of());
    }
}
