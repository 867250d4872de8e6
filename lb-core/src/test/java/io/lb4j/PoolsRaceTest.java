package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.backend.Backend;
import io.lb4j.testing.Resources;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An id is in one pool of a balancer at a time, whoever comes first. */
class PoolsRaceTest {
    private static final int THREADS = 8;
    private static final int ROUNDS = 300;

    @RegisterExtension
    final Resources resources = new Resources();

    private final LoadBalancer lb = LoadBalancer.builder()
            .listen("127.0.0.1", 0, frontend -> frontend.route(connection -> null))
            .pool("a", pool -> pool.noHealthCheck().backend("127.0.0.1", 1))
            .pool("b", pool -> pool.noHealthCheck().backend("127.0.0.1", 1))
            .start();

    @Test
    void sameId_addedToTwoPoolsByMany_isOneOnesAlone() throws Exception {
        resources.add(lb);
        AtomicInteger[] won = new AtomicInteger[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            won[i] = new AtomicInteger();
        }
        inParallel(thread -> {
            Pool pool = pool(thread);
            for (int i = 0; i < ROUNDS; i++) {
                try {
                    pool.backends().add(Backend.of("127.0.0.1", 2).withId("r" + i));
                    won[i].incrementAndGet();
                } catch (IllegalArgumentException other) {
                    assertThat(other).hasMessageStartingWith("backend id: r" + i + " (expected: one that no backend");
                }
            }
        });
        for (int i = 0; i < ROUNDS; i++) {
            assertThat(won[i]).as("round " + i).hasValue(1);
            String id = "r" + i;
            assertThat(lb.pools().stream().filter(pool -> pool.has(id))).hasSize(1);
        }
    }

    /** By all the ways an id comes and goes. */
    @Test
    void sameId_thatComesAndGoes_isNeverInBoth() throws Exception {
        resources.add(lb);
        Backend contested = Backend.of("127.0.0.1", 2).withId("x");
        Backend own = Backend.of("127.0.0.1", 3);
        inParallel(thread -> {
            Pool mine = pool(thread);
            Pool other = pool(thread + 1);
            for (int i = 0; i < ROUNDS; i++) {
                synchronized (mine) {
                    try {
                        if (thread % 4 < 2) {
                            mine.backends().add(contested);
                        } else {
                            mine.backends().replaceAll(List.of(own, contested));
                        }
                        assertThat(other.has("x")).isFalse();
                    } catch (IllegalArgumentException taken) {
                        assertThat(taken).hasMessageContaining("pool " + other.name() + " has it");
                        continue;
                    }
                    mine.backends().replaceAll(List.of(own));
                }
            }
        });
        lb.pool("a").backends().add(contested);
        assertThat(lb.pool("b").has("x")).isFalse();
    }

    private Pool pool(int thread) {
        return lb.pool(thread % 2 == 0 ? "a" : "b");
    }

    private interface Work {
        void run(int thread) throws Exception;
    }

    private static void inParallel(Work work) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            CyclicBarrier together = new CyclicBarrier(THREADS);
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                int thread = i;
                all.add(threads.submit(() -> {
                    together.await();
                    work.run(thread);
                    return null;
                }));
            }
            for (Future<?> each : all) {
                each.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
