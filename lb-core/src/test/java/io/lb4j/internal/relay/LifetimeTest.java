package io.lb4j.internal.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LifetimeTest {
    private static final long BEGAN = Long.MAX_VALUE - Duration.ofMinutes(1).toNanos(); // the clock wraps meanwhile

    /** The random number that means the middle. */
    private final Lifetime lifetime = of(0.5);

    private static Limits limits(long maxLifetime) {
        return new Limits(1, 1, 1, 1, 1, 1, maxLifetime);
    }

    private static Lifetime of(double random) {
        Limits limits = limits(Duration.ofSeconds(100).toNanos());
        return Objects.requireNonNull(Lifetime.of(limits, new Always(random), BEGAN));
    }

    /** A generator that always says this. */
    private record Always(double value) implements java.util.random.RandomGenerator {
        @Override
        public double nextDouble() {
            return value;
        }

        @Override
        public long nextLong() {
            throw new UnsupportedOperationException();
        }
    }

    private static long at(double seconds) {
        return BEGAN + (long) (seconds * 1e9);
    }

    @Test
    void lifetime_withoutALimit_isNone() {
        Limits limits = limits(Limits.FOR_EVER);
        assertThat(Lifetime.of(limits, new SplittableRandom(), BEGAN)).isNull();
    }

    @Test
    void isOver_ofASilentOne_fromItsRandomMomentOn() {
        assertThat(lifetime.lookAt()).isEqualTo(at(100));
        assertThat(lifetime.isOver(at(99), at(0), true, () -> true)).isFalse();
        assertThat(lifetime.isOver(at(100), at(0), true, () -> true)).isTrue();
        assertThat(of(0).lookAt()).isEqualTo(at(90));
        assertThat(of(1).lookAt()).isEqualTo(at(110));
    }

    @Test
    void isOver_thatWaitsForAnAnswer_takesALongerSilence() {
        assertThat(lifetime.isOver(at(100), at(99.8), true, () -> true)).isTrue();
        assertThat(lifetime.isOver(at(100), at(99.8), false, () -> true)).isFalse();
        assertThat(lifetime.lookAt()).isEqualTo(at(100.8));
        assertThat(lifetime.isOver(at(100.8), at(99.8), false, () -> true)).isTrue();
    }

    @Test
    void isOver_whileTheClientHasNotGotItAll_goesOnToTheLatestMoment() {
        assertThat(lifetime.isOver(at(100), at(0), true, () -> false)).isFalse();
        assertThat(lifetime.lookAt()).isEqualTo(at(100.25));
        assertThat(lifetime.isOver(at(100.25), at(0), true, () -> true)).isTrue();
        assertThat(lifetime.isOver(at(110), at(0), true, () -> false)).isTrue();
    }

    @Test
    void isOver_ofOneThatIsNeverSilent_atTheLatestATenthLater() {
        int looks = 0;
        long now = lifetime.lookAt();
        while (!lifetime.isOver(now, now, true, () -> true)) {
            assertThat(lifetime.lookAt() - now).isPositive();
            now = lifetime.lookAt();
            looks++;
        }
        assertThat(now).isEqualTo(at(110));
        assertThat(looks).isEqualTo(40);
    }
}
