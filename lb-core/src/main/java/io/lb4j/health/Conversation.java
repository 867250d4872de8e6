package io.lb4j.health;

import io.lb4j.backend.Backend;
import io.lb4j.tls.BackendTls;
import java.io.IOException;
import java.time.Duration;

/** A check that says something and looks at the answer, in the clear or {@link HealthChecker#overTls over TLS}. */
abstract class Conversation implements HealthChecker {
    Conversation() {}

    /** Returns when the backend is healthy. */
    abstract void converse(Exchange exchange, Backend backend) throws IOException;

    /** This TLS as it is for this conversation. */
    BackendTls fit(BackendTls tls) {
        return tls;
    }

    @Override
    public final void check(Backend backend, Duration timeout) throws IOException {
        Backend fitting = backend.tls().map(tls -> backend.withTls(fit(tls))).orElse(backend);
        try (Exchange exchange = CheckDial.connect(fitting, timeout)) {
            converse(exchange, backend);
        }
    }
}
