package io.lb4j.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.testing.Background;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LastOutTest {
    /**
     * Two loops ended at the same time. The first added its figures to the sum and kept that sum; the second added its
     * own and counted itself out; then the first counted itself out, was the last, and reported the sum it had kept,
     * without the figures of the second.
     */
    @Test
    void out_byTwoLoopsAtOnce_givesTheLastOneTheSumOfBoth() throws Exception {
        CyclicBarrier together = new CyclicBarrier(2);
        for (int round = 0; round < 2000; round++) {
            LastOut loops = loops(2);
            CompletableFuture<DrainResult> other = Background.supply(() -> {
                together.await();
                return loops.out(new DrainResult(1, 20));
            });
            together.await();
            DrainResult own = loops.out(new DrainResult(300, 4000));
            List<DrainResult> totals = Stream.of(own, other.get(10, TimeUnit.SECONDS))
                    .filter(total -> total != null)
                    .toList();
            assertThat(totals).containsExactly(new DrainResult(301, 4020));
        }
    }

    @Test
    void out_beforeTheLast_givesNothing() {
        LastOut loops = loops(3);
        assertThat(loops.out(new DrainResult(1, 1))).isNull();
        assertThat(loops.out(new DrainResult(1, 1))).isNull();
        assertThat(loops.out(new DrainResult(1, 1))).isEqualTo(new DrainResult(3, 3));
    }

    private static LastOut loops(int count) {
        LastOut loops = new LastOut();
        for (int i = 0; i < count; i++) {
            loops.in();
        }
        return loops;
    }
}
