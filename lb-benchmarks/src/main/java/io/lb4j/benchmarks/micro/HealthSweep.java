package io.lb4j.benchmarks.micro;

import io.lb4j.backend.Backend;
import io.lb4j.health.HealthCheckPolicy;
import io.lb4j.health.HealthChecker;
import io.lb4j.internal.health.CheckedBackend;
import io.lb4j.internal.health.Health;
import io.lb4j.internal.health.HealthMonitor;
import io.lb4j.internal.health.SharedCheckThreads;
import io.lb4j.internal.util.Control;
import io.lb4j.internal.util.FewThreads;
import io.lb4j.internal.util.Platform;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Three live backends, each connected to once. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
@State(Scope.Benchmark)
public class HealthSweep {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final HealthChecker checker = HealthChecker.tcpConnect();
    private final HealthCheckPolicy policy = HealthCheckPolicy.builder()
            .checker(checker)
            .interval(Duration.ofMinutes(1))
            .timeout(TIMEOUT)
            .build();
    private Listeners listeners;
    private List<Backend> backends;
    private List<? extends CheckedBackend> places;

    @Setup
    public void prepare() throws IOException {
        listeners = new Listeners(3);
        backends = listeners.backends();
        places = Pools.roundRobin(backends).places();
    }

    @TearDown
    public void close() throws IOException {
        listeners.close();
    }

    /** The checks alone, one after another. */
    @Benchmark
    public void checksInTurn() throws Exception {
        for (Backend backend : backends) {
            checker.check(backend, TIMEOUT);
        }
    }

    /** All that a balancer does for its first sweep, which includes starting its threads. */
    @Benchmark
    public long firstOfAMonitor() throws InterruptedException {
        CountDownLatch healthy = new CountDownLatch(backends.size());
        Control control = new Control("lb", Platform.system());
        FewThreads threads = HealthMonitor.threads("lb", control, Platform.system());
        HealthMonitor monitor = new HealthMonitor(
                "lb",
                policy,
                (backend, health) -> healthy.countDown(),
                control,
                Platform.system(),
                new SharedCheckThreads(threads));
        control.start();
        monitor.add(places, Health.unchecked(true, ""));
        healthy.await();
        control.end();
        monitor.close();
        threads.close();
        return healthy.getCount();
    }
}
