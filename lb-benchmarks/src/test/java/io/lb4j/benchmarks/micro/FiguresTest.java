package io.lb4j.benchmarks.micro;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.benchmarks.micro.Figures.Figure;
import java.util.List;
import org.junit.jupiter.api.Test;

class FiguresTest {
    @Test
    void figure_ofABenchmarkWithAGoal_standsBesideItAndTheToy() {
        Figure pick = new Figure("SelectorPick.twoThreads", "candidates=3", 8.25, 0.5, "ns/op", 0);
        assertThat(Figures.markdown(List.of(pick)))
                .contains(
                        "| SelectorPick.twoThreads | candidates=3 | 8.25 ns/op | 0.50 | 0.00 | ≤ 2 × one thread | 37 ns |");
    }

    @Test
    void figure_thatIsNotKnown_isLeftBlank() {
        Figure publish = new Figure("Publication.publish", "backends=3", 1234, Double.NaN, "ns/op", Double.NaN);
        assertThat(Figures.markdown(List.of(publish)))
                .contains("| Publication.publish | backends=3 | 1,234 ns/op |  |  |  |  |");
    }
}
