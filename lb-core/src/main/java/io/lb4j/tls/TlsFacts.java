package io.lb4j.tls;

import io.lb4j.internal.util.Alpn;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * What a handshake of TLS has led to.
 *
 * @param protocol the version, as the JDK names it: {@code TLSv1.3}
 * @param cipherSuite how bytes are encrypted, as the JDK names it: {@code TLS_AES_128_GCM_SHA256}
 * @param applicationProtocol the protocol within that both have agreed on (ALPN, RFC 7301); empty when they have not
 * @param peerCertificates who the peer is, its own certificate first, each verified; empty when it has shown none
 */
public record TlsFacts(
        String protocol,
        String cipherSuite,
        Optional<String> applicationProtocol,
        List<X509Certificate> peerCertificates) {
    private static final Pattern COMMON_NAME = Pattern.compile("(?:^|[,+])CN=((?:[^,+\\\\]|\\\\.)*)");

    /** Facts of these parts; the list is copied. */
    public TlsFacts {
        peerCertificates = List.copyOf(peerCertificates);
    }

    /** Those of an engine that is through with its handshake. */
    public static TlsFacts of(SSLEngine engine) {
        SSLSession session = engine.getSession();
        return new TlsFacts(
                session.getProtocol(), session.getCipherSuite(), Alpn.agreed(engine), peerCertificates(engine));
    }

    /** The common name in the peer's own certificate; empty when it has none, or has shown none. */
    public Optional<String> peerName() {
        return peerCertificates.stream().findFirst().flatMap(TlsFacts::commonName);
    }

    /** The last of its parts that is one, as an X.500 name begins with the country (RFC 4514, 2.1). */
    private static Optional<String> commonName(X509Certificate certificate) {
        Matcher found =
                COMMON_NAME.matcher(certificate.getSubjectX500Principal().getName());
        return found.find() ? Optional.of(found.group(1).replaceAll("\\\\(.)", "$1")) : Optional.empty();
    }

    private static List<X509Certificate> peerCertificates(SSLEngine engine) {
        if (!engine.getUseClientMode() && !engine.getNeedClientAuth() && !engine.getWantClientAuth()) {
            // Who was not asked has shown none; to say so the JDK makes an exception.
            return List.of();
        }
        try {
            return Arrays.stream(engine.getSession().getPeerCertificates())
                    .filter(X509Certificate.class::isInstance)
                    .map(X509Certificate.class::cast)
                    .toList();
        } catch (SSLPeerUnverifiedException hasShownNone) {
            return List.of();
        }
    }
}
