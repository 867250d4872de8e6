package io.lb4j.internal.util;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.testing.LogCapture;
import io.lb4j.testing.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

@Timeout(20)
class ControlLoopTest {
    private final ManualClock clock = ManualClock.create();
    private final ControlLoop loop = new ControlLoop(clock, log(clock));
    private final List<String> ran = new ArrayList<>();

    @Test
    void tasks_ofDifferentTimes_runInTheirOrderWhenDue() {
        schedule("third", 30);
        schedule("first", 10);
        schedule("second", 20);
        assertThat(loop.nanosToNext()).isEqualTo(10);
        clock.advance(Duration.ofNanos(20));
        runDue();
        assertThat(ran).containsExactly("first", "second");
        clock.advance(Duration.ofNanos(10));
        runDue();
        assertThat(ran).containsExactly("first", "second", "third");
        assertThat(loop.nanosToNext()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void tasks_ofOneTime_runInTheOrderOfTheirArrival() {
        for (int i = 0; i < 100; i++) {
            schedule("" + i, 5);
        }
        clock.advance(Duration.ofNanos(5));
        runDue();
        assertThat(ran).hasSize(100).isSortedAccordingTo((a, b) -> Integer.parseInt(a) - Integer.parseInt(b));
    }

    @Test
    void task_scheduledByATask_runsAfterThoseThatWereDueBefore() {
        loop.execute(() -> {
            ran.add("outer");
            loop.execute(() -> ran.add("inner"));
        });
        loop.execute(() -> ran.add("other"));
        runDue();
        assertThat(ran).containsExactly("outer", "other", "inner");
    }

    @Test
    void clock_thatWraps_keepsTheOrder() { // E18
        ManualClock late = ManualClock.startingAt(Long.MAX_VALUE - 5);
        ControlLoop wrapping = new ControlLoop(late, log(late));
        wrapping.later(() -> ran.add("after the wrap"), 10);
        wrapping.later(() -> ran.add("before the wrap"), 2);
        assertThat(wrapping.nanosToNext()).isEqualTo(2);
        late.advance(Duration.ofNanos(2));
        wrapping.runOnce();
        assertThat(wrapping.nanosToNext()).isEqualTo(8);
        late.advance(Duration.ofNanos(8));
        wrapping.runOnce();
        assertThat(ran).containsExactly("before the wrap", "after the wrap");
    }

    @Test
    void task_thatThrows_isLoggedAndTheNextOneRuns() {
        loop.execute(() -> {
            throw new AssertionError("on purpose");
        });
        schedule("next", 0);
        try (LogCapture log = LogCapture.open()) {
            runDue();
            assertThat(log.messages()).containsExactly("lb: control task failed");
        }
        assertThat(ran).containsExactly("next");
    }

    @Test
    void end_withTasksLeft_runsNoneOfThem() {
        schedule("never", 0);
        loop.end();
        schedule("never either", 0);
        assertThat(loop.runOnce()).isFalse();
        assertThat(loop.nanosToNext()).isEqualTo(Long.MAX_VALUE);
        assertThat(ran).isEmpty();
    }

    @Test
    void end_byATask_isTheLastThingThatHappens() {
        loop.execute(loop::end);
        schedule("never", 0);
        loop.run();
        assertThat(ran).isEmpty();
    }

    @Test
    void thread_waitingForALateTask_isWokenByAnEarlierOne() throws InterruptedException {
        schedule("late", TimeUnit.HOURS.toNanos(1));
        Thread thread = startThread();
        awaitWaiting(thread);
        CountDownLatch done = new CountDownLatch(1);
        loop.execute(done::countDown);
        assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
        end(thread);
        assertThat(ran).isEmpty();
    }

    @Test
    void thread_waitingForNothing_isWokenByTheEnd() throws InterruptedException {
        Thread thread = startThread();
        awaitWaiting(thread);
        end(thread);
    }

    @Test
    void thread_interrupted_waitsOnAndForgetsIt() throws InterruptedException { // E16
        Thread thread = startThread();
        awaitWaiting(thread);
        thread.interrupt();
        await().until(() -> !thread.isInterrupted());
        awaitWaiting(thread);
        boolean[] interrupted = new boolean[1];
        CountDownLatch done = new CountDownLatch(1);
        loop.execute(() -> {
            interrupted[0] = Thread.currentThread().isInterrupted();
            done.countDown();
        });
        assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(interrupted[0]).isFalse();
        end(thread);
    }

    @Test
    void audit_ofAThreadWithoutATask_runsAgainAndAgain() throws InterruptedException {
        Platform system = Platform.system();
        ControlLoop real = new ControlLoop(system.nanoClock(), log(clock));
        CountDownLatch twice = new CountDownLatch(2);
        real.audit(twice::countDown);
        Thread thread = new Thread(real, "control-loop-test");
        thread.setDaemon(true);
        thread.start();
        assertThat(twice.await(10, TimeUnit.SECONDS)).isTrue();
        real.end();
        thread.join(10_000);
        assertThat(thread.isAlive()).isFalse();
    }

    @Test
    void audits_betweenTasksThatAreAlwaysDue_runOnceASecond() {
        loop.audit(() -> ran.add("audit"));
        for (int i = 0; i < 25; i++) {
            schedule("task", 0);
            assertThat(loop.runOnce()).isTrue();
            clock.advance(Duration.ofMillis(100));
        }
        assertThat(ran).filteredOn("audit"::equals).hasSize(2);
        assertThat(ran).filteredOn("task"::equals).hasSize(25);
    }

    @Test
    void audit_thatThrows_isLoggedAndTheNextOneRuns() {
        loop.audit(() -> {
            throw new OutOfMemoryError("on purpose");
        });
        loop.audit(() -> ran.add("next audit"));
        clock.advance(Duration.ofSeconds(1));
        schedule("task", 0);
        try (LogCapture log = LogCapture.open()) {
            runDue();
            assertThat(log.messages()).containsExactly("lb: audit failed");
        }
        assertThat(ran).containsExactly("next audit", "task");
    }

    @Test
    void audit_afterTheEnd_runsNoMore() {
        loop.audit(() -> ran.add("audit"));
        loop.end();
        clock.advance(Duration.ofSeconds(1));
        assertThat(loop.runOnce()).isFalse();
        assertThat(ran).isEmpty();
    }

    @Test
    void audits_ofAPartThatHasEnded_runNoMore() {
        Runnable gone = () -> ran.add("gone");
        loop.audit(gone);
        loop.audit(() -> ran.add("stays"));
        loop.forget(List.of(gone));
        clock.advance(Duration.ofSeconds(1));
        schedule("task", 0);
        runDue();
        assertThat(ran).containsExactly("stays", "task");
    }

    private void schedule(String name, long delayNanos) {
        loop.later(() -> ran.add(name), delayNanos);
    }

    private void runDue() {
        while (loop.nanosToNext() <= 0) {
            assertThat(loop.runOnce()).isTrue();
        }
    }

    private Thread startThread() {
        Thread thread = new Thread(loop, "control-loop-test");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void awaitWaiting(Thread thread) {
        await().pollInterval(Duration.ofMillis(1))
                .until(() ->
                        thread.getState() == Thread.State.WAITING || thread.getState() == Thread.State.TIMED_WAITING);
    }

    private void end(Thread thread) throws InterruptedException {
        loop.end();
        thread.join(10_000);
        assertThat(thread.isAlive()).isFalse();
    }

    private static RateLimitedLog log(ManualClock clock) {
        return new RateLimitedLog(new NamedLog(LoggerFactory.getLogger(ControlLoopTest.class), "lb"), clock);
    }
}
