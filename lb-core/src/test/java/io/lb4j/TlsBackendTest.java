package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.backend.Backend;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectAttemptFailed;
import io.lb4j.event.ConnectFailure;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.health.HealthChecker;
import io.lb4j.preface.ProxyVersion;
import io.lb4j.testing.Certificate;
import io.lb4j.testing.EventLog;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import io.lb4j.testing.TlsPeer;
import io.lb4j.tls.BackendTls;
import io.lb4j.tls.Trust;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A plain client, and a backend to which TLS is spoken; how they end is in {@link TlsEndingsTest}. */
class TlsBackendTest {
    @RegisterExtension
    final Resources resources = new Resources();

    @TempDir
    Path folder;

    private final TestBackend backend = resources.add(TestBackend.listening());
    private final EventLog events = new EventLog();
    private Certificate certificate;
    private LoadBalancer lb;

    @BeforeEach
    void start() throws IOException {
        certificate = Certificate.of(folder, "db.example");
        BackendTls tls = BackendTls.verified(Trust.pem(certificate.file())).withServerName("db.example");
        lb = resources.add(LoadBalancer.builder()
                .eventLoops(1)
                .noHealthCheck()
                .listener(events)
                .listen(0)
                .backend(Backend.of("127.0.0.1", backend.port()).withTls(tls()))
                .start());
    }

    private BackendTls tls() {
        return BackendTls.verified(Trust.pem(certificate.file())).withServerName("db.example");
    }

    private SSLEngine engine(String protocol) {
        SSLEngine engine = certificate.serving().createSSLEngine();
        engine.setUseClientMode(false);
        engine.setEnabledProtocols(new String[] {protocol});
        return engine;
    }

    private TlsPeer served(String protocol) throws IOException {
        return resources.add(TlsPeer.over(backend.accept(), engine(protocol)).shake());
    }

    private void awaitClosed(CloseReason reason) {
        assertThat(events.await(ConnectionSummary.class).reason()).isEqualTo(reason);
    }

    private Peer client() {
        return resources.add(Peer.connect(lb.port()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void bytes_goBothWays_inRecordsOfAnySize(String protocol) throws IOException {
        byte[] bytes = new byte[3_000_000];
        new Random(1).nextBytes(bytes);
        Peer client = client();
        TlsPeer served = served(protocol);

        client.sendInBackground(300_000, 7);
        assertThat(served.hear(300_000)).hasSize(300_000);
        var heard = client.receiveToEndInBackground();
        served.say(java.util.Arrays.copyOf(bytes, 5000), 1).say(bytes, 16_000).closeNotify();

        assertThat(heard.join().count()).isEqualTo(3_005_000);
        client.fin();
        assertThat(served.hearToEnd()).isZero();
        assertThat(served.end()).isEqualTo(TlsPeer.End.CLOSE_NOTIFY);
        awaitClosed(CloseReason.COMPLETED);
    }

    @Test
    void proxyHeader_goesBeforeTheHandshake_asItIs() throws IOException {
        LoadBalancer told = resources.add(LoadBalancer.builder()
                .eventLoops(1)
                .noHealthCheck()
                .listen(0)
                .backend(Backend.of("127.0.0.1", backend.port()).withTls(tls()).withProxyProtocol(ProxyVersion.V1))
                .start());
        Peer client = resources.add(Peer.connect(told.port())).send("question");
        Peer below = backend.accept();
        String header = "PROXY TCP4 127.0.0.1 127.0.0.1 " + client.localPort() + " " + told.port() + "\r\n";
        assertThat(below.receiveText(header.length())).isEqualTo(header);
        TlsPeer served = resources.add(TlsPeer.over(below, engine("TLSv1.3")).shake());
        assertThat(served.hearText(8)).isEqualTo("question");
    }

    @Test
    void handshakeThatFails_isAFailedAttempt_andTheNextBackendIsTried() {
        TestBackend speaksNoTls = resources.add(TestBackend.saying("220 hello\r\n"));
        TestBackend plain = resources.add(TestBackend.saying("served"));
        LoadBalancer lb = resources.add(LoadBalancer.builder()
                .eventLoops(1)
                .noHealthCheck()
                .listener(events)
                .listen(0)
                .backend(Backend.of("127.0.0.1", speaksNoTls.port()).withTls(tls()))
                .backend(Backend.of("127.0.0.1", plain.port()).withPriority(1))
                .start());
        assertThat(resources.add(Peer.connect(lb.port())).receiveText(6)).isEqualTo("served");
        ConnectAttemptFailed failed = events.await(ConnectAttemptFailed.class);
        assertThat(failed.kind()).isEqualTo(ConnectFailure.TLS);
        assertThat(lb.stats().backends().get("127.0.0.1:" + speaksNoTls.port()).connectFailures())
                .containsEntry(ConnectFailure.TLS, 1L);
    }

    @Test
    void handshakeThatNeverEnds_isOverWithTheAttempt() {
        TestBackend silent = resources.add(TestBackend.listening());
        LoadBalancer lb = resources.add(LoadBalancer.builder()
                .eventLoops(1)
                .noHealthCheck()
                .listener(events)
                .timeouts(timeouts -> timeouts.connect(Duration.ofMillis(100)))
                .listen(0)
                .backend(Backend.of("127.0.0.1", silent.port()).withTls(tls()))
                .start());
        assertThat(resources.add(Peer.connect(lb.port())).receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        ConnectAttemptFailed failed = events.await(ConnectAttemptFailed.class);
        assertThat(failed.kind()).isEqualTo(ConnectFailure.TIMED_OUT);
        assertThat(failed.cause()).hasMessage("TLS handshake with 127.0.0.1:" + silent.port() + " timed out");
    }

    @Test
    void checks_speakTls_whereItIsSpokenToTheBackend() throws Exception {
        HealthChecker http = HealthChecker.http("/health");
        Backend place = Backend.of("127.0.0.1", backend.port());
        CompletableFuture<Void> service = CompletableFuture.runAsync(() -> {
            try (TlsPeer served =
                    TlsPeer.over(backend.accept(), engine("TLSv1.3")).shake()) {
                served.hear(10);
                served.say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").closeNotify();
                served.hearToEnd();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        http.check(place.withTls(tls()), Duration.ofSeconds(10));
        service.join();
    }
}
