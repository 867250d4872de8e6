package io.lb4j.selection;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.backend.Backend;
import io.lb4j.testing.Allocations;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One selector for the lists of several balancers, whose picks come in turns. */
class SharedSelectorTest {
    private static final int MANY = 10_000;

    static List<BackendSelector> selectors() {
        return MissingCandidatesTest.quickSelectors();
    }

    @ParameterizedTest
    @MethodSource("selectors")
    void select_twoListsInTurns_eachPickLooksAtAFewAndKeepsNothingNew(BackendSelector selector) {
        CountedCandidates one = new CountedCandidates(TestCandidates.ofEqualWeight(MANY));
        CountedCandidates other = new CountedCandidates(TestCandidates.ofEqualWeight(MANY));
        ClientConnection client = TestCandidates.client(1);
        selector.select(one, client);
        selector.select(other, client);
        one.looks = 0;
        int rounds = 100;
        long bytes = Allocations.each(rounds, () -> {
            selector.select(one, client);
            selector.select(other, client);
        });
        assertThat(bytes).isLessThan(1024);
        assertThat(one.looks / (2 * rounds)).isLessThan(20);
    }

    /** More lists than are remembered: whatever is made anew is small. */
    @Test
    void sticky_twentyListsInTurns_makesNoTableOfAllSlotsForAPick() {
        BackendSelector selector = BackendSelector.sticky();
        List<TestCandidates> lists = IntStream.range(0, 20)
                .mapToObj(i -> TestCandidates.ofEqualWeight(3))
                .toList();
        ClientConnection client = TestCandidates.client(1);
        long bytes = Allocations.each(20, () -> lists.forEach(list -> selector.select(list, client)));
        assertThat(bytes / lists.size()).isLessThan(8 * 1024);
    }

    @Test
    void roundRobin_twoListsInTurns_eachHasItsOwnOrder() {
        BackendSelector selector = BackendSelector.roundRobin();
        TestCandidates one = TestCandidates.weighing(5, 1, 1);
        TestCandidates other = TestCandidates.weighing(1, 3);
        List<String> picks = new ArrayList<>();
        List<String> others = new ArrayList<>();
        for (int i = 0; i < 14; i++) {
            picks.addAll(one.picks(selector, 1));
            others.addAll(other.picks(selector, 1));
        }
        assertThat(String.join("", picks)).isEqualTo("aabacaaaabacaa");
        assertThat(String.join("", others)).isEqualTo("babbbabbbabbba");
    }

    @Test
    void roundRobin_oneOfTwoListsChanges_whatIsOwedInItGoesAlong() {
        BackendSelector selector = BackendSelector.roundRobin();
        TestCandidates one = TestCandidates.weighing(3, 1);
        TestCandidates other = TestCandidates.weighing(1, 2);
        one.picks(selector, 2);
        other.picks(selector, 1);
        assertThat(one.nowWeighing(1, 2).picks(selector, 5)).containsExactly("b", "b", "b", "a", "b");
        assertThat(other.picks(selector, 2)).containsExactly("a", "b");
    }

    /** As after a reconfiguration from the one to the other: a part of a list is not that list. */
    @ParameterizedTest
    @MethodSource("selectors")
    void preferring_ofASelectorThatIsAlsoUsedDirectly_choosesOfItsPart(BackendSelector selector) {
        TestCandidates whole =
                TestCandidates.of(List.of(one("a", "x"), one("b", "x"), one("c", "y")), new int[] {1, 2, 3});
        BackendSelector preferring = selector.preferring("rack", "y");
        for (int i = 0; i < 20; i++) {
            assertThat(whole.pick(selector, TestCandidates.client(i)))
                    .isIn(whole.stream().toList());
            assertThat(whole.pick(preferring, TestCandidates.client(i)).id()).isEqualTo("c");
        }
    }

    private static TestCandidates.One one(String id, String rack) {
        return new TestCandidates.One(Backend.of("127.0.0.1", 1).withId(id).withLabel("rack", rack));
    }
}
