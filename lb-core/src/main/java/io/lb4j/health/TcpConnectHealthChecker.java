package io.lb4j.health;

import io.lb4j.backend.Backend;
import java.io.IOException;
import java.time.Duration;

/** Connects and closes. */
final class TcpConnectHealthChecker implements HealthChecker {
    @Override
    public void check(Backend backend, Duration timeout) throws IOException {
        Exchange.connect(backend, timeout).closeAtOnce();
    }

    @Override
    public String toString() {
        return "tcpConnect";
    }
}
