package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendStatus;
import io.lb4j.event.BackendStatusChanged;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectAttemptFailed;
import io.lb4j.event.ConnectFailure;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.selection.BackendSelector;
import io.lb4j.testing.Authority;
import io.lb4j.testing.Certificate;
import io.lb4j.testing.EventLog;
import io.lb4j.testing.Nginx;
import io.lb4j.testing.Program;
import io.lb4j.testing.Program.Outcome;
import io.lb4j.testing.RandomStream;
import io.lb4j.testing.Resources;
import io.lb4j.tls.BackendTls;
import io.lb4j.tls.TlsIdentity;
import io.lb4j.tls.Trust;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Real servers that speak TLS, and real clients that do not: nginx, redis, slapd, openssl. */
class RealTlsBackendsTest {
    private static final String SITE = "site.example.test";
    private static final int MUCH = 10_000_000;

    @TempDir
    static Path folder;

    private static Authority authority;
    private static Certificate certificate;
    private static BackendTls verified;

    @RegisterExtension
    final Resources resources = new Resources();

    private final EventLog log = new EventLog();
    private LoadBalancer lb;

    @BeforeAll
    static void makeCertificates() throws IOException {
        authority = Authority.in(folder);
        certificate = authority.sign(SITE);
        verified = BackendTls.verified(Trust.pem(authority.file())).withServerName(SITE);
        try (OutputStream file = Files.newOutputStream(folder.resolve("much"))) {
            new RandomStream(7).next(MUCH, file::write);
        }
    }

    /** The first one gets everything, as long as it can be connected to. */
    private void start(BackendTls tls, int... ports) {
        LoadBalancerBuilder builder = LoadBalancer.builder()
                .listen("127.0.0.1", 0)
                .noHealthCheck()
                .selector(BackendSelector.first())
                .outlierDetection(outliers -> outliers.consecutiveFailures(3))
                .eachBackend(backend -> backend.withTls(tls))
                .listener(log);
        for (int port : ports) {
            builder.backend(Backend.of("127.0.0.1", port));
        }
        lb = resources.add(builder.start());
    }

    private Program.Server nginx(Certificate shown, String protocol) {
        return resources.add(Nginx.startHttp(
                folder, port -> """
                server { listen 127.0.0.1:%d ssl; ssl_certificate %s; ssl_certificate_key %s; ssl_protocols %s;
                         client_max_body_size 0; location /put/ { root %s; dav_methods PUT; } location /much { root %s; }
                         location / { return 200 "$ssl_protocol $ssl_server_name $ssl_session_reused"; } }
                """.formatted(port, shown.file(), shown.key(), protocol, folder, folder)));
    }

    private String curl(String path, String... options) {
        return Program.run(Stream.concat(
                        Stream.of(Program.require("curl"), "-sSf", "http://127.0.0.1:" + lb.port() + path),
                        Stream.of(options))
                .toArray(String[]::new));
    }

    // ---- what passes

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void nginx_isDownloadedFrom_andUploadedTo(String protocol) {
        start(verified, nginx(certificate, protocol).port());
        Path got = folder.resolve("got");
        folder.resolve("put").toFile().mkdir();

        curl("/much", "-o", got.toString());
        assertThat(got).hasSameBinaryContentAs(folder.resolve("much"));
        curl("/put/" + protocol, "-T", folder.resolve("much").toString());
        assertThat(folder.resolve("put").resolve(protocol)).hasSameBinaryContentAs(folder.resolve("much"));
        // It does not say that a connection is over which the client has ended before.
        assertThat(log.await(ConnectionSummary.class, 2))
                .extracting(ConnectionSummary::reason)
                .containsOnly(CloseReason.BACKEND_TRUNCATED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void nginx_isToldTheName_andResumesTheSession(String protocol) {
        start(verified, nginx(certificate, protocol).port());

        assertThat(curl("/")).isEqualTo(protocol + " " + SITE + " .");
        assertThat(curl("/")).isEqualTo(protocol + " " + SITE + " r");
    }

    private Program.Server redis(String protocol) {
        String redis = Program.require("redis-server");
        return resources.add(Program.startOnFreePort("Ready to accept connections", port -> {
            String[] tls = {"--tls-protocols", protocol, "--tls-cert-file", certificate.file() + "", "--tls-key-file"};
            String[] files = {certificate.key() + "", "--tls-ca-cert-file", authority.file() + ""};
            String[] place = {redis, "--port", "0", "--tls-port", "" + port, "--bind", "127.0.0.1", "--save", ""};
            return Program.start(
                    Stream.of(place, tls, files).flatMap(Stream::of).toArray(String[]::new));
        }));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void redis_thatAsksWhoWeAre_isShownOurCertificate(String protocol) {
        Certificate ours = authority.sign("balancer");
        start(
                verified.withIdentity(TlsIdentity.pem(ours.file(), ours.key())),
                redis(protocol).port());
        String client = Program.require("redis-cli");

        String answers = Program.runWith("SET key value\nGET key\n", client, "-p", "" + lb.port());

        assertThat(answers).isEqualTo("OK\nvalue");
    }

    /** In TLS 1.3 the handshake is over here before the server has looked at what it was shown. */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void redis_thatIsShownNone_hangsUp(String protocol) {
        start(verified, redis(protocol).port());
        String client = Program.require("redis-cli");

        Outcome outcome = Program.outcome("PING\n", client, "-p", "" + lb.port());

        assertThat(outcome.output()).contains("Error");
        ConnectionSummary summary = log.await(ConnectionSummary.class);
        assertThat(summary.reason())
                .isEqualTo(protocol.equals("TLSv1.2") ? CloseReason.CONNECT_FAILED : CloseReason.BACKEND_TLS_FAILED);
        assertThat(summary.cause()).isInstanceOf(SSLException.class);
        assertThat(log.of(ConnectAttemptFailed.class))
                .allSatisfy(each -> assertThat(each.kind()).isEqualTo(ConnectFailure.TLS));
    }

    @Test
    void slapd_isAskedByAClientOfPlainLdap() throws IOException {
        String slapd = Program.require("slapd", "/usr/sbin");
        String ldapsearch = Program.require("ldapsearch");
        String config = "pidfile %s/pid%nTLSCertificateFile %s%nTLSCertificateKeyFile %s%n"
                .formatted(folder, certificate.file(), certificate.key());
        String file = Files.writeString(folder.resolve("slapd.conf"), config).toString();
        Program.Server server = resources.add(Program.startOnFreePort(
                "slapd starting",
                port -> Program.start(slapd, "-d", "stats", "-h", "ldaps://127.0.0.1:" + port, "-f", file)));
        start(verified, server.port());

        String root = Program.run(
                ldapsearch, "-x", "-H", "ldap://127.0.0.1:" + lb.port(), "-b", "", "-s", "base", "-LLL", "objectClass");

        assertThat(root).contains("objectClass: OpenLDAProotDSE");
        assertThat(log.await(ConnectionSummary.class).reason()).isEqualTo(CloseReason.COMPLETED);
    }

    // ---- who is not believed

    enum Wrong {
        AUTHORITY(() -> Authority.in(folder).sign(SITE)),
        NAME(() -> authority.sign("x." + SITE)),
        EXPIRED(() -> authority.signExpired(SITE));

        final Supplier<Certificate> certificate;

        Wrong(Supplier<Certificate> certificate) {
            this.certificate = certificate;
        }
    }

    @ParameterizedTest
    @EnumSource
    void backend_thatIsNotBelieved_isToldSo_andAnotherIsTried_andItIsEjected(Wrong wrong) {
        for (String version : List.of("-tls1_2", "-tls1_3")) {
            Program.Server bad = resources.add(wrong.certificate.get().serve(folder, "-www", version));
            insteadOf(bad);
            // An unknown certificate, or an expired one.
            await().untilAsserted(() -> assertThat(bad.program().output()).contains("SSL alert number 4"));
        }
    }

    private void insteadOf(Program.Server bad) {
        start(verified, bad.port(), nginx(certificate, "TLSv1.3").port());
        for (int i = 0; i < 4; i++) {
            assertThat(curl("/")).startsWith("TLSv1.3 " + SITE);
        }
        List<ConnectAttemptFailed> failed = log.of(ConnectAttemptFailed.class);
        assertThat(failed).hasSize(3).allSatisfy(each -> {
            assertThat(each.kind()).isEqualTo(ConnectFailure.TLS);
            assertThat(each.backend().port()).isEqualTo(bad.port());
        });
        assertThat(log.await(BackendStatusChanged.class).to()).isEqualTo(BackendStatus.EJECTED);
        assertThat(log.await(ConnectionSummary.class, 4))
                .extracting(ConnectionSummary::attempts)
                .containsExactly(2, 2, 2, 1);
        log.events().clear();
    }

    @Test
    void backend_thatSpeaksNoTlsOfToday_isAnotherOne() {
        insteadOf(resources.add(certificate.serve(folder, "-www", "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0")));
        Program.Server plain = resources.add(
                Nginx.startHttp(folder, port -> "server { listen 127.0.0.1:" + port + "; return 200 \"plain\"; }"));
        insteadOf(plain);
    }
}
