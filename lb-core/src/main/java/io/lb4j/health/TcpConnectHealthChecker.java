package io.lb4j.health;

import io.lb4j.backend.Backend;
import java.io.IOException;
import java.time.Duration;

/** Asks whether a backend accepts a connection, and leaves no trace of that in it where that can be done. */
final class TcpConnectHealthChecker implements HealthChecker {
    @Override
    public void check(Backend backend, Duration timeout) throws IOException {
        CheckDial.connect(backend, timeout, true).close();
    }

    @Override
    public String toString() {
        return "tcpConnect";
    }
}
