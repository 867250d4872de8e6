package io.lb4j.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Those that draw lots: random, two choices, least connect time. */
class RandomSelectorsTest {
    private static final int PICKS = 20_000;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void random_anyWeights_isInProportion(int seed) {
        int[] weights = {1, 10, 5, 4};
        int[] counts = TestCandidates.weighing(weights).counts(new RandomSelector(seeded(seed)), PICKS);
        for (int i = 0; i < weights.length; i++) {
            assertThat(counts[i]).as("seed " + seed).isCloseTo(PICKS * weights[i] / 20, within(PICKS / 100));
        }
    }

    @Test
    void twoChoices_oneCandidate_isThatOne() {
        assertThat(TestCandidates.ofEqualWeight(1).picks(BackendSelector.powerOfTwoChoices(), 2))
                .containsExactly("a", "a");
    }

    @Test
    void twoChoices_twoCandidates_areAlwaysCompared() {
        TestCandidates candidates = TestCandidates.ofEqualWeight(2);
        candidates.get(0).active = 1;
        assertThat(candidates.counts(BetterOfTwoSelector.byConnections(seeded(1)), 1000))
                .containsExactly(0, 1000);
    }

    @Test
    void twoChoices_theMostLoaded_isNeverPicked() {
        TestCandidates candidates = TestCandidates.weighing(3, 9, 1, 1);
        candidates.get(1).active = 100;
        assertThat(candidates.counts(BetterOfTwoSelector.byConnections(seeded(2)), 5000)[1])
                .isZero();
    }

    @Test
    void twoChoices_idleAndOfUnequalWeight_heavierOnesAreDrawnMoreOften() {
        int[] counts = TestCandidates.weighing(8, 1, 1).counts(BetterOfTwoSelector.byConnections(seeded(3)), PICKS);
        // The first of the two draws wins a tie, and that is by weight.
        assertThat(counts[0]).isCloseTo(PICKS * 8 / 10, within(PICKS / 100));
        assertThat(counts[1]).isCloseTo(PICKS / 10, within(PICKS / 100));
    }

    /** Mitzenmacher's result: 1000 balls into 1000 bins; the fullest has some 5 or 6 at random, 3 or 4 with two choices. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void twoChoices_manyConnections_theFullestHasFewerThanAtRandom(int seed) {
        int atRandom = fullest(new RandomSelector(seeded(seed)));
        int ofTwo = fullest(BetterOfTwoSelector.byConnections(seeded(seed)));
        assertThat(ofTwo).as("seed " + seed).isLessThan(atRandom).isLessThanOrEqualTo(4);
    }

    private static int fullest(BackendSelector selector) {
        TestCandidates candidates = TestCandidates.ofEqualWeight(1000);
        for (int i = 0; i < 1000; i++) {
            candidates.pick(selector, TestCandidates.client(i)).active++;
        }
        return candidates.stream().mapToInt(Candidate::activeConnections).max().orElseThrow();
    }

    @Test
    void leastConnectTime_nearAndFar_isTheNearOneUntilItHasMoreToDo() {
        TestCandidates candidates = TestCandidates.ofEqualWeight(2);
        BackendSelector selector = BetterOfTwoSelector.byConnectTime(seeded(4));
        candidates.get(0).connectTime = 10_000;
        candidates.get(1).connectTime = 50_000;
        assertThat(candidates.picks(selector, 10)).containsOnly("a");
        candidates.get(0).active = 10;
        assertThat(candidates.picks(selector, 10)).containsOnly("b");
    }

    @Test
    void leastConnectTime_unknown_isTriedByOneConnectionAtATime() {
        TestCandidates candidates = TestCandidates.ofEqualWeight(2);
        BackendSelector selector = BetterOfTwoSelector.byConnectTime(seeded(5));
        candidates.get(0).connectTime = 10_000;
        assertThat(candidates.picks(selector, 10)).containsOnly("b");
        candidates.get(1).active = 1;
        assertThat(candidates.picks(selector, 10)).containsOnly("a");
    }

    @Test
    void leastConnectTime_weights_makeAConnectionCheaper() {
        TestCandidates candidates = TestCandidates.weighing(1, 3);
        candidates.get(0).connectTime = 20_000;
        candidates.get(1).connectTime = 50_000;
        assertThat(candidates.picks(BetterOfTwoSelector.byConnectTime(seeded(6)), 10))
                .containsOnly("b");
    }

    /** A selector draws with replacement nowhere: the two are different, each pair as often as its weights say. */
    @Test
    void twoDraws_threeCandidates_areTwoDifferentOnes() {
        TestCandidates candidates = TestCandidates.weighing(1, 2, 3);
        Random random = new Random(7);
        int[][] pairs = new int[3][3];
        BackendSelector selector = BetterOfTwoSelector.by(() -> random, (all, second, first) -> {
            pairs[first][second]++;
            return true;
        });
        candidates.picks(selector, PICKS);
        for (int i = 0; i < 3; i++) {
            assertThat(pairs[i][i]).isZero();
            assertThat(Arrays.stream(pairs[i]).sum()).isCloseTo(PICKS * (i + 1) / 6, within(PICKS / 100));
        }
        assertThat(pairs[0][1]).isCloseTo(PICKS / 6 * 2 / 5, within(PICKS / 100));
    }

    private static Supplier<RandomGenerator> seeded(long seed) {
        Random random = new Random(seed);
        return () -> random;
    }
}
