package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.testing.Authority;
import io.lb4j.testing.Certificate;
import io.lb4j.testing.EventLog;
import io.lb4j.testing.OpenSslClient;
import io.lb4j.testing.OpenSslClient.Alert;
import io.lb4j.testing.Program.Outcome;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import io.lb4j.tls.ClientCertificate;
import io.lb4j.tls.FrontendTlsBuilder;
import io.lb4j.tls.TlsIdentity;
import io.lb4j.tls.TlsVersion;
import io.lb4j.tls.Trust;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a real openssl makes of handshakes: of versions, certificates, protocols, sessions, and of being refused. */
class RealTlsHandshakesTest {
    private static final String SITE = "site.example.test";
    private static final String OTHER = "other.example.test";
    private static final String WELCOME = "220 welcome\n";

    @TempDir
    static Path folder;

    private static Authority authority;
    private static Certificate client;
    private static Certificate strangersClient;
    private static Certificate site;
    private static Certificate rsa;
    private static Certificate other;

    @RegisterExtension
    final Resources resources = new Resources();

    private final TestBackend backend = resources.add(TestBackend.saying(WELCOME));
    private final EventLog log = new EventLog();
    private LoadBalancer lb;

    @BeforeAll
    static void makeCertificates() {
        authority = Authority.in(folder);
        client = authority.sign("client");
        strangersClient = Authority.in(folder).sign("client");
        site = authority.sign(SITE);
        rsa = authority.signRsa(SITE);
        other = authority.sign(OTHER, "*." + OTHER);
    }

    private void start(Consumer<FrontendTlsBuilder> settings) {
        lb = resources.add(LoadBalancer.builder()
                .eventLoops(1)
                .listen(
                        "127.0.0.1",
                        0,
                        frontend -> frontend.tls(tls -> {
                            tls.certificate(identity(site)).certificate(identity(other));
                            settings.accept(tls);
                        }))
                .noHealthCheck()
                .backend("127.0.0.1", backend.port())
                .listener(log)
                .start());
    }

    private static TlsIdentity identity(Certificate certificate) {
        return TlsIdentity.pem(certificate.file(), certificate.key());
    }

    /** Connects, having verified the certificate. */
    private String connect(String options) {
        Outcome outcome = attempt(options);
        assertThat(outcome.output())
                .contains("220 welcome", "Verify return code: 0 (ok)")
                .endsWith("\nclosed");
        assertThat(outcome.status()).as(outcome.output()).isZero();
        return outcome.output();
    }

    private Outcome attempt(String options) {
        return OpenSslClient.ask(lb.port(), "", "-verify_return_error -CAfile " + authority.file() + " " + options);
    }

    /** Does not get in, and is told so, by one of these alerts. */
    private void refused(String options, Alert... alerts) {
        Outcome outcome = attempt(options);
        assertThat(OpenSslClient.alert(outcome)).isIn((Object[]) alerts);
        assertThat(outcome.output()).doesNotContain("220 welcome");
        assertThat(outcome.status()).isEqualTo(1);
        ConnectionSummary summary = log.await(ConnectionSummary.class);
        assertThat(summary.reason()).isEqualTo(CloseReason.TLS_HANDSHAKE_FAILED);
        assertThat(summary.attempts()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"-tls1_2, TLSv1.2", "-tls1_3, TLSv1.3", "'', TLSv1.3"})
    void version_isSpoken(String option, String version) {
        start(tls -> {});

        assertThat(connect(option + " -verify_hostname " + SITE)).contains("New, " + version);

        ConnectionSummary summary = log.await(ConnectionSummary.class);
        assertThat(summary.reason()).isEqualTo(CloseReason.COMPLETED);
        assertThat(summary.bytesToClient()).isEqualTo(WELCOME.length());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1", "-tls1_1"})
    void version_thatIsOlder_isRefused(String option) {
        start(tls -> {});
        refused(option + " -cipher DEFAULT@SECLEVEL=0", Alert.PROTOCOL_VERSION);
    }

    @ParameterizedTest
    @CsvSource({"-tls1_2, TLS_1_3", "-tls1_3, TLS_1_2"})
    void version_thatIsNotSpokenHere_isRefused(String option, TlsVersion only) {
        start(tls -> tls.protocols(only));
        refused(option, Alert.PROTOCOL_VERSION);
    }

    @ParameterizedTest
    @CsvSource({
        "-servername site.example.test, site.example.test",
        "-servername other.example.test, other.example.test",
        "-servername OTHER.example.TEST, other.example.test",
        "-servername x.other.example.test, other.example.test",
        "-servername x.y.other.example.test, site.example.test",
        "-servername unknown.example.test, site.example.test",
        "-noservername, site.example.test"
    })
    void serverName_choosesTheCertificate(String option, String shown) {
        start(tls -> {});
        assertThat(connect(option)).contains("subject=CN = " + shown);
        assertThat(connect(option + " -tls1_2")).contains("subject=CN = " + shown);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-tls1_3 -servername unknown.example.test",
                "-tls1_2 -servername unknown.example.test",
                "-tls1_3 -noservername",
                "-tls1_2 -noservername"
            })
    void serverName_thatIsUnknown_isRefusedByAStrictOne(String options) {
        start(FrontendTlsBuilder::strictServerName);
        refused(options, Alert.UNRECOGNIZED_NAME);
    }

    @ParameterizedTest
    @CsvSource({
        "-tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256, ECDSA",
        "-tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256, RSA",
        "-tls1_3 -sigalgs ecdsa_secp256r1_sha256, ECDSA",
        "-tls1_3 -sigalgs rsa_pss_rsae_sha256:rsa_pkcs1_sha256:ecdsa_secp384r1_sha384, RSA-PSS"
    })
    void kindOfKey_isOneThatTheClientTakes(String options, String signature) {
        start(tls -> tls.certificate(identity(rsa)));
        assertThat(connect(options + " -servername " + SITE)).contains("Peer signature type: " + signature);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void applicationProtocol_isTheFirstOfOurs_thatTheClientOffers(String version) {
        start(tls -> tls.alpn("h2", "http/1.1"));

        assertThat(connect(version + " -alpn http/1.1,h2")).contains("ALPN protocol: h2");
        assertThat(connect(version + " -alpn http/1.1")).contains("ALPN protocol: http/1.1");
        assertThat(connect(version)).contains("No ALPN negotiated");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void applicationProtocols_thatAreAllUnknown_areRefused(String version) {
        start(tls -> tls.alpn("h2", "http/1.1"));
        refused(version + " -alpn acme-tls/1", Alert.NO_APPLICATION_PROTOCOL);
    }

    // ---- sessions

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_3", "-tls1_2", "-tls1_2 -no_ticket"})
    void session_isResumed(String options) {
        start(tls -> {});
        Path session = folder.resolve("session");

        assertThat(connect(options + " -sess_out " + session)).contains("New, TLSv1");
        assertThat(connect(options + " -sess_in " + session)).contains("Reused, TLSv1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_3", "-tls1_2"})
    void session_ofAClientWithACertificate_isResumed(String version) {
        start(tls -> tls.clientCertificate(ClientCertificate.REQUIRED, Trust.pem(authority.file())));
        Path session = folder.resolve("session");

        assertThat(connect(version + " -sess_out " + session + shown(client))).contains("New, TLSv1");
        assertThat(connect(version + " -sess_in " + session)).contains("Reused, TLSv1");
    }

    // ---- certificates of clients

    private static String shown(Certificate certificate) {
        return " -cert " + certificate.file() + " -key " + certificate.key();
    }

    @ParameterizedTest
    @CsvSource({"-tls1_2, REQUIRED", "-tls1_3, REQUIRED", "-tls1_2, WANTED", "-tls1_3, WANTED"})
    void clientCertificate_isAskedFor_andOneThatIsTrustedGetsIn(String version, ClientCertificate wanted) {
        start(tls -> tls.clientCertificate(wanted, Trust.pem(authority.file())));

        assertThat(connect(version + shown(client))).contains("Acceptable client certificate CA names\nCN = authority");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void clientCertificate_thatIsMissing_isRefused_whereItIsRequired(String version) {
        start(tls -> tls.clientCertificate(ClientCertificate.REQUIRED, Trust.pem(authority.file())));
        refused(version, Alert.CERTIFICATE_REQUIRED, Alert.BAD_CERTIFICATE, Alert.HANDSHAKE_FAILURE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void clientCertificate_thatIsMissing_isAllRight_whereItIsWanted(String version) {
        start(tls -> tls.clientCertificate(ClientCertificate.WANTED, Trust.pem(authority.file())));
        connect(version);
    }

    @ParameterizedTest
    @CsvSource({"-tls1_2, REQUIRED", "-tls1_3, REQUIRED", "-tls1_2, WANTED", "-tls1_3, WANTED"})
    void clientCertificate_ofAStranger_isRefused(String version, ClientCertificate wanted) {
        start(tls -> tls.clientCertificate(wanted, Trust.pem(authority.file())));
        refused(
                version + shown(strangersClient),
                Alert.CERTIFICATE_UNKNOWN,
                Alert.UNKNOWN_CA,
                Alert.CERTIFICATE_EXPIRED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void clientCertificate_thatHasExpired_isRefused(String version) {
        start(tls -> tls.clientCertificate(ClientCertificate.REQUIRED, Trust.pem(authority.file())));
        refused(
                version + shown(authority.signExpired("client")),
                Alert.CERTIFICATE_UNKNOWN,
                Alert.UNKNOWN_CA,
                Alert.CERTIFICATE_EXPIRED);
    }
}
