package io.lb4j.health;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.Checks;
import io.lb4j.tls.BackendTls;
import java.io.IOException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;

/** Makes a TLS handshake and looks at the backend's own certificate. */
final class TlsHealthChecker implements HealthChecker {
    private final BackendTls tls;
    private final Duration validFor;

    TlsHealthChecker(BackendTls tls, Duration validFor) {
        this.tls = Checks.notNull("tls", tls);
        this.validFor = Checks.notNegative("certificateValidFor", validFor);
    }

    @Override
    public void check(Backend backend, Duration timeout) throws IOException {
        try (Exchange exchange = CheckDial.connectPlain(backend, timeout)) {
            Certificate[] chain = exchange.secure(tls, backend.host());
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
