package io.lb4j.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lb4j.benchmarks.load.Load.Outcome;
import io.lb4j.benchmarks.netty.NettyRelay;
import io.lb4j.benchmarks.tls.Identity;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(120)
class TlsLoadTest {
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(60);

    private static String p256;
    private static String rsa;

    @BeforeAll
    static void make() throws Exception {
        assumeTrue(NettyRelay.missing().isEmpty(), "no native epoll here");
        p256 = Identity.of(Identity.Kind.P256).pem();
        rsa = Identity.of(Identity.Kind.RSA2048).pem();
    }

    static Stream<Work> works() {
        return Work.ALL.stream().filter(Work::isTls);
    }

    @ParameterizedTest
    @MethodSource("works")
    void work_throughARelayWithTls_isCountedAndNothingFails(Work work) throws IOException {
        try (Load load = new Load();
                NettyRelay relay = before(load, context(p256)::newHandler)) {
            Outcome outcome = load.warmUp(work, List.of(relay.port()), 100, PATIENCE);
            assertThat(outcome.messages()).isEmpty();
            assertThat(outcome.failures()).isZero();
            assertThat(outcome.total()).isGreaterThanOrEqualTo(100);
        }
    }

    @Test
    void work_toAServerWithAnotherKey_fails() throws IOException {
        try (Load load = new Load();
                NettyRelay relay = before(load, context(rsa)::newHandler)) {
            Outcome outcome = load.warmUp(Work.TLS_BUSY, List.of(relay.port()), 1, PATIENCE);
            assertThat(outcome.messages()).anyMatch(message -> message.contains("another key"));
            assertThat(outcome.total()).isZero();
        }
    }

    @Test
    void resumption_thatTheServerRefuses_isAFailure() throws IOException {
        try (Load load = new Load();
                NettyRelay relay = before(load, TlsLoadTest::handlerThatKnowsNobody)) {
            Work resumed = work("tls-resumed");
            Outcome outcome = load.warmUp(resumed, List.of(relay.port()), 2L * resumed.connections(), PATIENCE);
            assertThat(outcome.messages()).contains("ShortClient: handshake: full (expected: resumed)");
        }
    }

    @Test
    void fullHandshake_whereTheServerKnowsNobody_isNone() throws IOException {
        try (Load load = new Load();
                NettyRelay relay = before(load, TlsLoadTest::handlerThatKnowsNobody)) {
            Outcome outcome = load.warmUp(work("tls-full"), List.of(relay.port()), 20, PATIENCE);
            assertThat(outcome.messages()).isEmpty();
        }
    }

    @Test
    void client_withoutASession_isNotResumed() throws IOException {
        TlsClient client = new TlsClients().client(false);
        client.established(true);
        client.established(true);
        assertThatThrownBy(() -> client.established(false)).hasMessage("handshake: resumed (expected: full)");
    }

    @Test
    void client_thatHasFailed_beginsAnew() throws IOException {
        TlsClient client = new TlsClients().client(true);
        client.established(true);
        client.established(false);
        client.failed();
        client.established(true);
        assertThatThrownBy(() -> client.established(true)).hasMessage("handshake: full (expected: resumed)");
    }

    @Test
    void stream_thatEndsWithoutBeingEnded_isAFailure() throws Exception {
        Thread ending;
        try (Load load = new Load();
                ServerSocket server = new ServerSocket(0, 100, InetAddress.getLoopbackAddress())) {
            ending = new Thread(() -> end(server));
            ending.start();
            Outcome outcome = load.warmUp(Work.TLS_BUSY, List.of(server.getLocalPort()), 1, PATIENCE);
            assertThat(outcome.messages()).contains("RequestClient: stream ended without a close_notify");
        }
        ending.join();
    }

    /** Ends each stream when the hello has come. */
    private static void end(ServerSocket server) {
        try {
            for (int i = 0; i < Work.TLS_BUSY.connections(); i++) {
                try (Socket socket = server.accept()) {
                    socket.shutdownOutput();
                    socket.getInputStream().readAllBytes();
                }
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    @Test
    void idleConnections_withTls_areAnsweredOnce() throws IOException {
        try (Load load = new Load();
                NettyRelay relay = before(load, context(p256)::newHandler);
                Idle idle = load.idle(List.of(relay.port()), true)) {
            idle.growTo(10);
            idle.hold(1);
            assertThat(idle.messages()).isEmpty();
        }
    }

    private static NettyRelay before(Load load, Function<ByteBufAllocator, SslHandler> tls) throws IOException {
        return NettyRelay.start(load.openBackends(3), 1, tls);
    }

    private static Work work(String key) {
        return works().filter(work -> work.key().equals(key)).findFirst().orElseThrow();
    }

    private static SslHandler handlerThatKnowsNobody(ByteBufAllocator allocator) {
        try {
            return context(p256).newHandler(allocator);
        } catch (SSLException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static SslContext context(String pem) throws SSLException {
        return SslContextBuilder.forServer(stream(pem), stream(pem))
                .sslProvider(SslProvider.JDK)
                .build();
    }

    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
    }
}
