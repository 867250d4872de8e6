package io.lb4j.health;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.Checks;
import io.lb4j.tls.BackendTls;
import java.io.IOException;
import java.time.Duration;

/** Makes a TLS handshake, and then has a conversation. */
final class OverTlsHealthChecker implements HealthChecker {
    private final BackendTls tls;
    private final Conversation conversation;

    OverTlsHealthChecker(BackendTls tls, HealthChecker checker) {
        this.tls = Checks.notNull("tls", tls);
        if (!(Checks.notNull("checker", checker) instanceof Conversation known)) {
            throw new IllegalArgumentException("over TLS: " + checker
                    + " (expected: http, sendExpect, dialogue, redis, ldap or mqtt, which say nothing before it)");
        }
        conversation = known;
    }

    @Override
    public void check(Backend backend, Duration timeout) throws IOException {
        try (Exchange exchange = CheckDial.connectPlain(backend, timeout)) {
            exchange.secure(conversation.fit(tls), backend.host());
            conversation.converse(exchange, backend);
        }
    }

    @Override
    public String toString() {
        return conversation + " over TLS, " + tls;
    }
}
