package io.lb4j.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.lb4j.backend.Backend;
import io.lb4j.testing.Background;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Program;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import io.lb4j.tls.BackendTls;
import io.lb4j.tls.Trust;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against {@code openssl s_server} where there must be a real one, and against peers that only pretend. */
@Timeout(120)
class TlsHealthCheckerTest {
    private static final Pattern ACCEPT = Pattern.compile("ACCEPT \\S*:(\\d+)");
    private static final String NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1";

    @RegisterExtension
    final Resources resources = new Resources();

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void check_ofATrustedCertificate_passesWithoutResuming(String version) throws Exception {
        makeCertificate(30, NAMES);
        Program server = serve(version);
        HealthChecker checker = HealthChecker.tls(trusting(), Duration.ofDays(29));

        assertThat(check(checker, "127.0.0.1", server)).isNull();
        assertThat(check(checker, "127.0.0.1", server)).isNull();

        await().until(() -> server.output().split("CIPHER is", -1).length == 3);
        assertThat(server.output()).doesNotContain("Reused").doesNotContainIgnoringCase("error");
    }

    @Test
    void check_ofAName_sendsIt() throws Exception {
        makeCertificate(30, NAMES);
        Program server = serve("-servername", "localhost", "-cert2", file("cert.pem"), "-key2", file("key.pem"));

        assertThat(check(HealthChecker.tls(trusting(), Duration.ZERO), "localhost", server))
                .isNull();

        await().until(() -> server.output().contains("Hostname in TLS extension: \"localhost\""));
    }

    @Test
    void check_ofACertificateForAnotherName_fails() throws Exception {
        makeCertificate(30, "subjectAltName=DNS:elsewhere.example");
        Program server = serve();
        HealthChecker checker = HealthChecker.tls(trusting(), Duration.ZERO);

        assertThat(check(checker, "127.0.0.1", server)).isInstanceOf(SSLException.class);
        assertThat(check(checker, "localhost", server))
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("localhost");
    }

    @Test
    void check_ofACertificateThatEndsSoon_namesTheDay() throws Exception {
        X509Certificate certificate = makeCertificate(30, NAMES);
        Program server = serve();
        LocalDate end =
                certificate.getNotAfter().toInstant().atZone(ZoneOffset.UTC).toLocalDate();

        assertThat(check(HealthChecker.tls(trusting(), Duration.ofDays(31)), "127.0.0.1", server))
                .isInstanceOf(IOException.class)
                .hasMessage("certificate ends " + end);
    }

    /** Vouched for by name: then the JDK itself does not look at its end. */
    @Test
    void check_ofACertificateThatHasEnded_namesTheDay() throws Exception {
        X509Certificate certificate = makeEndedCertificate();
        Program server = serve();
        LocalDate end =
                certificate.getNotAfter().toInstant().atZone(ZoneOffset.UTC).toLocalDate();

        assertThat(check(HealthChecker.tls(trusting(), Duration.ZERO), "127.0.0.1", server))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("certificate ended " + end);
    }

    @Test
    void check_ofACertificateNobodyVouchesFor_fails() throws Exception {
        makeCertificate(30, NAMES);
        Program server = serve();

        assertThat(check(HealthChecker.tls(), "127.0.0.1", server))
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("certification path");
    }

    @Test
    void check_ofABackendWithoutTls_failsAndEndsWithFin() {
        CompletableFuture<Peer.End> end = new CompletableFuture<>();
        TestBackend backend = resources.add(TestBackend.serving(peer -> {
            peer.send("HTTP/1.1 400 Bad Request\r\n\r\n");
            end.complete(peer.receiveToEnd().end());
        }));

        assertThat(Checking.check(HealthChecker.tls(), backend.port())).isInstanceOf(SSLException.class);

        assertThat(end.join()).isEqualTo(Peer.End.EOF);
    }

    @Test
    void check_ofSilence_timesOut() {
        TestBackend backend = resources.add(TestBackend.serving(Peer::receiveToEnd));

        assertThat(Checking.check(HealthChecker.tls(), backend.port(), Duration.ofMillis(200)))
                .hasMessage("no answer within 200 ms");
    }

    @Test
    void check_ofADribble_timesOutAsAWhole() {
        TestBackend backend = resources.add(TestBackend.serving(peer -> {
            try {
                peer.send(new byte[] {22, 3, 3, 63, 0});
                while (true) {
                    peer.send(new byte[1]);
                    Background.pause(5);
                }
            } catch (UncheckedIOException checkerGone) {
                // That is its end.
            }
        }));

        assertThat(Checking.check(HealthChecker.tls(), backend.port(), Duration.ofMillis(1000)))
                .hasMessageStartingWith("no complete answer within 1000 ms");
    }

    @Test
    void check_ofAnEarlyEnd_fails() {
        TestBackend backend = resources.add(TestBackend.saying(""));

        Checking.fails(HealthChecker.tls(), backend.port(), "closed without an answer");
    }

    @Test
    void check_ofAReset_fails() {
        TestBackend backend = resources.add(TestBackend.serving(peer -> {
            peer.receive(5);
            peer.rst();
        }));

        assertThat(Checking.check(HealthChecker.tls(), backend.port())).isInstanceOf(IOException.class);
    }

    @Test
    void check_interrupted_ends() throws Exception {
        TestBackend backend = resources.add(TestBackend.serving(Peer::receiveToEnd));

        Checking.endsWhenInterrupted(HealthChecker.tls(), backend.port());
    }

    @Test
    void checker_ofANegativeDuration_isRefused() throws Exception {
        BackendTls tls = BackendTls.of(SSLContext.getDefault());
        assertThatThrownBy(() -> HealthChecker.tls(tls, Duration.ofDays(-1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void checker_asText_saysWhatItWants() throws Exception {
        assertThat(HealthChecker.tls()).hasToString("tls");
        assertThat(HealthChecker.tls(BackendTls.verified(), Duration.ofHours(2)))
                .hasToString("tls, certificate valid for PT2H");
    }

    private static @Nullable Throwable check(HealthChecker checker, String host, Program server) {
        Matcher accept = ACCEPT.matcher(server.output());
        assertThat(accept.find()).isTrue();
        Backend backend = Backend.of(host, Integer.parseInt(accept.group(1)));
        return catchThrowable(() -> checker.check(backend, Duration.ofMillis(Peer.PATIENCE_MILLIS)));
    }

    private Program serve(String... options) {
        List<String> command = new ArrayList<>(List.of(Program.require("openssl"), "s_server"));
        command.addAll(List.of("-accept", "127.0.0.1:0", "-cert", file("cert.pem"), "-key", file("key.pem")));
        command.addAll(List.of(options));
        Program server = resources.add(Program.start(command.toArray(String[]::new)));
        await().until(() -> ACCEPT.matcher(server.output()).find());
        return server;
    }

    private X509Certificate makeCertificate(int days, String names) throws Exception {
        String[] request = {Program.require("openssl"), "req", "-x509", "-nodes", "-newkey", "rsa:2048"};
        String[] result = {"-keyout", file("key.pem"), "-out", file("cert.pem"), "-subj", "/CN=backend"};
        List<String> command = new ArrayList<>(List.of(request));
        command.addAll(List.of(result));
        command.addAll(List.of("-days", "" + days, "-addext", names));
        Program.run(command.toArray(String[]::new));
        return certificate();
    }

    /** By keytool, because openssl gives no certificate that has ended already. */
    private X509Certificate makeEndedCertificate() throws Exception {
        String store = file("store.p12");
        String[] pair = {
            "-genkeypair", "-keyalg", "EC", "-dname", "CN=backend", "-ext", "san=dns:localhost,ip:127.0.0.1"
        };
        String[] times = {"-startdate", "-10d", "-validity", "5"};
        List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/keytool"));
        command.addAll(List.of(pair));
        command.addAll(List.of(times));
        command.addAll(List.of("-storetype", "PKCS12", "-keystore", store, "-storepass", "changeit"));
        Program.run(command.toArray(String[]::new));
        String[] export = {
            Program.require("openssl"), "pkcs12", "-in", store, "-passin", "pass:changeit", "-nodes", "-out"
        };
        for (String part : List.of("cert.pem", "key.pem")) {
            List<String> exporting = new ArrayList<>(List.of(export));
            exporting.addAll(List.of(file(part), part.equals("cert.pem") ? "-nokeys" : "-nocerts"));
            Program.run(exporting.toArray(String[]::new));
        }
        return certificate();
    }

    private X509Certificate certificate() throws Exception {
        String pem = Files.readString(folder.resolve("cert.pem"));
        String bare = pem.substring(pem.indexOf("-----BEGIN"));
        try (InputStream in = new ByteArrayInputStream(bare.getBytes(StandardCharsets.US_ASCII))) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    private BackendTls trusting() {
        return BackendTls.verified(Trust.pem(folder.resolve("cert.pem")));
    }

    private String file(String name) {
        return folder.resolve(name).toString();
    }
}
