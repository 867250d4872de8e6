package io.lb4j.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.testing.Certificate;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an engine is set to. What comes of it on the wire is in the tests of those who use it. */
class BackendTlsTest {
    private static final BackendTls TLS = BackendTls.verified();

    @Test
    void engine_isAClient_withNewProtocolsAlone() {
        SSLEngine engine = TLS.newEngine("a.example.com", 443);
        assertThat(engine.getUseClientMode()).isTrue();
        assertThat(engine.getEnabledProtocols()).containsExactlyInAnyOrder("TLSv1.3", "TLSv1.2");
        assertThat(engine.getPeerHost()).isEqualTo("a.example.com");
        assertThat(engine.getPeerPort()).isEqualTo(443);
    }

    @Test
    void engine_ofAContextWithOldProtocols_hasNewOnesAlone() throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, null, null);
        context.getDefaultSSLParameters().setProtocols(new String[] {"TLSv1", "TLSv1.2"});
        assertThat(BackendTls.of(context).newEngine("a.example.com", 443).getEnabledProtocols())
                .isSubsetOf("TLSv1.3", "TLSv1.2");
    }

    @Test
    void name_isToldAndExpected() {
        SSLEngine engine = TLS.newEngine("a.example.com.", 443);
        assertThat(engine.getSSLParameters().getEndpointIdentificationAlgorithm())
                .isEqualTo("HTTPS");
        assertThat(engine.getSSLParameters().getServerNames()).containsExactly(new SNIHostName("a.example.com"));
        SSLEngine renamed = TLS.withServerName("b.example.com").newEngine("a.example.com", 443);
        assertThat(renamed.getSSLParameters().getServerNames()).containsExactly(new SNIHostName("b.example.com"));
        assertThat(renamed.getPeerHost()).isEqualTo("b.example.com");
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.1", "::1", "not_a_dns_name"})
    void address_orWhatIsNoName_isToldToNobody(String host) {
        assertThat(TLS.newEngine(host, 443).getSSLParameters().getServerNames()).isEmpty();
    }

    @Test
    void unverified_looksAtNothing_andSaysSo() {
        BackendTls any = BackendTls.unverified().withServerName("a.example.com");
        assertThat(any.newEngine("x", 1).getSSLParameters().getEndpointIdentificationAlgorithm())
                .isNull();
        assertThat(any.isVerified()).isFalse();
        assertThat(any).hasToString("unverified as a.example.com");
        assertThat(TLS).hasToString("verified");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "a b", "\u00e4.example.com", "a..b"})
    void serverName_thatIsNone_isRefused(String name) {
        assertThatThrownBy(() -> TLS.withServerName(name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("serverName: \"" + name + "\"");
    }

    @Test
    void identity_besideAContext_isRefused(@TempDir Path folder) throws Exception {
        Certificate certificate = Certificate.of(folder, "one");
        TlsIdentity identity = TlsIdentity.pem(certificate.file(), certificate.key());
        BackendTls given = BackendTls.of(SSLContext.getDefault());
        assertThatThrownBy(() -> given.withIdentity(identity)).isInstanceOf(IllegalStateException.class);
        assertThat(TLS.withIdentity(identity)).hasToString("verified");
    }

    @Test
    void context_thatIsNotInitialized_isRefused() throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        assertThatThrownBy(() -> BackendTls.of(context)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void trust_ofNobody_isRefused() {
        assertThatThrownBy(() -> Trust.of(new X509Certificate[0])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Trust.pem()).isInstanceOf(IllegalArgumentException.class);
        assertThat(Trust.system()).hasToString("system");
    }
}
