package io.lb4j.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RateGateTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /** Where a clock may begin: at its wrap, too. */
    private static final long BEGIN = Long.MAX_VALUE - SECOND / 2;

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 9, 10, 25, 1000, 2000, 999_999, 1_000_000})
    void gate_atAnyRate_letsInItsBurstAndThenOneEachInterval(int rate) {
        RateGate gate = new RateGate(rate, BEGIN);
        int burst = Math.max(1, rate / 10);
        assertThat(gate.burst()).isEqualTo(burst);
        for (int i = 0; i < burst; i++) {
            assertThat(gate.nanosToSlot(BEGIN)).isZero();
            assertThat(gate.tryTake(BEGIN)).as("number %d", i).isTrue();
        }
        long now = BEGIN;
        for (int i = 0; i < 50; i++) {
            assertThat(gate.tryTake(now)).isFalse();
            long wait = gate.nanosToSlot(now);
            assertThat(wait).isEqualTo((SECOND + rate - 1) / rate);
            assertThat(gate.tryTake(now + wait - 1)).isFalse();
            now += wait;
            assertThat(gate.nanosToSlot(now)).isZero();
            assertThat(gate.tryTake(now)).isTrue();
        }
    }

    @Test
    void gate_idleForLong_hasOneBurstAndNoMore() {
        RateGate gate = new RateGate(100, BEGIN);
        assertThat(gate.tryTake(BEGIN)).isTrue();
        long later = BEGIN + 3600 * SECOND;
        int taken = 0;
        while (gate.tryTake(later)) {
            taken++;
        }
        assertThat(taken).isEqualTo(10);
    }

    @Test
    void gate_atAnyTimes_letsInNoMoreThanBurstAndRateTimesTime() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            int rate = 1 + random.nextInt(5000);
            RateGate gate = new RateGate(rate, BEGIN);
            List<Long> taken = new ArrayList<>();
            long now = BEGIN;
            for (int i = 0; i < 400; i++) {
                now += random.nextInt(4) == 0 ? random.nextLong(2 * SECOND / rate) : random.nextInt(1000);
                if (gate.tryTake(now)) {
                    if (random.nextInt(4) == 0) {
                        gate.giveBack();
                    } else {
                        taken.add(now - BEGIN);
                    }
                }
            }
            for (int from = 0; from < taken.size(); from++) {
                for (int to = from; to < taken.size(); to++) {
                    double most = gate.burst() + (double) rate * (taken.get(to) - taken.get(from)) / SECOND;
                    assertThat(to - from + 1).as("seed %d", seed).isLessThanOrEqualTo((int) Math.floor(most + 1e-6));
                }
            }
        }
    }

    @Test
    void slotGivenBack_isForTheNext() {
        RateGate gate = new RateGate(10, BEGIN);
        assertThat(gate.tryTake(BEGIN)).isTrue();
        assertThat(gate.tryTake(BEGIN)).isFalse();
        gate.giveBack();
        assertThat(gate.nanosToSlot(BEGIN)).isZero();
        assertThat(gate.tryTake(BEGIN)).isTrue();
        assertThat(gate.tryTake(BEGIN)).isFalse();
    }

    @Test
    void otherRate_givesNoNewBurst_andWaitsNoLongerThanItsOwn() {
        RateGate fast = new RateGate(1000, BEGIN);
        while (fast.tryTake(BEGIN)) {
            assertThat(fast.burst()).isEqualTo(100);
        }
        assertThat(fast.with(1000, BEGIN)).isSameAs(fast);
        RateGate slow = fast.with(2, BEGIN);
        assertThat(slow.tryTake(BEGIN)).isFalse();
        assertThat(slow.nanosToSlot(BEGIN)).isLessThanOrEqualTo(SECOND / 2);

        RateGate slowest = new RateGate(1, BEGIN);
        assertThat(slowest.tryTake(BEGIN)).isTrue();
        RateGate fastAgain = slowest.with(1000, BEGIN);
        assertThat(fastAgain.tryTake(BEGIN)).isFalse();
        assertThat(fastAgain.nanosToSlot(BEGIN)).isLessThanOrEqualTo(SECOND / 1000);
        assertThat(fastAgain.tryTake(BEGIN + SECOND)).isTrue();
    }

    @Test
    void threads_thatRace_takeNoMoreThanThereIs() throws Exception {
        RateGate gate = new RateGate(100_000, BEGIN);
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<Integer>> taken = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                taken.add(threads.submit(() -> {
                    int mine = 0;
                    for (int step = 0; step < 20_000; step++) {
                        mine += gate.tryTake(BEGIN + step * 1000L) ? 1 : 0;
                    }
                    return mine;
                }));
            }
            int sum = 0;
            for (Future<Integer> one : taken) {
                sum += one.get(20, TimeUnit.SECONDS);
            }
            // Of 20 ms, at one each 10 us; the clocks of the threads are apart, and the last of them ends what there
            // is.
            assertThat(sum).isBetween(10_000, 10_000 + 2_000);
        } finally {
            threads.shutdownNow();
        }
    }
}
