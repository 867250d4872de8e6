package io.lb4j.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.LoadBalancer;
import io.lb4j.benchmarks.load.Load.Paced;
import io.lb4j.benchmarks.load.Load.Window;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PacedLoadTest {
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final Window NOT_MEASURED = new Window() {
        @Override
        public void begin() {}

        @Override
        public void end() {}
    };

    @Test
    void requests_atARate_areSentAndMeasuredHoweverSlowTheMachine() throws IOException {
        try (Load load = new Load();
                LoadBalancer balancer = before(load.openBackends(3))) {
            Paced paced =
                    load.runPaced(Work.BUSY, 2000, List.of(balancer.port()), 50 * MILLI, 100 * MILLI, NOT_MEASURED);
            assertThat(paced.outcome().messages()).isEmpty();
            // 100 ms of 2,000 a second are measured, and as many as the 50 ms before are not.
            assertThat(paced.outcome().count()).isBetween(199L, 201L);
            assertThat(paced.outcome().total()).isBetween(299L, 301L);
            assertThat(paced.latency().p50())
                    .isPositive()
                    .isLessThanOrEqualTo(paced.latency().max());
            assertThat(paced.lateness().max())
                    .isLessThanOrEqualTo(paced.latency().max());
        }
    }

    @Test
    void requests_thatNobodyAnswers_fail() throws IOException {
        try (Load load = new Load();
                Socket bound = new Socket()) {
            bound.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            Paced paced = load.runPaced(Work.BUSY, 1000, List.of(bound.getLocalPort()), MILLI, MILLI, NOT_MEASURED);
            assertThat(paced.outcome().count()).isZero();
            assertThat(paced.outcome().failures()).isPositive();
        }
    }

    @Test
    void idleConnections_haveHadOneResponseAndStayOpen_whileOthersWork() throws IOException {
        try (Load load = new Load();
                LoadBalancer balancer = before(load.openBackends(3));
                Idle idle = load.idle(List.of(balancer.port()), false)) {
            idle.growTo(70);
            idle.growTo(100);
            assertThat(balancer.stats().proxy().active()).isEqualTo(100);
            load.warmUp(Work.BUSY, List.of(balancer.port()), 100, TimeUnit.SECONDS.toNanos(30));
            idle.hold(MILLI);
            assertThat(idle.messages()).isEmpty();
        }
    }

    @Test
    void idleConnection_endedByTheProxy_isAFailure() throws IOException {
        try (Load load = new Load()) {
            Idle idle;
            try (LoadBalancer balancer = before(load.openBackends(1))) {
                idle = load.idle(List.of(balancer.port()), false);
                idle.growTo(1);
            }
            while (idle.failures() == 0) {
                idle.hold(MILLI);
            }
            assertThat(idle.messages()).isNotEmpty();
            idle.close();
        }
    }

    private static LoadBalancer before(List<Integer> backends) {
        var builder = LoadBalancer.builder().eventLoops(1).noHealthCheck();
        backends.forEach(port -> builder.backend("127.0.0.1", port));
        return builder.start();
    }
}
