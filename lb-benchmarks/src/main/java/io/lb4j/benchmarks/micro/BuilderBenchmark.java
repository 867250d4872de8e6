package io.lb4j.benchmarks.micro;

import io.lb4j.LoadBalancer;
import io.lb4j.LoadBalancerBuilder;
import io.lb4j.LoadBalancerConfig;
import io.lb4j.PoolConfig;
import io.lb4j.backend.Backend;
import io.lb4j.discovery.DiscoveryPolicy;
import io.lb4j.health.MinimumHealthy;
import io.lb4j.health.NoneHealthy;
import io.lb4j.health.OnDown;
import io.lb4j.health.OnRecovery;
import io.lb4j.proxy.TcpProxy;
import io.lb4j.proxy.TcpProxyConfig;
import io.lb4j.selection.BackendSelector;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
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
    private final Backend first = Backend.of("127.0.0.1", 9001);
    private final Backend second = Backend.of("127.0.0.1", 9002);
    private final Backend third = Backend.of("127.0.0.1", 9003);
    private final BackendSelector selector = BackendSelector.roundRobin();
    private final DiscoveryPolicy discovery = DiscoveryPolicy.builder().build();

    /** Everything but the start: a builder with three backends. */
    @Benchmark
    @OutputTimeUnit(TimeUnit.NANOSECONDS)
    public LoadBalancerBuilder builderOfThreeBackends() {
        return LoadBalancer.builder()
                .listen("127.0.0.1", 0)
                .backend("127.0.0.1", 9001)
                .backend("127.0.0.1", 9002)
                .backend("127.0.0.1", 9003)
                .noHealthCheck();
    }

    /** The same with a hundred: what each backend more costs is in the difference. */
    @Benchmark
    @OutputTimeUnit(TimeUnit.NANOSECONDS)
    public LoadBalancerBuilder builderOfAHundredBackends() {
        LoadBalancerBuilder builder =
                LoadBalancer.builder().listen("127.0.0.1", 0).noHealthCheck();
        for (int port = 9001; port <= 9100; port++) {
            builder.backend("127.0.0.1", port);
        }
        return builder;
    }

    /** The immutable settings a balancer of three backends runs with. */
    @Benchmark
    @OutputTimeUnit(TimeUnit.NANOSECONDS)
    public LoadBalancerConfig configOfThreeBackends() {
        TcpProxyConfig proxy = TcpProxy.builder().listen("127.0.0.1", 0).config();
        PoolConfig pool = new PoolConfig(
                "default",
                List.of(first, second, third),
                UnaryOperator.identity(),
                selector,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                NoneHealthy.CLOSE,
                MinimumHealthy.ONE,
                OnDown.KEEP,
                OnRecovery.KEEP,
                Optional.empty(),
                Optional.empty(),
                discovery);
        return new LoadBalancerConfig(proxy, Map.of(pool.name(), pool));
    }

    /** From the builder to accepting, and until everything is closed again. */
    @Benchmark
    @OutputTimeUnit(TimeUnit.MICROSECONDS)
    public boolean startAndClose() {
        LoadBalancer balancer = builderOfThreeBackends().eventLoops(1).start();
        balancer.close();
        return balancer.isClosed();
    }
}
