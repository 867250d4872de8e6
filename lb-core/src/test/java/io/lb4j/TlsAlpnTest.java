package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.backend.Backend;
import io.lb4j.event.ConnectAttemptFailed;
import io.lb4j.event.ConnectFailure;
import io.lb4j.health.HealthChecker;
import io.lb4j.testing.Certificate;
import io.lb4j.testing.EventLog;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import io.lb4j.testing.TlsPeer;
import io.lb4j.tls.BackendTls;
import io.lb4j.tls.TlsIdentity;
import io.lb4j.tls.Trust;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The protocol within TLS that backends are offered: RFC 7301. */
class TlsAlpnTest {
    private static final Duration CHECK_TIMEOUT = Duration.ofSeconds(20);

    @TempDir
    static Path folder;

    private static Certificate certificate;

    @RegisterExtension
    final Resources resources = new Resources();

    private final TestBackend backend = resources.add(TestBackend.listening());
    private final EventLog events = new EventLog();

    @BeforeAll
    static void makeCertificate() {
        certificate = Certificate.of(folder, "site.example");
    }

    private static BackendTls tls() {
        return BackendTls.verified(Trust.pem(certificate.file())).withServerName("site.example");
    }

    private Backend place(BackendTls tls) {
        return Backend.of("127.0.0.1", backend.port()).withTls(tls);
    }

    /** With TLS from clients, who may speak h2 and http/1.1. */
    private LoadBalancer start(Backend... places) {
        LoadBalancerBuilder builder = LoadBalancer.builder()
                .eventLoops(1)
                .noHealthCheck()
                .listener(events)
                .listen(
                        0,
                        frontend -> frontend.tls(
                                tls -> tls.certificate(TlsIdentity.pem(certificate.file(), certificate.key()))
                                        .alpn("h2", "http/1.1")));
        for (Backend place : places) {
            builder.backend(place);
        }
        return resources.add(builder.start());
    }

    private static SSLEngine engine(boolean isClient, String... protocols) throws IOException {
        SSLEngine engine = certificate.engine(isClient);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setApplicationProtocols(protocols);
        engine.setSSLParameters(parameters);
        return engine;
    }

    private TlsPeer client(LoadBalancer lb, String... protocols) throws IOException {
        return resources.add(
                TlsPeer.over(Peer.connect(lb.port()), engine(true, protocols)).shake());
    }

    private TlsPeer served(String... protocols) throws IOException {
        return resources.add(TlsPeer.over(backend.accept(), engine(false, protocols)));
    }

    private static String agreed(TlsPeer peer) {
        return peer.engine().getApplicationProtocol();
    }

    @Test
    void fixedProtocols_areOfferedInTheirOrder_whateverTheClientSpeaks() throws IOException {
        LoadBalancer lb = start(place(tls().withAlpn("mqtt", "h2")));
        TlsPeer client = client(lb, "http/1.1");
        TlsPeer served = served("h2", "mqtt");
        served.engine().setHandshakeApplicationProtocolSelector((engine, offered) -> {
            assertThat(offered).containsExactly("mqtt", "h2");
            return "h2";
        });
        assertThat(agreed(served.shake())).isEqualTo("h2");
        client.say("question");
        assertThat(served.hearText(8)).isEqualTo("question");
    }

    @ParameterizedTest
    @ValueSource(strings = {"h2", "http/1.1"})
    void clientsProtocol_isTheOneThatTheBackendSpeaks(String protocol) throws IOException {
        LoadBalancer lb = start(place(tls().withClientAlpn()));
        TlsPeer client = client(lb, protocol);
        TlsPeer served = served("http/1.1", "h2").shake();
        assertThat(agreed(client)).isEqualTo(protocol);
        assertThat(agreed(served)).isEqualTo(protocol);
    }

    @Test
    void clientWithoutAProtocol_hasNoneOfferedForHim() throws IOException {
        LoadBalancer lb = start(place(tls().withClientAlpn()));
        client(lb);
        TlsPeer served = served("h2");
        served.engine().setHandshakeApplicationProtocolSelector((engine, offered) -> {
            throw new AssertionError("offered: " + offered);
        });
        assertThat(agreed(served.shake())).isEmpty();
    }

    /** It knows nothing of ALPN, and speaks what it always does: to a client who was promised something else. */
    @Test
    void backendThatAgreesToNothing_isAFailedAttempt_andTheNextIsTried() throws IOException {
        TestBackend other = resources.add(TestBackend.saying("served"));
        LoadBalancer lb = start(
                place(tls().withClientAlpn()),
                Backend.of("127.0.0.1", other.port()).withPriority(1));
        TlsPeer client = client(lb, "h2");
        served().shake();
        assertThat(client.hearText(6)).isEqualTo("served");
        ConnectAttemptFailed failed = events.await(ConnectAttemptFailed.class);
        assertThat(failed.kind()).isEqualTo(ConnectFailure.TLS);
        assertThat(failed.cause()).hasMessageContaining("it agrees to none of [h2] (ALPN)");
    }

    @Test
    void backendWithoutAlpn_speaksHttp11() throws IOException {
        LoadBalancer lb = start(place(tls().withClientAlpn()));
        TlsPeer client = client(lb, "http/1.1");
        TlsPeer served = served().shake();
        served.say("answer");
        assertThat(client.hearText(6)).isEqualTo("answer");
    }

    @Test
    void check_ofHttp_speaksHttp11_whateverConnectionsSpeak() throws IOException {
        CompletableFuture<Void> checked = check(HealthChecker.http("/"), tls().withAlpn("h2"));
        TlsPeer served = served("h2", "http/1.1").shake();
        assertThat(agreed(served)).isEqualTo("http/1.1");
        served.hearText("GET / HTTP/1.1\r\n".length());
        served.say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").closeNotify().fin();
        assertThat(checked).succeedsWithin(CHECK_TIMEOUT);
    }

    @Test
    void check_ofWhatElse_speaksWhatConnectionsSpeak_andFailsAsTheyDo() throws IOException {
        HealthChecker checker = HealthChecker.sendExpect("ping", "pong");
        CompletableFuture<Void> checked = check(checker, tls().withAlpn("mqtt"));
        TlsPeer served = served("mqtt").shake();
        assertThat(served.hearText(4)).isEqualTo("ping");
        served.say("pong").closeNotify().fin();
        assertThat(checked).succeedsWithin(CHECK_TIMEOUT);

        CompletableFuture<Void> failing = check(checker, tls().withAlpn("mqtt"));
        served().shake();
        assertThat(failing)
                .failsWithin(CHECK_TIMEOUT)
                .withThrowableThat()
                .havingRootCause()
                .isInstanceOf(SSLException.class)
                .withMessageContaining("none of [mqtt]");
    }

    private CompletableFuture<Void> check(HealthChecker checker, BackendTls tls) {
        return CompletableFuture.runAsync(() -> {
            try {
                checker.check(place(tls), CHECK_TIMEOUT);
            } catch (Exception failed) {
                throw new IllegalStateException(failed);
            }
        });
    }

    @Test
    void protocols_thatAreNone_areRefused() {
        String tooLong = "x".repeat(256);
        for (String wrong : new String[] {"", tooLong}) {
            String message = "alpn: \"" + wrong + "\" (expected: 1 to 255 bytes)";
            assertThatThrownBy(() -> tls().withAlpn("h2", wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(message);
            assertThatThrownBy(() -> LoadBalancer.builder().listen(0, frontend -> frontend.tls(tls -> tls.alpn(wrong))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(message);
        }
    }

    @Test
    void isAPartOfWhatABackendIs() {
        assertThat(BackendTls.verified().withAlpn("h2")).isNotEqualTo(BackendTls.verified());
        assertThat(BackendTls.verified().withClientAlpn()).isNotEqualTo(BackendTls.verified());
        assertThat(BackendTls.verified().withClientAlpn().withAlpn()).isEqualTo(BackendTls.verified());
        assertThat(BackendTls.verified()
                        .withAlpn("h2")
                        .withServerName("a.example")
                        .alpn())
                .containsExactly("h2");
    }
}
