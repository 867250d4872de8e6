package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import io.lb4j.backend.Backend;
import io.lb4j.event.AccessLog;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionPhase;
import io.lb4j.event.ConnectionRefused;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.event.Party;
import io.lb4j.preface.Parsed;
import io.lb4j.preface.ProxyHeader;
import io.lb4j.preface.ProxyTlv;
import io.lb4j.preface.ProxyVersion;
import io.lb4j.proxy.Frontend;
import io.lb4j.testing.Certificate;
import io.lb4j.testing.EventLog;
import io.lb4j.testing.LogCapture;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import io.lb4j.testing.TlsPeer;
import io.lb4j.tls.BackendTls;
import io.lb4j.tls.ClientCertificate;
import io.lb4j.tls.FrontendTlsBuilder;
import io.lb4j.tls.TlsIdentity;
import io.lb4j.tls.TlsVersion;
import io.lb4j.tls.Truncation;
import io.lb4j.tls.Trust;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A frontend that speaks TLS: what its clients are shown, how they are turned away, and what is known of them. */
class TlsFrontendTest {
    @TempDir
    static Path folder;

    private static Certificate site;
    private static Certificate api;
    private static Certificate star;

    @RegisterExtension
    final Resources resources = new Resources();

    private final TestBackend backend = resources.add(TestBackend.listening());
    private final EventLog events = new EventLog();

    @BeforeAll
    static void makeCertificates() {
        site = Certificate.of(folder, "site.example");
        api = Certificate.of(folder, "api.example");
        star = Certificate.of(folder, "*.star.example");
    }

    private static TlsIdentity identity(Certificate of) {
        return TlsIdentity.pem(of.file(), of.key());
    }

    private Frontend start(Consumer<FrontendTlsBuilder> settings) {
        return start(Backend.of("127.0.0.1", backend.port()), settings);
    }

    private Frontend start(Backend place, Consumer<FrontendTlsBuilder> settings) {
        LoadBalancer lb = resources.add(LoadBalancer.builder()
                .eventLoops(1)
                .noHealthCheck()
                .listener(events)
                .listener(AccessLog.to(LoggerFactory.getLogger("io.lb4j.access")))
                .listen(0, frontend -> frontend.name("public")
                        .proxyTlvs(tlvs -> tlvs.tls().serverName().applicationProtocol())
                        .tls(settings))
                .backend(place)
                .start());
        return lb.frontend("public");
    }

    private TlsPeer client(Frontend frontend, Certificate trusted, String name, String... protocols)
            throws IOException {
        SSLEngine engine = trusted.trusting().createSSLEngine("127.0.0.1", 443);
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setServerNames(name.isEmpty() ? List.of() : List.of(new SNIHostName(name)));
        parameters.setApplicationProtocols(protocols);
        engine.setSSLParameters(parameters);
        return resources.add(TlsPeer.over(Peer.connect(frontend.port()), engine));
    }

    private static String shown(TlsPeer client) throws IOException {
        X509Certificate own = (X509Certificate) client.engine().getSession().getPeerCertificates()[0];
        return own.getSubjectX500Principal().getName();
    }

    @Test
    void certificate_isTheOneForTheName_orTheFirst() throws IOException {
        Frontend frontend = start(tls ->
                tls.certificate(identity(site)).certificate(identity(api)).certificate(identity(star)));

        assertThat(shown(client(frontend, api, "API.example").shake())).isEqualTo("CN=api.example");
        assertThat(shown(client(frontend, star, "any.star.example").shake())).isEqualTo("CN=*.star.example");
        assertThat(shown(client(frontend, site, "").shake())).isEqualTo("CN=site.example");
        assertThat(shown(client(frontend, site, "not.any.star.example").shake()))
                .isEqualTo("CN=site.example");
    }

    @Test
    void strictServerName_refusesUnknownNamesByAnAlert() throws IOException {
        Frontend frontend = start(tls -> tls.certificate(identity(site)).strictServerName());

        assertThat(shown(client(frontend, site, "site.example").shake())).isEqualTo("CN=site.example");
        for (String unknown : List.of("other.example", "")) {
            TlsPeer client = client(frontend, site, unknown);
            assertThatExceptionOfType(SSLException.class)
                    .isThrownBy(client::shake)
                    .withMessageContaining("unrecognized_name");
        }
        assertThat(events.await(ConnectionRefused.class, 2))
                .allSatisfy(refused -> assertThat(refused.reason()).isEqualTo(CloseReason.TLS_HANDSHAKE_FAILED));
        assertThat(events.await(ConnectionSummary.class))
                .returns(CloseReason.TLS_HANDSHAKE_FAILED, ConnectionSummary::reason)
                .returns(ConnectionPhase.ARRIVING, ConnectionSummary::phase)
                .returns(Party.CLIENT, ConnectionSummary::endedBy)
                .returns("PR", ConnectionSummary::terminationCode);
    }

    @Test
    void applicationProtocol_isAgreedOn_andOthersAreRefused() throws IOException {
        Frontend frontend = start(tls -> tls.certificate(identity(site)).alpn("h2", "http/1.1"));

        TlsPeer client =
                client(frontend, site, "site.example", "http/1.1", "h2").shake();
        assertThat(client.engine().getApplicationProtocol()).isEqualTo("h2");
        TlsPeer other = client(frontend, site, "site.example", "spdy/3");
        assertThatExceptionOfType(SSLException.class)
                .isThrownBy(other::shake)
                .withMessageContaining("no_application_protocol");
    }

    @Test
    void whoSpeaksNoTls_orIsSilentInTheHandshake_isReset() throws IOException {
        Frontend frontend = start(tls -> tls.certificate(identity(site)).handshakeTimeout(Duration.ofMillis(50)));

        Peer plain = resources.add(Peer.connect(frontend.port())).send("GET / HTTP/1.1\r\n\r\n");
        assertThat(plain.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        assertThat(events.await(ConnectionSummary.class).reason()).isEqualTo(CloseReason.PREFACE_INVALID);

        Peer silent = resources.add(Peer.connect(frontend.port()));
        SSLEngine engine = site.trusting().createSSLEngine();
        engine.setUseClientMode(true);
        TlsPeer.over(silent, engine).hello();
        assertThat(silent.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        assertThat(events.await(ConnectionSummary.class, 2).get(1))
                .returns(CloseReason.TLS_HANDSHAKE_TIMEOUT, ConnectionSummary::reason)
                .returns(ConnectionPhase.ARRIVING, ConnectionSummary::phase)
                .returns(Party.CLIENT, ConnectionSummary::endedBy)
                .returns("cR", ConnectionSummary::terminationCode);
    }

    @Test
    void facts_areInTheSummary_theAccessLog_andTheHeaderForBackends() throws IOException {
        try (LogCapture log = LogCapture.open()) {
            Frontend frontend = start(
                    Backend.of("127.0.0.1", backend.port()).withProxyProtocol(ProxyVersion.V2),
                    tls -> tls.certificate(identity(site))
                            .alpn("h2")
                            .clientCertificate(ClientCertificate.REQUIRED, Trust.pem(api.file())));
            BackendTls shows = BackendTls.verified(Trust.pem(site.file()))
                    .withServerName("site.example")
                    .withIdentity(identity(api));
            SSLEngine engine = shows.newEngine("127.0.0.1", 0);
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"h2"});
            engine.setSSLParameters(parameters);
            TlsPeer client = resources.add(TlsPeer.over(Peer.connect(frontend.port()), engine));
            client.shake().say("hello");

            Peer served = backend.accept();
            byte[] heard = served.receive(16);
            int length = ((heard[14] & 0xff) << 8) | (heard[15] & 0xff);
            byte[] whole = java.util.Arrays.copyOf(heard, 16 + length);
            System.arraycopy(served.receive(length), 0, whole, 16, length);
            ProxyHeader header = ((Parsed.Complete<ProxyHeader>) ProxyHeader.parse(whole, 0, whole.length)).value();
            assertThat(header.tlv(ProxyTlv.AUTHORITY).orElseThrow().text()).isEqualTo("site.example");
            assertThat(header.tlv(ProxyTlv.ALPN).orElseThrow().text()).isEqualTo("h2");
            byte[] ssl = header.tlv(ProxyTlv.SSL).orElseThrow().value();
            assertThat(ssl).startsWith(7, 0, 0, 0, 0, ProxyTlv.SSL_VERSION, 0, 7);
            assertThat(new String(ssl, StandardCharsets.UTF_8)).contains("TLSv1.3", "TLS_AES_", "api.example");
            assertThat(served.receiveText(5)).isEqualTo("hello");
            served.close();
            client.hearToEnd();
            client.closeNotify().close();

            ConnectionSummary summary = events.await(ConnectionSummary.class);
            assertThat(summary.tls().protocol()).isEqualTo("TLSv1.3");
            assertThat(summary.tls().applicationProtocol()).contains("h2");
            assertThat(summary.tls().peerName()).contains("api.example");
            await().untilAsserted(() -> assertThat(log.messages("tls=TLSv1.3 cipher=TLS_AES_"))
                    .singleElement()
                    .asString()
                    .contains(" alpn=h2 client_certificate=\"CN=api.example\" "));
        }
    }

    @Test
    void clientCertificate_required_isAskedFor_andAnotherOneIsRefused() throws IOException {
        Frontend frontend = start(tls -> tls.certificate(identity(site))
                .protocols(TlsVersion.TLS_1_2)
                .clientCertificate(ClientCertificate.REQUIRED, Trust.pem(api.file())));
        TlsPeer without = client(frontend, site, "site.example");
        assertThatExceptionOfType(SSLException.class).isThrownBy(without::shake);
        SSLEngine engine = BackendTls.verified(Trust.pem(site.file()))
                .withServerName("site.example")
                .withIdentity(identity(star))
                .newEngine("127.0.0.1", 0);
        TlsPeer other = resources.add(TlsPeer.over(Peer.connect(frontend.port()), engine));
        assertThatExceptionOfType(SSLHandshakeException.class)
                .isThrownBy(other::shake)
                // Which one depends on the JDK.
                .withMessageContaining("Received fatal alert");
    }

    @Test
    void replace_holdsForWhoComesThen_andWhoIsThereStays() throws IOException {
        Frontend frontend = start(tls -> tls.certificate(identity(site)));
        TlsPeer before = client(frontend, site, "site.example").shake();
        Certificate renewed = Certificate.of(Files.createDirectories(folder.resolve("renewed")), "site.example");

        frontend.reconfigure(change -> change.tls(tls -> tls.replace(identity(renewed))));

        assertThat(shown(client(frontend, renewed, "site.example").shake())).isEqualTo("CN=site.example");
        before.say("still here");
        assertThat(backend.accept().receiveText(10)).isEqualTo("still here");
        assertThat(frontend.config().entry().tls().orElseThrow().identities())
                .singleElement()
                .satisfies(only -> assertThat(only.certificate())
                        .isEqualTo(identity(renewed).certificate()));
    }

    @Test
    void certificateFiles_areReadAgain_andWrongOnesChangeNothing() throws IOException {
        Path chain = folder.resolve("live.crt");
        Path key = folder.resolve("live.key");
        Files.copy(site.file(), chain);
        Files.copy(site.key(), key);
        try (LogCapture log = LogCapture.open()) {
            Frontend frontend = start(tls -> tls.certificateFiles(chain, key));
            Files.copy(api.file(), chain, StandardCopyOption.REPLACE_EXISTING);
            await().untilAsserted(
                            () -> assertThat(log.messages("stays as it is")).isNotEmpty());
            assertThat(shown(client(frontend, site, "").shake())).isEqualTo("CN=site.example");

            Files.copy(api.key(), key, StandardCopyOption.REPLACE_EXISTING);
            await().untilAsserted(() ->
                    assertThat(log.messages("changed: CN=api.example")).hasSize(1));
            assertThat(shown(client(frontend, api, "").shake())).isEqualTo("CN=api.example");
            assertThat(log.messages("stays as it is")).hasSize(1);
        }
    }

    @Test
    void whenTruncated_end_takesAFinForAnEnd() throws IOException {
        Frontend frontend = start(tls -> tls.certificate(identity(site)).whenTruncated(Truncation.END));
        TlsPeer client = client(frontend, site, "").shake();
        client.say("all there is").fin();
        Peer served = backend.accept();
        assertThat(served.receiveText(12)).isEqualTo("all there is");
        assertThat(served.receiveToEnd().end()).isEqualTo(Peer.End.EOF);
        served.close();
        assertThat(events.await(ConnectionSummary.class).reason()).isEqualTo(CloseReason.COMPLETED);
    }

    @Test
    void engines_ofAnotherMaker_takeThePlaceOfTheJdks() throws IOException {
        Frontend frontend = start(tls -> tls.engines(hello -> {
            assertThat(hello.serverName()).contains("site.example");
            SSLEngine engine = site.serving().createSSLEngine();
            engine.setUseClientMode(false);
            return engine;
        }));
        client(frontend, site, "site.example").shake().say("hello");
        assertThat(backend.accept().receiveText(5)).isEqualTo("hello");
    }

    @Test
    void mistakes_areNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> start(tls -> tls.alpn("h2")))
                .withMessage("tls: no certificate (expected: certificate, or engines)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> start(tls -> tls.certificate(identity(site)).certificate(identity(site))))
                .withMessage("tls certificate: two of kind EC are for site.example (expected: one)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> start(tls -> tls.certificate(identity(site)).protocols()))
                .withMessageStartingWith("tls protocols: none");
    }
}
