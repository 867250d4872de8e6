package io.lb4j.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.lb4j.backend.Backend;
import io.lb4j.testing.TestBackend;
import java.net.ConnectException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A dead port of this machine that is picked as the source port of the check of it (catalogue, C11). */
class TcpConnectSelfConnectTest {
    /** Linux walks through every second port of its range, so that half the range is one lap. */
    private static final int ONE_LAP = 15_000;

    @Test
    void check_ofADeadPort_neverPassesByConnectingToItself() { // C11
        // Ports that are bound are never picked as source ports, so this one cannot be held; but the kernel gives out
        // odd ones to those who listen, and even ones to those who connect.
        int bound;
        try (TestBackend.Refusing refusing = TestBackend.refusing()) {
            bound = refusing.port();
        }
        Backend dead = Backend.of("127.0.0.1", bound % 2 == 0 ? bound : bound + 1);
        HealthChecker checker = HealthChecker.tcpConnect();
        long deadline = System.nanoTime() + Duration.ofSeconds(3).toNanos();
        for (int i = 0; i < ONE_LAP && System.nanoTime() - deadline < 0; i++) {
            assertThat(catchThrowable(() -> checker.check(dead, Duration.ofSeconds(5))))
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining("Connection refused");
        }
    }
}
