package io.lb4j.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What selectors make of lists from which somebody is missing now and then: who gets those turns, and what it costs. */
class MissingCandidatesTest {
    private static final int MANY = 10_000;

    /** Those that need no pass over all. */
    static List<BackendSelector> quickSelectors() {
        return List.of(
                BackendSelector.roundRobin(),
                BackendSelector.roundRobinFromRandomStart(),
                BackendSelector.random(),
                BackendSelector.powerOfTwoChoices(),
                BackendSelector.leastConnectTime(),
                BackendSelector.sticky(),
                BackendSelector.first(),
                BackendSelector.roundRobin().preferring("zone", "a"));
    }

    @ParameterizedTest
    @MethodSource("quickSelectors")
    void select_oneIsMissing_looksAtAFewOnly(BackendSelector selector) {
        CountedCandidates whole = new CountedCandidates(TestCandidates.ofEqualWeight(MANY));
        Candidates rest = whole.without(MANY / 2);
        ClientConnection client = TestCandidates.client(1);
        selector.select(rest, client);
        whole.looks = 0;
        int picks = 100;
        for (int i = 0; i < picks; i++) {
            assertThat(selector.select(rest, client)).isNotSameAs(whole.get(MANY / 2));
        }
        assertThat(whole.looks / picks).isLessThan(20);
    }

    /** At every second pick one is full: an order that counted on over two lists would give one of the others double. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void roundRobin_oneIsFullAtEverySecondPick_theOthersShareItsTurnsEvenly(int weightOfTheFullOne) {
        for (int size = 3; size <= 6; size++) {
            int[] weights = new int[size];
            Arrays.fill(weights, 1);
            weights[1] = weightOfTheFullOne;
            Candidates whole = TestCandidates.weighing(weights);
            int[] counts = counts(BackendSelector.roundRobin(), whole, List.of(whole, whole.without(1)), 1200 * size);
            int[] others = IntStream.range(0, size)
                    .filter(i -> i != 1)
                    .map(i -> counts[i])
                    .sorted()
                    .toArray();
            assertThat(others[others.length - 1] - others[0])
                    .as(Arrays.toString(counts))
                    .isLessThanOrEqualTo(4);
        }
    }

    @Test
    void leastConnections_oneIsFullAtEverySecondPick_thoseThatTieTakeTurns() {
        Candidates whole = TestCandidates.ofEqualWeight(3);
        int[] counts = counts(BackendSelector.leastConnections(), whole, List.of(whole, whole.without(1)), 1200);
        assertThat(counts[0]).isCloseTo(counts[2], within(2));
    }

    @Test
    void roundRobin_oneIsMissing_itsTurnsAreSpreadByWeight() {
        Candidates whole = TestCandidates.weighing(4, 3, 2, 1);
        int[] counts = counts(BackendSelector.roundRobin(), whole, List.of(whole.without(0)), 6000);
        assertThat(counts).satisfies(all -> {
            assertThat(all[0]).isZero();
            assertThat(all[1]).isCloseTo(3000, within(30));
            assertThat(all[2]).isCloseTo(2000, within(30));
            assertThat(all[3]).isCloseTo(1000, within(30));
        });
    }

    @Test
    void sticky_oneIsMissing_isAsIfItHadGone() {
        TestCandidates all = TestCandidates.weighing(1, 2, 3, 1);
        Candidates rest = ((Candidates) all).without(2);
        TestCandidates others = all.without(2);
        BackendSelector selector = BackendSelector.sticky();
        for (int i = 0; i < 2000; i++) {
            assertThat(selector.select(rest, TestCandidates.client(i)))
                    .isSameAs(others.pick(BackendSelector.sticky(), TestCandidates.client(i)));
        }
    }

    /** What each gets of so many picks, when the lists come one after the other. */
    private static int[] counts(BackendSelector selector, Candidates whole, List<Candidates> lists, int picks) {
        Map<Candidate, Integer> indexes = new HashMap<>();
        whole.stream().forEach(one -> indexes.put(one, indexes.size()));
        int[] counts = new int[whole.size()];
        IntStream.range(0, picks).forEach(i -> {
            Candidates list = lists.get(i % lists.size());
            Candidate pick = selector.select(list, TestCandidates.client(i));
            assertThat(list.stream()).contains(pick);
            counts[indexes.get(pick)]++;
        });
        assertThat(Arrays.stream(counts).sum()).isEqualTo(picks);
        return counts;
    }
}
