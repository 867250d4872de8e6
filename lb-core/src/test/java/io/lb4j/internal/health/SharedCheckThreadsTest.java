package io.lb4j.internal.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.internal.util.FewThreads;
import io.lb4j.internal.util.NamedLog;
import io.lb4j.internal.util.RateLimitedLog;
import io.lb4j.testing.ManualClock;
import io.lb4j.testing.ManualControl;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class SharedCheckThreadsTest {
    private final ManualControl control = new ManualControl(ManualClock.create());
    private final Threads threads = new Threads();
    private final FewThreads few = new FewThreads(
            threads,
            control,
            new RateLimitedLog(
                    new NamedLog(LoggerFactory.getLogger(SharedCheckThreadsTest.class), "orders"),
                    ManualClock.create()));
    private final SharedCheckThreads one = new SharedCheckThreads(few);
    private final SharedCheckThreads other = new SharedCheckThreads(few);
    private final List<String> made = new ArrayList<>();

    @Test
    void limits_addUp() {
        one.limit(3);
        other.limit(4);
        assertThat(most()).isEqualTo(7);
    }

    @Test
    void limit_thatIsChanged_countsOnce() {
        one.limit(3);
        one.limit(2);
        other.limit(4);
        other.limit(5);
        assertThat(most()).isEqualTo(7);
    }

    @Test
    void close_givesUpItsPart_andMakesWhatWaitsNoMore() {
        one.limit(3);
        other.limit(4);
        begin(one, "ones");
        begin(other, "others");
        one.close();
        one.close();
        one.limit(100);
        runAll();
        assertThat(made).containsExactly("others");
        assertThat(most()).isEqualTo(4);
    }

    /** A thread that does not come back must not be taken from the others. */
    @Test
    void close_whileOneIsHeld_keepsItsPlaceUntilItIsBack() {
        one.limit(3);
        other.limit(4);
        var unused = one.begin(() -> {
            one.close();
            assertThat(most()).as("beside this one").isEqualTo(4);
        });
        runAll();
        assertThat(most()).isEqualTo(4);
    }

    /** How many threads are sent when checks hang. */
    private int most() {
        for (int i = 0; i < 100; i++) {
            begin(other, "hangs");
        }
        control.advance(Duration.ofSeconds(1));
        return threads.sent.size();
    }

    private void runAll() {
        while (!threads.sent.isEmpty()) {
            threads.sent.remove(0).run();
        }
    }

    private void begin(SharedCheckThreads checks, String name) {
        var unused = checks.begin(() -> made.add(name));
    }

    private static final class Threads extends AbstractExecutorService {
        final List<Runnable> sent = new ArrayList<>();

        @Override
        public void execute(Runnable task) {
            sent.add(task);
        }

        @Override
        public void shutdown() {}

        @Override
        public List<Runnable> shutdownNow() {
            return List.of();
        }

        @Override
        public boolean isShutdown() {
            return false;
        }

        @Override
        public boolean isTerminated() {
            return false;
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) {
            return false;
        }
    }
}
