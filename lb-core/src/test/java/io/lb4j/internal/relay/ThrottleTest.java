package io.lb4j.internal.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ThrottleTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long BEGIN = Long.MAX_VALUE - SECOND / 2;

    private final TokenBucket own = bucket(1_000_000);
    private final TokenBucket shared = bucket(400_000);
    private final Throttle throttle = Throttle.of(List.of(own, shared));

    /** Of a tenth of a second. */
    private static TokenBucket bucket(long rate) {
        TokenBucket bucket = new TokenBucket(BEGIN);
        bucket.limit(OptionalLong.of(rate), SECOND / 10, BEGIN);
        return bucket;
    }

    @Test
    void throttle_ofBucketsWithoutALimit_isNone() {
        assertThat(Throttle.of(List.of())).isNull();
        assertThat(Throttle.of(List.of(new TokenBucket(BEGIN)))).isNull();
    }

    @Test
    void grant_isWhatAllOfItsBucketsHave() {
        assertThat(throttle.grant(1 << 20, BEGIN)).isEqualTo(40_000);
        throttle.used(40_000);
        assertThat(own.take(1 << 20, BEGIN)).isEqualTo(60_000);
        assertThat(shared.take(1 << 20, BEGIN)).isZero();
    }

    @Test
    void whatIsNotRead_isGivenBackToAll() {
        for (int i = 0; i < 2000; i++) {
            assertThat(throttle.grant(1 << 20, BEGIN)).as("read %d", i).isEqualTo(40_000 - 10 * i);
            throttle.used(10);
        }
        assertThat(own.take(1 << 20, BEGIN)).isEqualTo(80_000);
        assertThat(shared.take(1 << 20, BEGIN)).isEqualTo(20_000);
    }

    @Test
    void lessThanAShare_isWaitedFor() {
        throttle.grant(1 << 20, BEGIN);
        throttle.used(20_010);
        assertThat(throttle.grant(1 << 20, BEGIN)).isZero();
        throttle.used(0);
        assertThat(shared.take(1 << 20, BEGIN)).isEqualTo(19_990);
    }

    @Test
    void whoeverMustWait_hasATime_atWhichAShareIsDue() {
        throttle.grant(1 << 20, BEGIN);
        throttle.used(40_000);
        assertThat(throttle.grant(1 << 20, BEGIN)).isZero();
        long share = 400_000 / 20;
        assertThat(throttle.lookAt()).isEqualTo(BEGIN + share * SECOND / 400_000);
        assertThat(throttle.grant(1 << 20, throttle.lookAt() - 1)).isZero();
        assertThat(throttle.grant(1 << 20, throttle.lookAt())).isEqualTo((int) share);
    }

    @Test
    void whoeverIsLate_getsWhatHasComeMeanwhile() {
        throttle.grant(1 << 20, BEGIN);
        throttle.used(40_000);
        throttle.grant(1 << 20, BEGIN);
        assertThat(throttle.grant(1 << 20, BEGIN + SECOND / 10)).isEqualTo(40_000);
    }

    @Test
    void thoseThatShare_takeTurns() {
        Throttle other = Throttle.of(List.of(shared));
        throttle.grant(1 << 20, BEGIN);
        throttle.used(40_000);
        assertThat(throttle.grant(1 << 20, BEGIN)).isZero();
        assertThat(other.grant(1 << 20, BEGIN)).isZero();
        assertThat(other.lookAt()).isEqualTo(throttle.lookAt() + SECOND / 20);
        throttle.used(0);
        Throttle third = Throttle.of(List.of(shared));
        assertThat(third.isGranted(1 << 20, BEGIN)).isFalse();
        assertThat(third.lookAt()).as("what was given back").isEqualTo(other.lookAt());
    }

    @Test
    void whoHasLittleToSay_takesLittle_soThatTheTurnsOfOthersComeSoon() {
        throttle.grant(1 << 20, BEGIN);
        throttle.used(40_000);
        for (int i = 0; i < 100; i++) {
            assertThat(Throttle.of(List.of(shared)).grant(512, BEGIN)).isZero();
        }
        Throttle last = Throttle.of(List.of(shared));
        assertThat(last.grant(512, BEGIN)).isZero();
        assertThat(last.lookAt()).isEqualTo(BEGIN + 101 * 512 * SECOND / 400_000);
    }

    @Test
    void whoeverWaits_hasTheNewRate_whenHeLooksAgain() {
        TokenBucket slow = bucket(1);
        Throttle waiting = Throttle.of(List.of(slow));
        assertThat(waiting.grant(1 << 20, BEGIN)).isEqualTo(16_384);
        waiting.used(16_384);
        assertThat(waiting.grant(1 << 20, BEGIN)).isZero();
        assertThat(waiting.grant(1 << 20, BEGIN + SECOND / 2)).isZero();
        assertThat(waiting.lookAt()).isLessThanOrEqualTo(BEGIN + 3 * SECOND / 2);
        slow.limit(OptionalLong.of(1_000_000_000), SECOND / 10, BEGIN + SECOND / 2);
        assertThat(waiting.grant(1 << 20, BEGIN + 3 * SECOND / 2)).isEqualTo(1 << 20);
    }
}
