package io.lb4j.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lb4j.backend.Backend;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StickySelectorTest {
    private static final int CLIENTS = 20_000;

    @Test
    void select_sameClient_isAlwaysTheSameBackend() {
        TestCandidates candidates = TestCandidates.ofEqualWeight(7);
        List<String> picks = candidates.picks(BackendSelector.sticky(), 1000);
        assertThat(candidates.picks(BackendSelector.sticky(), 1000)).isEqualTo(picks);
        assertThat(candidates.forOnePick().picks(BackendSelector.sticky(), 1000))
                .isEqualTo(picks);
    }

    /** Written down once and for all: every JVM that runs this test, on whatever machine, has to find the same. */
    @Test
    void select_knownClients_areWhereTheyAreInEveryJvm() {
        assertThat(String.join("", TestCandidates.ofEqualWeight(5).picks(BackendSelector.sticky(), 40)))
                .isEqualTo("cdcacebcaeceadabcdebbcaddbbebecdcdaededd");
        assertThat(String.join("", TestCandidates.weighing(1, 2, 3, 4).picks(BackendSelector.sticky(), 40)))
                .isEqualTo("cdcacdbcddcbddadcddbbccddbbdddddcdacdddd");
    }

    /** E23: balancers for two ports of the same machines. */
    @Test
    void select_byHost_isTheSameMachineForEveryPort() {
        BackendSelector byHost = BackendSelector.sticky(client -> null, Backend::host);
        List<String> plain = hosts(byHost, 80, 500);
        assertThat(hosts(byHost, 443, 500)).isEqualTo(plain);
        assertThat(plain).contains("10.0.0.0", "10.0.0.1", "10.0.0.2");
        assertThat(hosts(BackendSelector.sticky(), 443, 500))
                .as("ids hold the port")
                .isNotEqualTo(hosts(BackendSelector.sticky(), 80, 500));
        assertThat(hosts(BackendSelector.sticky(client -> null, backend -> null), 80, 500))
                .as("null is the id")
                .isEqualTo(hosts(BackendSelector.sticky(), 80, 500));
        assertThat(hosts(BackendSelector.sticky(client -> null, Backend::host, 100), 443, 500))
                .isEqualTo(plain);
    }

    private static List<String> hosts(BackendSelector selector, int port, int clients) {
        List<TestCandidates.One> all = IntStream.range(0, 3)
                .mapToObj(i -> new TestCandidates.One(Backend.of("10.0.0." + i, port)))
                .toList();
        TestCandidates candidates = TestCandidates.of(all, new int[] {1, 1, 1});
        return candidates.picks(selector, clients).stream()
                .map(id -> id.split(":")[0])
                .toList();
    }

    @Test
    void select_order_doesNotMatter() {
        TestCandidates candidates = TestCandidates.weighing(1, 2, 3);
        TestCandidates turned = TestCandidates.of(
                List.of(candidates.get(2), candidates.get(0), candidates.get(1)), new int[] {3, 1, 2});
        assertThat(turned.picks(BackendSelector.sticky(), 1000))
                .isEqualTo(candidates.picks(BackendSelector.sticky(), 1000));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 10, 50})
    void select_oneGoesOrComes_onlyItsOwnClientsMoveAndTheyMoveEverywhere(int size) {
        TestCandidates all = TestCandidates.ofEqualWeight(size);
        for (int gone = 0; gone < size; gone += Math.max(1, size / 5)) {
            TestCandidates others = all.without(gone);
            BackendSelector selector = BackendSelector.sticky();
            List<String> before = all.picks(selector, CLIENTS);
            List<String> after = others.picks(selector, CLIENTS);
            String id = all.get(gone).id();
            int moved = 0;
            for (int i = 0; i < CLIENTS; i++) {
                if (before.get(i).equals(id)) {
                    moved++;
                } else {
                    assertThat(after.get(i)).isEqualTo(before.get(i));
                }
            }
            assertThat(moved).isLessThanOrEqualTo((int) (1.25 * CLIENTS / size));
            assertThat(all.picks(selector, CLIENTS)).as("it comes back").isEqualTo(before);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void select_anyWeights_isInProportion(int seed) {
        Random random = new Random(seed);
        int[] weights = random.ints(2 + random.nextInt(8), 1, 20).toArray();
        double total = IntStream.of(weights).sum();
        int[] counts = TestCandidates.weighing(weights).counts(BackendSelector.sticky(), CLIENTS);
        for (int i = 0; i < weights.length; i++) {
            double share = weights[i] / total;
            double deviation = Math.sqrt(CLIENTS * share * (1 - share));
            assertThat((double) counts[i])
                    .as("seed %d, weight %d of %.0f", seed, weights[i], total)
                    .isCloseTo(CLIENTS * share, within(6 * deviation));
        }
    }

    @Test
    void select_aWeightGrows_onlyItGainsClients() {
        TestCandidates before = TestCandidates.weighing(1, 1, 1);
        TestCandidates after = before.nowWeighing(1, 2, 1);
        BackendSelector selector = BackendSelector.sticky();
        List<String> picksBefore = before.picks(selector, CLIENTS);
        List<String> picksAfter = after.picks(selector, CLIENTS);
        for (int i = 0; i < CLIENTS; i++) {
            if (!picksAfter.get(i).equals(picksBefore.get(i))) {
                assertThat(picksAfter.get(i)).isEqualTo("b");
            }
        }
    }

    @Test
    void select_keyFunction_decidesAndNullStandsForTheAddress() {
        TestCandidates candidates = TestCandidates.ofEqualWeight(5);
        BackendSelector byNetwork = BackendSelector.sticky(
                client -> client.clientAddress().getAddress().getHostAddress().substring(0, 7));
        assertThat(candidates.picks(byNetwork, 200))
                .containsOnly(candidates.picks(byNetwork, 1).get(0));
        assertThat(candidates.picks(BackendSelector.sticky(client -> null), 200))
                .isEqualTo(candidates.picks(BackendSelector.sticky(), 200));
    }

    @ParameterizedTest
    @ValueSource(doubles = {1.01, 1.25, 2})
    void select_loadBound_isNeverExceededAndIdleBackendsKeepTheirClients(double bound) {
        TestCandidates candidates = TestCandidates.weighing(1, 1, 2, 4);
        // All clients are one: without a bound one backend would get everything.
        BackendSelector selector = BackendSelector.sticky(client -> "one", bound);
        String home = candidates.picks(selector, 1).get(0);
        Random random = new Random(1);
        int open = 0;
        for (int i = 0; i < 3000; i++) {
            TestCandidates.One picked = candidates.pick(selector, TestCandidates.client(i));
            picked.active++;
            open++;
            double most = Math.ceil(bound * open * picked.backendShare(candidates));
            assertThat((double) picked.active).isLessThanOrEqualTo(most);
            TestCandidates.One ends = candidates.get(random.nextInt(4));
            if (i % 3 == 0 && ends.active > 0) {
                ends.active--;
                open--;
            }
        }
        candidates.stream().forEach(one -> ((TestCandidates.One) one).active = 0);
        assertThat(candidates.picks(selector, 1)).containsExactly(home);
    }

    @Test
    void sticky_loadBoundOutOfRange_isRefused() {
        for (double wrong : new double[] {1, 0, -1, 100.1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> BackendSelector.sticky(client -> "", wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("(expected: 1.01..100)");
        }
    }
}
