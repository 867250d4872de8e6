package io.lb4j.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.backend.Backend;
import java.util.List;
import org.junit.jupiter.api.Test;

class PreferringSelectorTest {
    private static final TestCandidates.One A1 = one("a1", "a", "1");
    private static final TestCandidates.One A2 = one("a2", "a", "2");
    private static final TestCandidates.One B1 = one("b1", "b", "1");

    private final TestCandidates all = TestCandidates.of(List.of(B1, A1, A2), new int[] {1, 2, 1});

    @Test
    void select_someCarryTheLabel_areTheOnlyOnes() {
        BackendSelector selector = BackendSelector.roundRobin().preferring("zone", "a");
        assertThat(all.picks(selector, 4)).containsExactly("a1", "a2", "a1", "a1");
    }

    @Test
    void select_noneCarriesTheLabel_isAmongAll() {
        BackendSelector selector = BackendSelector.roundRobin().preferring("zone", "c");
        assertThat(all.picks(selector, 4)).containsExactly("a1", "b1", "a2", "a1");
    }

    @Test
    void select_theyGoAndComeBack_theListIsFollowed() {
        BackendSelector selector = BackendSelector.roundRobin().preferring("zone", "b");
        assertThat(all.picks(selector, 2)).containsOnly("b1");
        assertThat(all.without(0).picks(selector, 2)).containsExactlyInAnyOrder("a1", "a2");
        assertThat(all.picks(selector, 2)).containsOnly("b1");
    }

    @Test
    void select_composed_looksInOneAndThereInTheOther() {
        BackendSelector selector =
                BackendSelector.roundRobin().preferring("rack", "2").preferring("zone", "a");
        assertThat(all.picks(selector, 2)).containsOnly("a2");
        assertThat(all.without(2).picks(selector, 2)).containsOnly("a1");
        assertThat(selector).hasToString("roundRobin.preferring(rack, 2).preferring(zone, a)");
    }

    @Test
    void select_weightsOfThePart_areThoseOfTheWhole() {
        BackendSelector selector = BackendSelector.roundRobin().preferring("zone", "a");
        assertThat(all.picks(selector, 6)).containsExactly("a1", "a2", "a1", "a1", "a2", "a1");
        BackendSelector random = BackendSelector.random().preferring("zone", "b");
        assertThat(all.picks(random, 10)).containsOnly("b1");
    }

    @Test
    void select_listForOnePick_isLookedAtItself() {
        BackendSelector selector = BackendSelector.roundRobin().preferring("zone", "a");
        assertThat(all.forOnePick().picks(selector, 6)).containsOnly("a1", "a2");
        assertThat(all.without(1).forOnePick().picks(selector, 2)).containsOnly("a2");
    }

    @Test
    void preferring_emptyLabel_isRefused() {
        assertThatThrownBy(() -> BackendSelector.first().preferring("", "a"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("label: ");
    }

    private static TestCandidates.One one(String id, String zone, String rack) {
        return new TestCandidates.One(
                Backend.of("127.0.0.1", 1).withId(id).withLabel("zone", zone).withLabel("rack", rack));
    }
}
