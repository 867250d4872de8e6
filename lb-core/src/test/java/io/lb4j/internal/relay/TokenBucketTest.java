package io.lb4j.internal.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenBucketTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /** Where a clock may begin: at its wrap, too. */
    private static final long BEGIN = Long.MAX_VALUE - SECOND / 2;

    private static TokenBucket bucket(long rate, long burst) {
        TokenBucket bucket = new TokenBucket(BEGIN);
        bucket.limit(OptionalLong.of(rate), burst, BEGIN);
        return bucket;
    }

    @ParameterizedTest
    @CsvSource({
        "1, 16384",
        "1000, 16384",
        "163840, 16384",
        "163850, 16385",
        "1000000, 100000",
        "1000000000, 100000000",
        "1000000000000, 1000000000"
    })
    void bucket_thatIsFull_givesItsBurstAndNoMore(long rate, int burst) {
        TokenBucket bucket = bucket(rate, SECOND / 10);
        int taken = bucket.take(1_000_000_000, BEGIN);
        assertThat(taken).isBetween(burst - 1, burst);
        assertThat(bucket.isFull(BEGIN)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(longs = {1000, 1_000_000, 1_000_000_000, 1_000_000_000_000L})
    void bucket_thatIsEmpty_givesWhatPassesInTheTime(long rate) {
        TokenBucket bucket = bucket(rate, SECOND / 10);
        int all = Integer.MAX_VALUE;
        while (bucket.take(all, BEGIN) > 0) {
            // A very fast one gives no more than an int at a time.
        }
        assertThat(bucket.take(all, BEGIN + SECOND / 1000)).isBetween((int) (rate / 1000) - 1, (int) (rate / 1000) + 1);
        assertThat(bucket.take(all, BEGIN + SECOND / 1000)).isZero();
    }

    @Test
    void bucket_idleForAnHour_givesOneBurst() {
        TokenBucket bucket = bucket(1_000_000, SECOND / 10);
        bucket.take(5, BEGIN);
        assertThat(bucket.take(1 << 30, BEGIN + 3600 * SECOND)).isEqualTo(100_000);
    }

    @Test
    void whoeverWaits_getsHisTurnBehindTheOthers() {
        TokenBucket bucket = bucket(1_000_000, SECOND / 10);
        assertThat(bucket.take(1 << 30, BEGIN)).isEqualTo(100_000);
        for (int i = 1; i <= 20; i++) {
            assertThat(bucket.reserve(1000, BEGIN)).isEqualTo(BEGIN + i * SECOND / 1000);
        }
        assertThat(bucket.take(1, BEGIN + 20 * SECOND / 1000)).isZero();
        assertThat(bucket.take(5, BEGIN + 20 * SECOND / 1000 + 1000)).isOne();
    }

    @Test
    void whatIsGivenBack_isForOthers() {
        TokenBucket bucket = bucket(1_000_000, SECOND / 10);
        bucket.take(100_000, BEGIN);
        bucket.giveBack(30_000, bucket.era());
        assertThat(bucket.take(1 << 30, BEGIN)).isEqualTo(30_000);
        bucket.giveBack(100_000, bucket.era());
        assertThat(bucket.isFull(BEGIN)).isTrue();
    }

    @Test
    void bucket_withoutALimit_givesEverything() {
        TokenBucket bucket = new TokenBucket(BEGIN);
        assertThat(bucket.isLimited()).isFalse();
        assertThat(bucket.take(1 << 30, BEGIN)).isEqualTo(1 << 30);
        assertThat(bucket.reserve(1 << 30, BEGIN)).isEqualTo(BEGIN);
        bucket.giveBack(1 << 30, bucket.era());
        assertThat(bucket.isFull(BEGIN)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"1000000, 10000000", "1000000000, 1000", "1, 1000000000", "1000000000000, 1", "1000, 1000000000000"})
    void otherRate_keepsTheLevel_andTakesBackWhatWasPromised(long rate, long otherRate) {
        TokenBucket bucket = bucket(rate, SECOND / 10);
        while (bucket.take(1 << 30, BEGIN) > 0) {
            // A very fast one gives no more than an int at a time.
        }
        long era = bucket.era();
        for (int i = 0; i < 1000; i++) {
            bucket.reserve(bucket.share(), BEGIN);
        }
        bucket.limit(OptionalLong.of(otherRate), SECOND / 10, BEGIN);
        assertThat(bucket.era()).isNotEqualTo(era);
        bucket.giveBack(1 << 30, era);
        assertThat(bucket.take(1 << 30, BEGIN)).as("it was empty, and is").isLessThanOrEqualTo(1);
        long share = bucket.share();
        assertThat(bucket.reserve((int) share, BEGIN) - BEGIN)
                .as("the first turn is one share away")
                .isBetween(0L, 2 * ((share * SECOND) / otherRate + 1));
    }

    @Test
    void rateThatIsTakenAway_leavesNothingOfIt() {
        TokenBucket bucket = bucket(1, SECOND / 10);
        bucket.take(1 << 30, BEGIN);
        assertThat(bucket.isFull(BEGIN + 3600 * SECOND)).isFalse();
        bucket.limit(OptionalLong.empty(), 0, BEGIN);
        assertThat(bucket.isFull(BEGIN)).isTrue();
        assertThat(bucket.take(1 << 30, BEGIN)).isEqualTo(1 << 30);
        bucket.limit(OptionalLong.of(1), SECOND / 10, BEGIN);
        assertThat(bucket.take(1 << 30, BEGIN)).isEqualTo(16_384);
    }

    @Test
    void sameRateAgain_changesNothing() {
        TokenBucket bucket = bucket(1_000_000, SECOND / 10);
        bucket.take(60_000, BEGIN);
        long era = bucket.era();
        bucket.limit(OptionalLong.of(1_000_000), SECOND / 10, BEGIN);
        assertThat(bucket.era()).isEqualTo(era);
        assertThat(bucket.take(1 << 30, BEGIN)).isEqualTo(40_000);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 20, 1_000_000, 1_000_000_000, 1_000_000_000_000L})
    void share_isNeverMoreThanABurst(long rate) {
        TokenBucket bucket = bucket(rate, SECOND / 100);
        assertThat(bucket.reserve(bucket.share(), BEGIN)).isEqualTo(BEGIN);
    }

    @Test
    void bucket_atAnyTimes_givesNoMoreThanBurstAndRateTimesTime() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            long rate = 1 + (long) Math.exp(random.nextDouble() * 23);
            long burst = 1 + random.nextInt((int) SECOND);
            TokenBucket bucket = bucket(rate, burst);
            double capacity = Math.max(16 * 1024, rate * (double) burst / SECOND) + 1;
            List<long[]> passed = new ArrayList<>();
            long now = BEGIN;
            for (int i = 0; i < 200; i++) {
                now += random.nextInt(3) == 0 ? random.nextInt((int) SECOND) : random.nextInt(1000);
                take(bucket, random, now, passed);
            }
            for (int from = 0; from < passed.size(); from++) {
                long sum = 0;
                for (int to = from; to < passed.size(); to++) {
                    sum += passed.get(to)[1];
                    double time = passed.get(to)[0] - passed.get(from)[0];
                    assertThat((double) sum).as("seed %d", seed).isLessThanOrEqualTo(capacity + rate * time / SECOND);
                }
            }
        }
    }

    /** A read: some are taken, of which mostly not all are there. */
    private static void take(TokenBucket bucket, Random random, long now, List<long[]> passed) {
        int taken = bucket.take(1 + random.nextInt(512 * 1024), now);
        int read = random.nextBoolean() ? taken : random.nextInt(taken + 1);
        bucket.giveBack(taken - read, bucket.era());
        passed.add(new long[] {now, read});
    }

    @Test
    void bucket_underManyThreads_givesNoMoreThanItHas() throws Exception {
        for (int round = 0; round < 50; round++) {
            TokenBucket bucket = bucket(1_000_000, SECOND);
            ExecutorService threads = Executors.newFixedThreadPool(8);
            try {
                List<Future<Long>> sums = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    sums.add(threads.submit(() -> takeAll(bucket)));
                }
                long sum = 0;
                for (Future<Long> one : sums) {
                    sum += one.get();
                }
                assertThat(sum).isEqualTo(1_000_000);
            } finally {
                threads.shutdownNow();
            }
        }
    }

    private static long takeAll(TokenBucket bucket) {
        long sum = 0;
        for (int taken = bucket.take(777, BEGIN); taken > 0; taken = bucket.take(777, BEGIN)) {
            bucket.giveBack(taken / 2, bucket.era());
            sum += taken - taken / 2;
        }
        return sum;
    }
}
