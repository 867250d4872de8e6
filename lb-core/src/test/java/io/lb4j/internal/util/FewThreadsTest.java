package io.lb4j.internal.util;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.testing.ManualClock;
import io.lb4j.testing.ManualControl;
import io.lb4j.testing.SteppedExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Threads that run when the test says so: how many are sent, and when results come back. */
class FewThreadsTest {
    private static final Duration STEP = Duration.ofMillis(2);

    private final ManualControl control = new ManualControl(ManualClock.create());
    private final Threads threads = new Threads();
    private final FewThreads checks = new FewThreads(threads, control, log());
    private final List<String> made = new ArrayList<>();
    private final List<String> results = new ArrayList<>();

    @BeforeEach
    void limitThreads() {
        checks.grow(16);
    }

    @Test
    void checks_thatAreQuick_areMadeByOneThreadAndComeBackTogether() {
        for (int i = 0; i < 20; i++) {
            begin("c" + i);
        }
        assertThat(threads.sent).hasSize(1);
        threads.run(0);
        assertThat(made).hasSize(20);
        assertThat(results).hasSize(20);
    }

    @Test
    void checks_thatWait_areSentMoreAndMoreThreads() {
        for (int i = 0; i < 20; i++) {
            begin("c" + i);
        }
        // The first thread hangs in its first check: as if it had not begun.
        control.advance(STEP);
        assertThat(threads.sent).hasSize(1 + 1);
        control.advance(STEP);
        assertThat(threads.sent).hasSize(1 + 1 + 2);
        control.advance(STEP);
        assertThat(threads.sent).hasSize(1 + 1 + 2 + 4);
        threads.run(3);
        assertThat(made).hasSize(20);
        control.advance(STEP);
        assertThat(threads.sent).as("nothing waits any more").hasSize(1 + 1 + 2 + 4);
        assertThat(results).hasSize(20);
    }

    @Test
    void checks_thatAllHang_haveNoMoreThreadsThanAreAllowed() {
        for (int i = 0; i < 100; i++) {
            begin("c" + i);
        }
        control.advance(Duration.ofSeconds(1));
        assertThat(threads.sent).hasSize(16);
    }

    @Test
    void result_whileOthersWait_comesWithTheNextStep() {
        begin("quick");
        // While this one is being made, another waits.
        checks.begin(() -> {
            begin("waits");
            control.advance(STEP);
            assertThat(results).containsExactly("quick");
        });
        threads.run(0);
        assertThat(made).containsExactly("quick", "waits");
    }

    @Test
    void interrupt_meantForOneCheck_doesNotHitTheNext() {
        checks.begin(() -> Thread.currentThread().interrupt());
        begin("next");
        boolean[] interrupted = new boolean[1];
        checks.begin(() -> interrupted[0] = Thread.currentThread().isInterrupted());
        threads.run(0);
        assertThat(made).containsExactly("next");
        assertThat(interrupted[0]).isFalse();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void check_afterTheThreadsHaveLeft_isSentANewOne() {
        begin("one");
        threads.run(0);
        begin("two");
        assertThat(threads.sent).hasSize(2);
        threads.run(1);
        assertThat(made).containsExactly("one", "two");
    }

    @Test
    void check_withoutAThread_isTheCallersFailureAndNobodyElses() {
        threads.refuse = true;
        assertThatThrownBy(() -> begin("refused")).isInstanceOf(OutOfMemoryError.class);
        threads.refuse = false;
        begin("next");
        threads.run(0);
        assertThat(made).containsExactly("next");
    }

    @Test
    void close_beginsNothingMore() {
        begin("one");
        begin("two");
        checks.close();
        threads.run(0);
        assertThat(made).isEmpty();
    }

    @Test
    void end_sendsAThreadForEachThatWaits() {
        begin("hangs");
        begin("two");
        begin("three");
        checks.end();
        assertThat(threads.sent).hasSize(1 + 3);
        assertThat(threads.isShutdown()).isTrue();
        threads.run(3);
        assertThat(made).containsExactly("hangs", "two", "three");
    }

    /** A step that ends and a task that comes see each other, or the task waits for ever. */
    @Test
    void tasks_broughtByManyThreads_areAllMade() throws InterruptedException {
        Platform system = Platform.system();
        Control real = new Control("few", system);
        FewThreads few = new FewThreads(system.workers().pool("few-threads", Platform.Workers.UNBOUNDED), real, log());
        few.grow(4);
        real.start();
        try {
            CountDownLatch done = new CountDownLatch(8 * 500);
            List<Thread> bringers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                Thread bringer = new Thread(() -> {
                    for (int k = 0; k < 500; k++) {
                        var unused = few.begin(done::countDown);
                    }
                });
                bringers.add(bringer);
                bringer.start();
            }
            for (Thread bringer : bringers) {
                bringer.join();
            }
            assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
        } finally {
            few.close();
            real.end();
            real.awaitEnd(TimeUnit.SECONDS.toNanos(2));
        }
    }

    private static RateLimitedLog log() {
        return new RateLimitedLog(
                new NamedLog(LoggerFactory.getLogger(FewThreadsTest.class), "orders"), ManualClock.create());
    }

    private void begin(String name) {
        checks.begin(() -> {
            made.add(name);
            checks.result(() -> results.add(name));
        });
    }

    private static final class Threads extends SteppedExecutor {
        final List<Runnable> sent = new ArrayList<>();
        boolean refuse;

        @Override
        public void execute(Runnable work) {
            if (refuse) {
                throw new OutOfMemoryError("unable to create native thread");
            }
            sent.add(work);
        }

        void run(int index) {
            sent.get(index).run();
        }
    }
}
