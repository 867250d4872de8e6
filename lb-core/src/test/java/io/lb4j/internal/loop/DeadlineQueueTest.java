package io.lb4j.internal.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeadlineQueueTest {
    private final DeadlineQueue queue = new DeadlineQueue();
    private final List<Recorded> called = new ArrayList<>();

    @Test
    void empty_hasNoNext() {
        assertThat(queue.nanosToNext(5)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void expire_callsWhatIsDue_andNothingElse() {
        Recorded due = schedule(10);
        Recorded later = schedule(11);

        queue.expire(10);

        assertThat(called).containsExactly(due);
        assertThat(queue.nanosToNext(10)).isEqualTo(1);
        assertThat(later.heapIndex).isZero();
    }

    @Test
    void scheduleBy_later_keepsTheEarlierTime() {
        Recorded deadline = schedule(10);
        queue.scheduleBy(deadline, 20);
        assertThat(queue.nanosToNext(0)).isEqualTo(10);
    }

    @Test
    void scheduleBy_earlier_movesItForward() {
        schedule(5);
        Recorded deadline = schedule(10);
        queue.scheduleBy(deadline, 1);
        queue.expire(1);
        assertThat(called).containsExactly(deadline);
    }

    @Test
    void cancelled_isNeverCalled() {
        Recorded deadline = schedule(10);
        queue.cancel(deadline);
        queue.cancel(deadline);
        queue.expire(100);
        assertThat(called).isEmpty();
        assertThat(queue.size()).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, Long.MAX_VALUE - 500, Long.MIN_VALUE})
    void randomSchedule_isCalledInOrder_alsoWhereTheClockWraps(long origin) { // E18
        for (long seed = 0; seed < 50; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            List<Recorded> expected = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                Recorded deadline = schedule(origin + random.nextInt(1000));
                if (random.nextInt(4) == 0) {
                    queue.cancel(deadline);
                } else {
                    queue.scheduleBy(deadline, origin + random.nextInt(1000));
                    expected.add(deadline);
                }
            }
            expected.sort(Comparator.comparingLong(deadline -> deadline.at - origin));
            for (long now = origin; now - origin < 1007; now += 7) {
                queue.expire(now);
            }
            assertThat(called).as("seed %d", seed).hasSameSizeAs(expected).containsAll(expected);
            assertThat(called).as("seed %d", seed).isSortedAccordingTo(Comparator.comparingLong(d -> d.at - origin));
            called.clear();
        }
    }

    private Recorded schedule(long at) {
        Recorded deadline = new Recorded();
        queue.scheduleBy(deadline, at);
        return deadline;
    }

    private final class Recorded extends Deadline {
        @Override
        public void expired(long now) {
            called.add(this);
        }
    }
}
