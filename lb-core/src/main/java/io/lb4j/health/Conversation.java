package io.lb4j.health;

import io.lb4j.backend.Backend;
import java.io.IOException;
import java.time.Duration;

/** A check that says something and looks at the answer, in the clear or {@link HealthChecker#overTls over TLS}. */
abstract class Conversation implements HealthChecker {
    Conversation() {}

    /** Returns when the backend is healthy. */
    abstract void converse(Exchange exchange, Backend backend) throws IOException;

    @Override
    public final void check(Backend backend, Duration timeout) throws IOException {
        try (Exchange exchange = CheckDial.connect(backend, timeout)) {
            converse(exchange, backend);
        }
    }
}
