package io.lb4j.selection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LeastConnectionsSelectorTest {
    private final BackendSelector selector = BackendSelector.leastConnections();

    @Test
    void select_unequalLoads_isTheLeastLoaded() {
        TestCandidates candidates = TestCandidates.weighing(1, 1, 1);
        load(candidates, 3, 2, 4);
        assertThat(candidates.picks(selector, 3)).containsExactly("b", "b", "b");
    }

    @Test
    void select_weights_countConnectionsByWeight() {
        TestCandidates candidates = TestCandidates.weighing(4, 1);
        load(candidates, 7, 2);
        assertThat(candidates.picks(selector, 1)).containsExactly("a");
        load(candidates, 9, 2);
        assertThat(candidates.picks(selector, 1)).containsExactly("b");
    }

    @Test
    void select_allTie_takeTurns() {
        assertThat(TestCandidates.ofEqualWeight(3).picks(selector, 6)).containsExactly("a", "b", "c", "a", "b", "c");
    }

    /** Turns that were counted over all would give b the turns of a, which does not tie. */
    @Test
    void select_someTie_takeTurnsEvenlyAmongThemselves() {
        TestCandidates candidates = TestCandidates.ofEqualWeight(5);
        load(candidates, 9, 1, 9, 1, 1);
        assertThat(candidates.counts(selector, 300)).containsExactly(0, 100, 0, 100, 100);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void select_connectionsComeAndGo_isAlwaysAMinimumAndTheLoadStaysEven(int seed) {
        Random random = new Random(seed);
        int[] weights = random.ints(2 + random.nextInt(20), 1, 6).toArray();
        TestCandidates candidates = TestCandidates.weighing(weights);
        for (int i = 0; i < 5000; i++) {
            TestCandidates.One picked = candidates.pick(selector, TestCandidates.client(i));
            double load = loadOf(candidates, picked);
            assertThat(candidates.stream().mapToDouble(one -> loadOf(candidates, one)))
                    .as("seed %d, weights %s", seed, Arrays.toString(weights))
                    .allMatch(other -> other >= load);
            picked.active++;
            TestCandidates.One ends = candidates.get(random.nextInt(candidates.size()));
            ends.active = Math.max(0, ends.active - random.nextInt(2));
        }
    }

    @Test
    void select_fewerCandidatesThanBefore_goesOn() {
        TestCandidates candidates = TestCandidates.ofEqualWeight(3);
        candidates.picks(selector, 3);
        assertThat(candidates.without(2).without(1).picks(selector, 2)).containsExactly("a", "a");
    }

    private static double loadOf(TestCandidates candidates, Candidate one) {
        for (int i = 0; i < candidates.size(); i++) {
            if (candidates.get(i) == one) {
                return (double) one.activeConnections() / candidates.weight(i);
            }
        }
        throw new AssertionError(one);
    }

    private static void load(TestCandidates candidates, int... active) {
        for (int i = 0; i < active.length; i++) {
            candidates.get(i).active = active[i];
        }
    }
}
