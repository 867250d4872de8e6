package io.lb4j.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lb4j.testing.Background;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RoundRobinWeightsTest {
    private final BackendSelector selector = BackendSelector.roundRobin();

    @Test
    void select_fiveOneOne_isTheOrderOfNginxAgainAndAgain() {
        TestCandidates candidates = TestCandidates.weighing(5, 1, 1);
        List<String> order = List.of("a", "a", "b", "a", "c", "a", "a");
        for (int cycle = 0; cycle < 5; cycle++) {
            assertThat(candidates.picks(selector, 7)).as("cycle " + cycle).isEqualTo(order);
        }
    }

    @Test
    void select_equalWeights_isRoundRobin() {
        TestCandidates candidates = TestCandidates.weighing(7, 7, 7);
        assertThat(candidates.picks(selector, 7)).containsExactly("a", "b", "c", "a", "b", "c", "a");
    }

    @Test
    void select_one_isAlwaysThatOne() {
        assertThat(TestCandidates.weighing(1000).picks(selector, 3)).containsExactly("a", "a", "a");
    }

    /** Against the rule written down without any table, over two cycles: the second one comes from the table. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void select_anyWeights_isInProportionAndNeverBursts(int seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 10; round++) {
            int[] weights = random.ints(2 + random.nextInt(49), 1, random.nextBoolean() ? 1001 : 11)
                    .toArray();
            int total = Arrays.stream(weights).sum();
            TestCandidates candidates = TestCandidates.weighing(weights);
            BackendSelector fresh = BackendSelector.roundRobin();
            Rule rule = new Rule(weights);
            int[] counts = new int[weights.length];
            for (int i = 1; i <= 2 * total; i++) {
                int expected = rule.next();
                assertThat(candidates.pick(fresh, TestCandidates.client(0)))
                        .as("seed %d, weights %s, pick %d", seed, Arrays.toString(weights), i)
                        .isSameAs(candidates.get(expected));
                counts[expected]++;
                if (i == total) {
                    assertThat(counts).as("seed " + seed).isEqualTo(weights);
                }
            }
            assertThat((long) rule.longestRun)
                    .as("seed %d, weights %s", seed, Arrays.toString(weights))
                    .isLessThanOrEqualTo(rule.longestAllowedRun());
        }
    }

    @Test
    void select_weightsChange_goesOnFromWhatEachIsOwed() {
        TestCandidates before = TestCandidates.weighing(3, 1);
        // a, then a: a has had its first two of three, b is owed the next but one.
        assertThat(before.picks(selector, 2)).containsExactly("a", "a");
        TestCandidates after = before.nowWeighing(1, 2);
        assertThat(after.picks(selector, 5)).containsExactly("b", "b", "b", "a", "b");
    }

    @Test
    void select_fromARandomStart_isTheSameOrderBegunElsewhere() {
        TestCandidates candidates = TestCandidates.weighing(5, 1, 1);
        Set<String> starts = new TreeSet<>();
        for (int start = 0; start < 7; start++) {
            starts.add(String.join("", candidates.picks(new RoundRobinSelector(start), 7)));
        }
        assertThat(starts).containsExactly("aaaabac", "aaabaca", "aabacaa", "abacaaa", "acaaaab", "bacaaaa", "caaaaba");
        assertThat(candidates.picks(new RoundRobinSelector(-1), 7)).contains("a", "b", "c");
    }

    /** A rotation that began again at every change would give everything to the heaviest. */
    @Test
    void select_weightsChangeAtEveryPick_theProportionsHoldAllTheSame() {
        TestCandidates candidates = TestCandidates.weighing(500, 300, 200);
        int[] counts = new int[3];
        for (int i = 0; i < 10_000; i++) {
            TestCandidates changed = candidates.nowWeighing(500 + i % 2, 300 - i % 2, 200);
            counts[
                    "abc"
                            .indexOf(changed.pick(selector, TestCandidates.client(0))
                                    .id())]++;
        }
        assertThat(counts[0]).isCloseTo(5000, within(10));
        assertThat(counts[1]).isCloseTo(3000, within(10));
        assertThat(counts[2]).isCloseTo(2000, within(10));
    }

    /** What was owed on a scale of thousands must not become thousands of picks in a row on a scale of three. */
    @Test
    void select_weightsShrinkInTheMiddleOfACycle_nobodyGetsABurst() {
        TestCandidates heavy = TestCandidates.weighing(1000, 999, 998);
        for (int position : List.of(0, 1, 2, 500, 1500, 2996, 2997, 4000)) {
            BackendSelector fresh = BackendSelector.roundRobin();
            heavy.picks(fresh, position);
            int[] counts = heavy.nowWeighing(1, 1, 1).counts(fresh, 9);
            // 3 each, and one more or less for what was owed.
            assertThat(Arrays.stream(counts)).as("after " + position).allMatch(count -> count >= 2 && count <= 4);
        }
    }

    @Test
    void select_oneGoesInTheMiddleOfACycle_theOthersShareItsPicksByWeight() {
        TestCandidates all = TestCandidates.weighing(4, 2, 1, 1);
        all.picks(selector, 5);
        int[] counts = all.without(0).counts(selector, 400);
        assertThat(counts[0]).isCloseTo(200, within(2));
        assertThat(counts[1]).isCloseTo(100, within(2));
        assertThat(counts[2]).isCloseTo(100, within(2));
    }

    @Test
    void select_oneComesInTheMiddleOfACycle_getsItsShareAndNotMore() {
        TestCandidates all = TestCandidates.weighing(1, 1, 1, 1);
        TestCandidates three = all.without(3);
        three.picks(selector, 3001);
        assertThat(all.nowWeighing(1, 1, 1, 1).counts(selector, 8)).containsExactly(2, 2, 2, 2);
    }

    /** The order after a change is periodic in the end, and only then is it looked up: the rule holds before and after. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void select_longAfterAChange_isInProportionInEveryCycle(int seed) {
        Random random = new Random(seed);
        TestCandidates candidates =
                TestCandidates.weighing(random.ints(6, 1, 20).toArray());
        candidates.picks(selector, random.nextInt(100));
        int[] weights = random.ints(6, 1, 20).toArray();
        int total = Arrays.stream(weights).sum();
        TestCandidates changed = candidates.nowWeighing(weights);
        changed.picks(selector, 3 * total);
        for (int cycle = 0; cycle < 5; cycle++) {
            assertThat(changed.counts(selector, total))
                    .as("seed %d, %s", seed, Arrays.toString(weights))
                    .isEqualTo(weights);
        }
    }

    @Test
    void select_cycleTooLongForATable_goesByTheRule() {
        int[] weights = IntStream.range(0, 2000).map(i -> 500 + i % 501).toArray();
        TestCandidates candidates = TestCandidates.weighing(weights);
        Rule rule = new Rule(weights);
        for (int i = 0; i < 3000; i++) {
            assertThat(candidates.pick(selector, TestCandidates.client(0))).isSameAs(candidates.get(rule.next()));
        }
    }

    @Test
    void select_listsForOnePick_areInProportionAndDoNotDisturbTheRotation() {
        TestCandidates candidates = TestCandidates.weighing(5, 1, 1);
        candidates.picks(selector, 2);
        int[] counts = candidates.forOnePick().counts(selector, 7000);
        assertThat(counts[0]).isCloseTo(5000, within(15));
        assertThat(counts[1]).isCloseTo(1000, within(15));
        assertThat(counts[2]).isCloseTo(1000, within(15));
        assertThat(candidates.picks(selector, 5)).containsExactly("b", "a", "c", "a", "a");
    }

    /** Two loops: one still has the list from before a change in its hands. */
    @Test
    void select_olderList_isInProportionAndDoesNotBringTheOldWeightsBack() {
        TestCandidates older = TestCandidates.weighing(1, 1);
        TestCandidates newer = older.nowWeighing(3, 1);
        older.picks(selector, 2);
        newer.picks(selector, 1);
        assertThat(older.counts(selector, 100)[0]).isCloseTo(50, within(2));
        assertThat(newer.picks(selector, 3)).containsExactly("a", "b", "a");
    }

    @Test
    void select_eightThreads_exactlyInProportion() {
        TestCandidates candidates = TestCandidates.weighing(5, 3, 2);
        List<CompletableFuture<int[]>> running = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            running.add(Background.supply(() -> candidates.counts(selector, 10_000)));
        }
        int[] sum = new int[3];
        for (CompletableFuture<int[]> thread : running) {
            int[] counts = thread.join();
            for (int i = 0; i < 3; i++) {
                sum[i] += counts[i];
            }
        }
        assertThat(sum).containsExactly(40_000, 24_000, 16_000);
    }

    /** The rule itself, one pick at a time. */
    private static final class Rule {
        private final int[] weights;
        private final long[] owed;
        private final long total;
        private int last = -1;
        private int run;
        int longestRun;

        Rule(int[] weights) {
            this.weights = weights;
            owed = new long[weights.length];
            total = Arrays.stream(weights).sum();
        }

        int next() {
            int best = 0;
            for (int i = 0; i < weights.length; i++) {
                owed[i] += weights[i];
                best = owed[i] > owed[best] ? i : best;
            }
            owed[best] -= total;
            run = best == last ? run + 1 : 1;
            last = best;
            longestRun = Math.max(longestRun, run);
            return best;
        }

        /**
         * Whoever is never owed more than one whole pick, nor less than none, falls behind the others by total - weight
         * at each of its own picks, and can have at most 2 x total of that.
         */
        long longestAllowedRun() {
            int heaviest = Arrays.stream(weights).max().orElseThrow();
            return total == heaviest ? Long.MAX_VALUE : 2 * total / (total - heaviest) + 1;
        }
    }
}
