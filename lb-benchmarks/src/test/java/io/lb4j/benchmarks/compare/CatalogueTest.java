package io.lb4j.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.benchmarks.load.Work;
import java.util.List;
import org.junit.jupiter.api.Test;

class CatalogueTest {
    /** That one needs proxies that are told to hold streams back. */
    @Test
    void works_byDefault_areAllOfThemButLimited() {
        List<Work> others =
                Work.ALL.stream().filter(work -> !work.key().equals("limited")).toList();
        assertThat(Catalogue.works(Catalogue.WORKS)).containsExactlyElementsOf(others);
        assertThat(Catalogue.works(List.of("limited"))).hasSize(1);
    }

    @Test
    void works_ofAGroup_areThoseWhoseKeysBeginWithIt() {
        assertThat(Catalogue.works(List.of("streams")))
                .extracting(Work::key)
                .containsExactly("streams-1", "streams-8", "streams-64");
    }

    @Test
    void works_ofAWholeKey_areThatOneOnly() {
        assertThat(Catalogue.works(List.of("requests-64"))).containsExactly(Work.BUSY);
    }

    @Test
    void works_thatAreNotClosedLoop_areNoneOfThem() {
        assertThat(Catalogue.works(List.of("latency", "idle", "loops"))).isEmpty();
    }

    @Test
    void works_thatAreTraced_areThoseThatDifferInTheirSystemCalls() {
        assertThat(Catalogue.traced(Work.ALL))
                .extracting(Work::key)
                .containsExactly("requests-1", "requests-64", "short", "streams-1", "streams-8", "streams-64");
    }

    @Test
    void work_unknown_isRefusedWithThoseThatThereAre() {
        assertThatThrownBy(() -> Catalogue.works(List.of("stream")))
                .hasMessageContaining("--only: stream (expected: requests, short, streams, latency");
    }

    @Test
    void mostPairs_ofALimit_leaveSomeToSpare() {
        assertThat(Descriptors.mostPairs(20_000)).isEqualTo(9_500);
        assertThat(Descriptors.mostPairs(1024)).isEqualTo(112);
        assertThat(Descriptors.mostPairs(Long.MAX_VALUE)).isEqualTo(9_500);
        assertThat(Descriptors.mostPairs(100)).isEqualTo(1);
    }
}
