package io.lb4j.internal.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.backend.Backend;
import io.lb4j.health.HealthCheckPolicy;
import io.lb4j.internal.util.FewThreads;
import io.lb4j.internal.util.NamedLog;
import io.lb4j.internal.util.Platform;
import io.lb4j.internal.util.RateLimitedLog;
import io.lb4j.internal.util.Scheduler;
import io.lb4j.testing.LogCapture;
import io.lb4j.testing.ManualClock;
import io.lb4j.testing.ManualControl;
import io.lb4j.testing.SteppedExecutor;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/**
 * A heap that is full for a moment, at any moment: each call that leaves the health checks (to the control thread, to
 * the threads, to the pool) fails once, one run for each, and once with those that follow it. Afterwards everything is
 * as if nothing had happened.
 */
@Timeout(120)
class LostStepsTest {
    private static final Duration INTERVAL = Duration.ofSeconds(10);
    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final Duration STEP = Duration.ofMillis(250);
    private static final int NEVER = Integer.MAX_VALUE;

    @ParameterizedTest
    @CsvSource({"1, 1, false", "2, 1, true", "3, 7, false", "4, 7, true", "5, 60, false", "6, 60, true"})
    @SuppressWarnings("try") // what is logged meanwhile is not for the output
    void memory_missingForAMomentAtAnyCall_leavesNothingBehind(int seed, int calls, boolean sharedThreads) {
        int all = new Run(seed, NEVER, calls, sharedThreads).outcome();
        assertThat(all).isGreaterThan(50);
        LogCapture quiet = LogCapture.silent();
        try (quiet) {
            for (int at = 0; at < all; at++) {
                new Run(seed, at, calls, sharedThreads).outcome();
            }
        }
    }

    private static final class Place implements CheckedBackend {
        private final Backend backend;

        Place(int number) {
            backend = Backend.of("127.0.0.1", 9000).withId("b" + number);
        }

        @Override
        public Backend backend() {
            return backend;
        }
    }

    private static final class Run implements HealthSink {
        private final String name;
        private final SplittableRandom random;
        private final int failsAt;
        private final int failing;
        private final ManualClock clock = ManualClock.create();
        private final ManualControl manual = new ManualControl(clock);
        private final ManualCheckThreads manualThreads = new ManualCheckThreads(manual);
        private final Executor executor = new Executor();
        private final boolean sharedThreads;
        private final List<Place> places = new ArrayList<>();
        private final Set<String> dead = new HashSet<>();
        private final Set<String> hanging = new HashSet<>();
        private final Map<String, Long> checkedAt = new HashMap<>();
        private final Map<String, Health> known = new HashMap<>();
        private final HealthMonitor monitor;
        private int calls;
        private boolean over;

        /** @param failsAt the number of the call that fails, with those that follow it, {@code failing} in all */
        Run(int seed, int failsAt, int failing, boolean sharedThreads) {
            name = "seed " + seed + ", failing from call " + failsAt;
            random = new SplittableRandom(seed);
            this.failsAt = failsAt;
            this.failing = failing;
            this.sharedThreads = sharedThreads;
            Platform system = Platform.system();
            Platform platform = new Platform(system.sockets(), clock, random::nextLong, system.threads());
            manualThreads.beforeBegin(this::call);
            manualThreads.deliverBy(this::survive);
            Scheduler control = new Control();
            CheckThreads threads =
                    sharedThreads ? new SharedCheckThreads(new FewThreads(executor, control, log())) : manualThreads;
            // One slot: if it is lost, nobody is checked any more.
            monitor = new HealthMonitor("orders", policy(), this, control, platform, threads);
        }

        private RateLimitedLog log() {
            return new RateLimitedLog(new NamedLog(LoggerFactory.getLogger(LostStepsTest.class), "orders"), clock);
        }

        private HealthCheckPolicy policy() {
            return HealthCheckPolicy.builder()
                    .checker((backend, timeout) -> check(backend))
                    .interval(INTERVAL)
                    .timeout(TIMEOUT)
                    .concurrency(1)
                    .build();
        }

        private void check(Backend backend) throws Exception {
            checkedAt.put(backend.id(), clock.getAsLong());
            if (hanging.contains(backend.id())) {
                manualThreads.hang();
            }
            if (dead.contains(backend.id())) {
                throw new IOException("scripted");
            }
        }

        @Override
        public void checked(CheckedBackend backend, Health health) {
            call();
            known.put(backend.backend().id(), health);
        }

        @Override
        public List<? extends CheckedBackend> places() {
            return List.copyOf(places);
        }

        /** A call that leaves the health checks. */
        private void call() {
            int number = calls++;
            if (!over && number >= failsAt && number - failsAt < failing) {
                throw new OutOfMemoryError("on purpose");
            }
        }

        /** How many calls there were. */
        int outcome() {
            for (int i = 0; i < 3; i++) {
                add(i);
            }
            for (int i = 3; i < 23; i++) {
                goOn(Duration.ofSeconds(3));
                change(i);
            }
            goOn(Duration.ofSeconds(5));
            int count = calls;
            over = true;
            dead.clear();
            hanging.clear();
            goOn(INTERVAL.plus(INTERVAL));
            expectAllOnTime();
            dead.add(places.get(0).backend().id());
            goOn(INTERVAL.plus(INTERVAL));
            expectDown(places.get(0).backend().id());
            monitor.close();
            return count;
        }

        private void expectAllOnTime() {
            for (Place place : places) {
                String id = place.backend().id();
                assertThat(known.get(id)).as("%s: %s", name, id).isNotNull();
                assertThat(known.get(id).up()).as("%s: %s is up", name, id).isTrue();
                assertThat(clock.getAsLong() - checkedAt.get(id))
                        .as("%s: %s was checked", name, id)
                        .isLessThan(INTERVAL.plusSeconds(1).toNanos());
            }
            checkedAt.forEach((id, at) -> assertThat(places.stream()
                                    .anyMatch(place -> place.backend().id().equals(id))
                            || clock.getAsLong() - at > INTERVAL.plusSeconds(1).toNanos())
                    .as("%s: %s was removed and is checked no more", name, id)
                    .isTrue());
        }

        private void expectDown(String id) {
            assertThat(known.get(id).up()).as("%s: %s is up", name, id).isFalse();
        }

        private void change(int number) {
            Place one = places.get(random.nextInt(places.size()));
            switch (random.nextInt(5)) {
                case 0 -> add(number);
                case 1 -> toggle(dead, one);
                case 2 -> monitor.doubt(one);
                case 3 -> remove(one);
                default -> toggle(sharedThreads ? dead : hanging, one);
            }
        }

        private static void toggle(Set<String> what, Place one) {
            String id = one.backend().id();
            if (!what.remove(id)) {
                what.add(id);
            }
        }

        private void add(int number) {
            places.add(new Place(number));
            monitor.add(List.of(places.get(places.size() - 1)), Health.unchecked(true, "not checked yet"));
        }

        private void remove(Place one) {
            if (places.size() > 1) {
                places.remove(one);
                monitor.remove(one);
            }
        }

        private void goOn(Duration time) {
            for (long left = time.dividedBy(STEP); left > 0; left--) {
                manual.advance(Duration.ZERO);
                if (sharedThreads) {
                    executor.run();
                } else {
                    manualThreads.runReady();
                }
                manual.advance(STEP);
            }
        }

        /** As the control thread does. */
        private void survive(Runnable task) {
            try {
                task.run();
            } catch (OutOfMemoryError expected) {
                assertThat(over).as(name).isFalse();
            }
        }

        private final class Control implements Scheduler {
            @Override
            public void execute(Runnable task) {
                later(task, 0);
            }

            @Override
            public void later(Runnable task, long delayNanos) {
                call();
                manual.later(() -> survive(task), delayNanos);
            }

            @Override
            public void audit(Runnable audit) {
                manual.audit(() -> survive(audit));
            }
        }

        private final class Executor extends SteppedExecutor {
            private final Queue<Runnable> waiting = new ArrayDeque<>();

            @Override
            public void execute(Runnable work) {
                call();
                waiting.add(work);
            }

            void run() {
                for (Runnable work = waiting.poll(); work != null; work = waiting.poll()) {
                    work.run();
                }
            }
        }
    }
}
