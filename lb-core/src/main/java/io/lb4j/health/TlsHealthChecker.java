package io.lb4j.health;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.Checks;
import io.lb4j.internal.util.Preload;
import java.io.IOException;
import java.security.NoSuchAlgorithmException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import javax.net.ssl.SSLContext;

/** Makes a TLS handshake and looks at the backend's own certificate. */
final class TlsHealthChecker implements HealthChecker {
    static {
        Preload.classes(TlsHandshake.class);
    }

    private final SSLContext context;
    private final Duration validFor;

    TlsHealthChecker(SSLContext context, Duration validFor) {
        this.context = Checks.notNull("context", context);
        // Here and not at the first check: one that is not initialized makes none.
        context.createSSLEngine();
        this.validFor = Checks.notNegative("certificateValidFor", validFor);
    }

    /** What the JDK trusts. */
    static SSLContext defaultContext() {
        try {
            return SSLContext.getDefault();
        } catch (NoSuchAlgorithmException noTls) {
            throw new IllegalStateException("the default SSLContext cannot be made", noTls);
        }
    }

    @Override
    public void check(Backend backend, Duration timeout) throws IOException {
        try (Exchange exchange = Exchange.connect(backend, timeout);
                TlsHandshake handshake = new TlsHandshake(exchange, context, backend.host())) {
            Certificate[] chain = handshake.complete();
            if (chain[0] instanceof X509Certificate leaf) {
                expectValid(leaf, Instant.now());
            }
        }
    }

    private void expectValid(X509Certificate leaf, Instant now) throws IOException {
        Instant begin = leaf.getNotBefore().toInstant();
        Instant end = leaf.getNotAfter().toInstant();
        if (now.isBefore(begin)) {
            throw new IOException("certificate begins " + dateOf(begin));
        }
        if (end.isBefore(now.plus(validFor))) {
            throw new IOException((end.isBefore(now) ? "certificate ended " : "certificate ends ") + dateOf(end));
        }
    }

    private static LocalDate dateOf(Instant instant) {
        return instant.atZone(ZoneOffset.UTC).toLocalDate();
    }

    @Override
    public String toString() {
        return validFor.isZero() ? "tls" : "tls, certificate valid for " + validFor;
    }
}
