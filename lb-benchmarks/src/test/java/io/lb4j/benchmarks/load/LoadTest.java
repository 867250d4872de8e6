package io.lb4j.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.LoadBalancer;
import io.lb4j.benchmarks.load.Load.Outcome;
import io.lb4j.benchmarks.load.Load.Window;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LoadTest {
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(30);

    static Stream<Work> works() {
        return Work.ALL.stream().filter(work -> !work.isTls());
    }

    static List<Work> all() {
        return Work.ALL;
    }

    @ParameterizedTest
    @MethodSource("works")
    void work_throughABalancer_isCountedAndNothingFails(Work work) throws IOException {
        try (Load load = new Load();
                LoadBalancer balancer = before(load.openBackends(3))) {
            Outcome outcome = load.warmUp(work, List.of(balancer.port()), 100, PATIENCE);
            assertThat(outcome.messages()).isEmpty();
            assertThat(outcome.failures()).isZero();
            assertThat(outcome.total()).isGreaterThanOrEqualTo(100);
        }
    }

    static Stream<Work> oneOfEachKind() {
        return Stream.of("requests-64", "short", "streams-8")
                .flatMap(key -> Work.ALL.stream().filter(work -> work.key().equals(key)));
    }

    @ParameterizedTest
    @MethodSource("oneOfEachKind")
    void window_ofSoMany_closesWhenTheyAreDone(Work work) throws IOException {
        try (Load load = new Load();
                LoadBalancer balancer = before(load.openBackends(3))) {
            List<String> told = new ArrayList<>();
            Outcome outcome = load.run(work, List.of(balancer.port()), 1, PATIENCE, 200, new Telling(told));
            assertThat(outcome.messages()).isEmpty();
            assertThat(told).containsExactly("begin", "end");
            assertThat(outcome.count()).isGreaterThanOrEqualTo(200);
            assertThat(outcome.nanos()).isLessThan(PATIENCE);
        }
    }

    private record Telling(List<String> told) implements Window {
        @Override
        public void begin() {
            told.add("begin");
        }

        @Override
        public void end() {
            told.add("end");
        }
    }

    /** Such as what is left of the question whether a proxy listens, when the machine is busy. */
    @Test
    void reset_ofWhoNeverSaidAWord_isNoFailureOfTheRun() throws IOException {
        try (Load load = new Load()) {
            List<Integer> ports = load.openBackends(1);
            Outcome outcome = load.run(Work.BUSY, ports, 1, PATIENCE, 2000, new Window() {
                @Override
                public void begin() {
                    try (Socket silent = new Socket(InetAddress.getLoopbackAddress(), ports.get(0))) {
                        silent.setSoLinger(true, 0);
                    } catch (IOException refused) {
                        throw new UncheckedIOException(refused);
                    }
                }

                @Override
                public void end() {}
            });
            assertThat(outcome.messages()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void work_whereNobodyListens_failsForEveryClient(Work work) throws IOException {
        try (Load load = new Load();
                Socket bound = new Socket()) {
            // Bound, not listening: refuses, and nobody else can take the port.
            bound.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            Outcome outcome = load.warmUp(work, List.of(bound.getLocalPort()), 1, 1);
            assertThat(outcome.total()).isZero();
            assertThat(outcome.failures()).isGreaterThanOrEqualTo(work.connections());
        }
    }

    @Test
    void requests_answeredWithOtherBytes_fail() throws Exception {
        Thread lying;
        try (Load load = new Load();
                ServerSocket liar = new ServerSocket(0, 100, InetAddress.getLoopbackAddress())) {
            lying = new Thread(() -> lie(liar));
            lying.start();
            Outcome outcome = load.warmUp(Work.BUSY, List.of(liar.getLocalPort()), 1, PATIENCE);
            assertThat(outcome.messages()).anyMatch(message -> message.contains("wrong byte at"));
        }
        lying.join();
    }

    /** To each client nothing but zeros. */
    private static void lie(ServerSocket liar) {
        try {
            for (int i = 0; i < Work.BUSY.connections(); i++) {
                try (Socket socket = liar.accept()) {
                    socket.getInputStream().readNBytes(Work.BUSY.size());
                    socket.getOutputStream().write(new byte[Work.BUSY.size()]);
                }
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    private static LoadBalancer before(List<Integer> backends) {
        var builder = LoadBalancer.builder().eventLoops(1).noHealthCheck();
        backends.forEach(port -> builder.backend("127.0.0.1", port));
        return builder.start();
    }
}
