package io.lb4j.benchmarks.micro;

import io.lb4j.LoadBalancer;
import io.lb4j.LoadBalancerBuilder;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What it costs to describe a balancer, and to have one for a moment. No backend is reached. */
@BenchmarkMode(Mode.AverageTime)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
@State(Scope.Benchmark)
public class BuilderBenchmark {
    /** Everything but the start: a builder with three backends. */
    @Benchmark
    @OutputTimeUnit(TimeUnit.NANOSECONDS)
    public LoadBalancerBuilder configOfThreeBackends() {
        return LoadBalancer.builder()
                .listen("127.0.0.1", 0)
                .backend("127.0.0.1", 9001)
                .backend("127.0.0.1", 9002)
                .backend("127.0.0.1", 9003)
                .noHealthCheck();
    }

    /** From the builder to accepting, and until everything is closed again. */
    @Benchmark
    @OutputTimeUnit(TimeUnit.MICROSECONDS)
    public boolean startAndClose() {
        LoadBalancer balancer = configOfThreeBackends().eventLoops(1).start();
        balancer.close();
        return balancer.isClosed();
    }
}
