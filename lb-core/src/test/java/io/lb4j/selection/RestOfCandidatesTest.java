package io.lb4j.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A list without some, beside the same list written down. */
class RestOfCandidatesTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void rest_ofAnyList_isTheListOfThoseWhoRemain(int seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 50; round++) {
            int[] weights = random.ints(1 + random.nextInt(12), 1, 6).toArray();
            TestCandidates whole = TestCandidates.weighing(weights);
            int[] missing = IntStream.range(0, weights.length)
                    .filter(i -> random.nextInt(3) == 0)
                    .toArray();
            Candidates rest = ((Candidates) whole).without(missing);
            List<Integer> remaining = IntStream.range(0, weights.length)
                    .filter(i -> IntStream.of(missing).noneMatch(one -> one == i))
                    .boxed()
                    .toList();
            assertThat(rest.stream())
                    .as("seed " + seed)
                    .isEqualTo(rest.stream().toList())
                    .containsExactlyElementsOf(
                            remaining.stream().map(whole::get).toList());
            assertSameLine(
                    rest,
                    TestCandidates.weighing(
                            remaining.stream().mapToInt(i -> weights[i]).toArray()));
        }
    }

    private static void assertSameLine(Candidates rest, Candidates expected) {
        assertThat(rest.size()).isEqualTo(expected.size());
        assertThat(rest.totalWeight()).isEqualTo(expected.totalWeight());
        for (int i = 0; i < rest.size(); i++) {
            assertThat(rest.weight(i)).isEqualTo(expected.weight(i));
            assertThat(rest.weightBefore(i)).isEqualTo(expected.weightBefore(i));
        }
        for (long point = 0; point < rest.totalWeight(); point++) {
            assertThat(rest.indexAt(point)).as("point " + point).isEqualTo(expected.indexAt(point));
        }
        assertThatThrownBy(() -> rest.get(rest.size())).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> rest.indexAt(rest.totalWeight())).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> rest.indexAt(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void without_ofARest_isARestOfTheSameWhole() {
        Candidates whole = TestCandidates.ofEqualWeight(5);
        Candidates rest = whole.without(3).without(1, 3);
        assertThat(rest.whole()).isSameAs(whole);
        assertThat(rest.version()).isZero();
        assertThat(rest.stream()).containsExactly(whole.get(0), whole.get(2), whole.get(4));
        assertThat(IntStream.range(0, 5).filter(rest::isMissing)).containsExactly(1, 3);
    }

    @Test
    void without_nobody_isTheListItself() {
        Candidates whole = TestCandidates.ofEqualWeight(2);
        assertThat(whole.without()).isSameAs(whole);
        assertThat(whole.whole()).isSameAs(whole);
        assertThat(whole.isMissing(0)).isFalse();
    }

    @Test
    void without_oneThatIsNotThere_isRefused() {
        Candidates whole = TestCandidates.ofEqualWeight(2);
        assertThatThrownBy(() -> whole.without(2)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> whole.without(0).without(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    }
}
