package io.lb4j.internal.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.backend.Backend;
import io.lb4j.discovery.BackendDiscovery;
import io.lb4j.discovery.DiscoveryPolicy;
import io.lb4j.internal.util.ControlLoop;
import io.lb4j.internal.util.NamedLog;
import io.lb4j.internal.util.Platform;
import io.lb4j.internal.util.RateLimitedLog;
import io.lb4j.internal.util.Scheduler;
import io.lb4j.testing.LogCapture;
import io.lb4j.testing.ManualClock;
import io.lb4j.testing.SteppedExecutor;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.slf4j.LoggerFactory;

/**
 * A discovery loop in virtual time: the control thread and the worker thread are both the test, which decides when a
 * call runs. It answers {@link #answer}, or throws {@link #failure}.
 */
final class DiscoveryStage implements AutoCloseable {
    static final Duration INTERVAL = Duration.ofSeconds(30);
    static final Duration TIMEOUT = Duration.ofSeconds(5);
    static final Duration NANO = Duration.ofNanos(1);

    final ManualClock clock = ManualClock.create();
    final LogCapture log = LogCapture.open();
    final List<List<Backend>> told = new ArrayList<>();
    final DiscoveryPolicy.Builder policy = DiscoveryPolicy.builder();
    final List<Throwable> audited = new ArrayList<>();
    final Deque<Runnable> work = new ArrayDeque<>();

    List<Backend> answer = List.of();
    List<String> leftOut = List.of();
    Throwable failure;
    DiscoverySink sink = backends -> {
        told.add(backends);
        return leftOut;
    };
    long random = Long.MIN_VALUE;
    boolean threadsRefused;
    int calls;
    DiscoveryLoop loop;

    /** What the source runs when something changes; null until it is watched. Why it cannot be watched, if so. */
    Runnable changed;

    Exception watchFailure;
    int watches;
    int watchesEnded;

    /** Calls of the control thread's queue so far, and which of them finds no memory; 0 for none. */
    int queued;

    int queuedWithoutMemory;

    private final ControlLoop control = new ControlLoop(
            clock, new RateLimitedLog(new NamedLog(LoggerFactory.getLogger("io.lb4j.stage"), "orders"), clock));

    private final Scheduler scheduler = new Scheduler() {
        @Override
        public void execute(Runnable task) {
            takeMemory();
            control.execute(task);
        }

        @Override
        public void later(Runnable task, long delayNanos) {
            takeMemory();
            control.later(task, delayNanos);
        }

        @Override
        public void audit(Runnable audit) {
            // The test calls it.
        }

        private void takeMemory() {
            if (++queued == queuedWithoutMemory) {
                throw new InternalError("no memory, on purpose");
            }
        }
    };

    DiscoveryLoop make(BackendDiscovery discovery) {
        Platform system = Platform.system();
        Platform platform = new Platform(
                system.sockets(), clock, () -> random, system.threads(), (name, most) -> new SteppedPool(name, most));
        loop = new DiscoveryLoop("orders", discovery, policy.build(), sink, scheduler, platform);
        return loop;
    }

    /** Starts a loop that asks this stage, and lets the first call end. */
    void start(Backend... first) {
        answer = List.of(first);
        make(new BackendDiscovery() {
            @Override
            public List<Backend> discover() throws Exception {
                return ask();
            }

            @Override
            public AutoCloseable watch(Runnable toBeTold) throws Exception {
                watches++;
                if (watchFailure != null) {
                    throw watchFailure;
                }
                changed = toBeTold;
                return () -> watchesEnded++;
            }

            @Override
            public String toString() {
                return "stage";
            }
        });
        loop.start();
        settle();
    }

    private List<Backend> ask() throws Exception {
        calls++;
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure instanceof Exception exception) {
            throw exception;
        }
        return answer;
    }

    /** Every task that is due and every call that waits for its thread, until there is neither. */
    void settle() {
        runDue();
        while (!work.isEmpty()) {
            work.remove().run();
            runDue();
        }
    }

    /** What is due on the control thread; calls wait. */
    void runDue() {
        while (control.nanosToNext() <= 0) {
            control.runOnce();
        }
    }

    void advance(Duration time) {
        clock.advance(time);
        settle();
    }

    /** Second after second, as with an audit that is called each second. */
    void live(Duration time) {
        for (long second = 0; second < time.toSeconds(); second++) {
            advance(Duration.ofSeconds(1));
            audit();
            settle();
        }
    }

    /** As the control thread calls it: what it throws ends nothing. */
    void audit() {
        try {
            loop.audit();
        } catch (Throwable failure) {
            audited.add(failure);
        }
    }

    /** Lets the time of the next planned task come, checks that it is not sooner, and settles. */
    void assertNextCallIn(Duration time) {
        int before = calls;
        advance(time.minus(NANO));
        assertThat(calls).as("not a nanosecond sooner").isEqualTo(before);
        advance(NANO);
        assertThat(calls).as("not a nanosecond later").isEqualTo(before + 1);
    }

    void assertToldLast(Backend... backends) {
        assertThat(told).isNotEmpty();
        assertThat(told.get(told.size() - 1)).containsExactly(backends);
    }

    static Backend backend(int number) {
        return Backend.of("10.0.0." + number, 9000);
    }

    @Override
    public void close() {
        if (loop != null) {
            loop.close();
        }
        control.end();
        log.close();
    }

    private final class SteppedPool extends SteppedExecutor {
        SteppedPool(String name, int most) {
            assertThat(name).isEqualTo("lb-orders-discovery");
            assertThat(most).isEqualTo(1);
        }

        @Override
        public void execute(Runnable task) {
            if (threadsRefused) {
                throw new OutOfMemoryError("unable to create native thread");
            }
            if (!isShutdown()) {
                // The end of a watch waits behind a call.
                if (task instanceof DiscoveryCall) {
                    assertThat(work).as("one call at a time").isEmpty();
                }
                work.add(task);
            }
        }
    }
}
