package io.lb4j.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.lb4j.backend.Backend;
import io.lb4j.testing.Certificate;
import io.lb4j.testing.Nginx;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Program;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import io.lb4j.tls.BackendTls;
import io.lb4j.tls.TlsIdentity;
import io.lb4j.tls.Trust;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks over TLS: of real servers, and of one that does with TLS what no real one would. */
class OverTlsHealthCheckerTest {
    private static final Duration LONG = Duration.ofMillis(Peer.PATIENCE_MILLIS);

    @RegisterExtension
    final Resources resources = new Resources();

    @TempDir
    Path folder;

    private Certificate certificate;
    private BackendTls tls;

    @BeforeEach
    void makeCertificate() {
        certificate = Certificate.of(folder, "localhost");
        tls = BackendTls.verified(Trust.pem(certificate.file()));
    }

    private static @Nullable Throwable check(HealthChecker checker, int port) {
        return catchThrowable(() -> checker.check(Backend.of("localhost", port), LONG));
    }

    // ---- real servers

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void http_ofNginx_isHttps(String protocol) {
        Program.Server nginx = resources.add(
                Nginx.startHttp(folder, port -> """
                server { listen 127.0.0.1:%d ssl; ssl_certificate %s; ssl_certificate_key %s; ssl_protocols %s;
                         location /health { return 200 "all well\\n"; } location /bad { return 503; } }
                """.formatted(port, certificate.file(), certificate.key(), protocol)));
        HttpHealthChecker http = HealthChecker.http("/health").expectBody("all well");

        assertThat(check(HealthChecker.overTls(tls, http), nginx.port())).isNull();
        assertThat(check(HealthChecker.overTls(tls, HealthChecker.http("/bad")), nginx.port()))
                .hasMessage("status 503");
        // nginx answers a check that forgets TLS, and says so.
        assertThat(check(http, nginx.port())).hasMessage("status 400");
    }

    @Test
    void redis_overTls_isAskedAsEver() {
        String redis = Program.require("redis-server");
        Program.Server server = resources.add(Program.startOnFreePort(
                "Ready to accept connections",
                port -> Program.start(
                        redis,
                        "--port",
                        "0",
                        "--tls-port",
                        "" + port,
                        "--bind",
                        "127.0.0.1",
                        "--save",
                        "",
                        "--tls-cert-file",
                        certificate.file().toString(),
                        "--tls-key-file",
                        certificate.key().toString(),
                        "--tls-ca-cert-file",
                        certificate.file().toString())));
        // By default it wants to know who its clients are, and trusts its own certificate here.
        HealthChecker stranger = HealthChecker.overTls(tls, HealthChecker.redis());
        HealthChecker known = HealthChecker.overTls(
                tls.withIdentity(TlsIdentity.pem(certificate.file(), certificate.key())), HealthChecker.redis());

        assertThat(check(known, server.port())).isNull();
        assertThat(check(stranger, server.port())).isInstanceOf(IOException.class);
        assertThat(check(HealthChecker.redis(), server.port())).isInstanceOf(IOException.class);
    }

    @Test
    void ldap_ofSlapd_isLdaps() throws IOException {
        String slapd = Program.require("slapd", "/usr/sbin");
        Path config = Files.writeString(
                folder.resolve("config"),
                "pidfile %s/pid%nTLSCertificateFile %s%nTLSCertificateKeyFile %s%n"
                        .formatted(folder, certificate.file(), certificate.key()));
        Program.Server server = resources.add(Program.startOnFreePort(
                "slapd starting",
                port -> Program.start(
                        slapd, "-d", "stats", "-h", "ldaps://127.0.0.1:" + port, "-f", config.toString())));

        assertThat(check(HealthChecker.overTls(tls, HealthChecker.ldap()), server.port()))
                .isNull();
    }

    @Test
    void mqtt_ofMosquitto_isOverTls() {
        String mosquitto = Program.require("mosquitto", "/usr/sbin");
        Program.Server server = resources.add(
                Program.startOnFreePort("running", port -> Program.start(mosquitto, "-c", mosquittoConfig(port))));

        assertThat(check(HealthChecker.overTls(tls, HealthChecker.mqtt()), server.port()))
                .isNull();
    }

    private String mosquittoConfig(int port) {
        try {
            // It drops its rights to read what another user has written, unless told to keep them.
            return Files.writeString(folder.resolve("config-" + port), """
                    user root
                    listener %d 127.0.0.1
                    allow_anonymous true
                    log_dest stderr
                    certfile %s
                    keyfile %s
                    """.formatted(
                                    port, certificate.file(), certificate.key()))
                    .toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Its server looks into the certificate of the client and says what is wrong with it. */
    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void identity_isShownToAServerThatAsks_andOneWithoutIsRefused(String version) {
        Certificate own = Certificate.of(folder, "balancer");
        Program.Server server = resources.add(certificate.serve(
                folder,
                version,
                "-www",
                "-Verify",
                "1",
                "-verify_return_error",
                "-CAfile",
                own.file().toString()));
        BackendTls known = tls.withIdentity(TlsIdentity.pem(own.file(), own.key()));
        HealthChecker http = HealthChecker.http("/");

        assertThat(check(HealthChecker.overTls(known, http), server.port())).isNull();
        assertThat(check(HealthChecker.overTls(tls, http), server.port())).isInstanceOf(SSLException.class);
    }

    @Test
    void serverName_isToldAndExpected() {
        Certificate other = Certificate.of(folder, "other.example.test");
        Program.Server server = resources.add(other.serve(folder, "-www"));
        BackendTls trusting = BackendTls.verified(Trust.pem(other.file()));
        HealthChecker http = HealthChecker.http("/");

        assertThat(check(HealthChecker.overTls(trusting, http), server.port()))
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("localhost");
        HealthChecker named = HealthChecker.overTls(trusting.withServerName("other.example.test"), http);
        assertThat(check(named, server.port())).isNull();
        assertThat(named).hasToString("http / over TLS, verified as other.example.test");
    }

    @Test
    void backend_thatNobodyVouchesFor_isNotHealthy_unlessItIsNotLookedAt() {
        Program.Server server = resources.add(certificate.serve(folder, "-www"));
        HealthChecker http = HealthChecker.http("/");

        assertThat(check(HealthChecker.overTls(BackendTls.verified(), http), server.port()))
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("certification path");
        assertThat(check(HealthChecker.overTls(BackendTls.unverified(), http), server.port()))
                .isNull();
    }

    // ---- a server of the test's own

    private int serving(TlsService service) {
        return resources.add(TlsService.backend(certificate, service)).port();
    }

    private HealthChecker expecting(String text) {
        return HealthChecker.overTls(tls, HealthChecker.sendExpect("hello", text));
    }

    @Test
    void answer_inRecordsOfOneByte_isOneAnswer() {
        int port = serving((socket, below) -> {
            socket.getInputStream().readNBytes(5);
            for (byte b : "well, thank you".getBytes(StandardCharsets.US_ASCII)) {
                socket.getOutputStream().write(b);
            }
        });
        assertThat(check(expecting("thank you"), port)).isNull();
    }

    @Test
    void dialogue_goesToAndFro() {
        int port = serving((socket, below) -> {
            socket.getOutputStream().write("220 ready".getBytes(StandardCharsets.US_ASCII));
            for (int i = 0; i < 3; i++) {
                socket.getOutputStream().write(socket.getInputStream().readNBytes(1));
            }
        });
        HealthChecker dialogue = HealthChecker.dialogue(steps ->
                steps.expect("220").send("a").expect("a").send("b").expect("b").send("c"));
        assertThat(check(HealthChecker.overTls(tls, dialogue), port)).isNull();
    }

    @Test
    void answer_thatIsCutOff_isNoWholeAnswer() {
        int port = serving((socket, below) -> {
            socket.getInputStream().readNBytes(5);
            socket.getOutputStream().write("well, th".getBytes(StandardCharsets.US_ASCII));
            below.shutdownOutput();
        });
        assertThat(check(expecting("thank you"), port))
                .isInstanceOf(EOFException.class)
                .hasMessage("closed without the end of TLS (close_notify), in the middle of the answer: \"well, th\"");
    }

    @Test
    void answer_thatEnds_isAnotherThanExpected() {
        int port = serving((socket, below) -> {
            socket.getInputStream().readNBytes(5);
            socket.getOutputStream().write("well, th".getBytes(StandardCharsets.US_ASCII));
            socket.close();
        });
        assertThat(check(expecting("thank you"), port)).hasMessage("expected \"thank you\", got \"well, th\"");
    }

    @Test
    void answer_beyondTheLimit_isTooLong() {
        int port = serving((socket, below) -> {
            socket.getInputStream().readNBytes(5);
            for (int i = 0; i < 20; i++) {
                socket.getOutputStream().write(new byte[10_000]);
            }
        });
        assertThat(check(expecting("thank you"), port))
                .hasMessageStartingWith("expected \"thank you\", not in the first 65536 bytes");
    }

    @Test
    void silence_afterTheHandshake_timesOut() {
        int port = serving((socket, below) -> socket.getInputStream().readAllBytes());
        assertThat(catchThrowable(() -> expecting("x").check(Backend.of("localhost", port), Duration.ofMillis(4000))))
                .hasMessage("no answer within 4000 ms");
    }

    @Test
    void check_ends_withCloseNotify_andWithoutAReset() {
        CompletableFuture<byte[]> last = new CompletableFuture<>();
        int port = serving((socket, below) -> {
            socket.getInputStream().readNBytes(5);
            socket.getOutputStream().write("well".getBytes(StandardCharsets.US_ASCII));
            // Below TLS, as a JDK's own socket takes any end of the stream for the end of TLS. A reset would throw.
            last.complete(below.getInputStream().readAllBytes());
        });
        assertThat(check(expecting("well"), port)).isNull();
        // One record, which in TLS 1.3 calls itself data; an alert is short, and padded.
        assertThat(last.join()).startsWith(23, 3, 3, 0).hasSizeLessThan(64).satisfies(record -> assertThat(record)
                .hasSize(5 + record[4]));
    }

    @Test
    void answer_inOneLargeRecord_isReadToItsEnd() {
        byte[] answer = new byte[16_000];
        byte[] text = "thank you".getBytes(StandardCharsets.US_ASCII);
        // Across the end of what the check reads at a time.
        System.arraycopy(text, 0, answer, 4096 - 4, text.length);
        int port = serving((socket, below) -> {
            socket.getInputStream().readNBytes(5);
            socket.getOutputStream().write(answer);
        });
        assertThat(check(expecting("thank you"), port)).isNull();
    }

    @Test
    void backend_withoutTls_isNotHealthy() {
        TestBackend plain = resources.add(TestBackend.saying("220 ready"));
        assertThat(check(expecting("220"), plain.port())).isInstanceOf(SSLException.class);
    }

    @Test
    void check_interrupted_ends() throws Exception {
        TestBackend silent = resources.add(TestBackend.serving(Peer::receiveToEnd));
        Checking.endsWhenInterrupted(expecting("x"), silent.port());
    }

    // ---- which checks there are over TLS

    @Test
    void checkThatSpeaksBeforeTls_orOnItsOwn_isRefused() {
        for (HealthChecker none : new HealthChecker[] {
            HealthChecker.tcpConnect(),
            HealthChecker.tls(),
            HealthChecker.postgres(),
            HealthChecker.mysql("check"),
            HealthChecker.agent(1),
            (backend, timeout) -> {}
        }) {
            assertThatThrownBy(() -> HealthChecker.overTls(tls, none))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("over TLS: ");
        }
    }
}
