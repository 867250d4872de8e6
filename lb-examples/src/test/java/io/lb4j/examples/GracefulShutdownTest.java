package io.lb4j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.examples.testing.ChildJvm;
import io.lb4j.examples.testing.Health;
import java.net.ConnectException;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The example that serves until it gets a SIGTERM. */
class GracefulShutdownTest {
    private static final int SIGTERM_EXIT = 128 + 15;

    @Test
    void sigterm_isSeenByHealth_thenPortCloses_thenTheOpenConnectionFinishes() throws Exception {
        try (ChildJvm program = ChildJvm.main(GracefulShutdown.class, "0")) {
            assumeThat(program.supportsTerminate()).isTrue();
            program.awaitStdout("Stop:");
            int port = port(program, "Send: .*:(\\d+)");
            int health = port(program, "See: .*:(\\d+)/health");
            assertThat(Health.status(health)).isEqualTo(200);
            try (Socket open = new Socket("127.0.0.1", port)) {
                program.terminate();
                await().pollInterval(Duration.ofMillis(5))
                        .untilAsserted(() -> assertThat(Health.status(health)).isEqualTo(503));
                String backend = Http.get(port);
                await().pollInterval(Duration.ofMillis(5))
                        .atMost(Duration.ofSeconds(20))
                        .untilAsserted(() -> assertThatExceptionOfType(ConnectException.class)
                                .isThrownBy(() -> new Socket("127.0.0.1", port).close()));
                assertThat(Http.get(open)).isEqualTo(backend);
            }
            assertThat(program.exitCode()).isEqualTo(SIGTERM_EXIT);
            assertThat(program.stderr()).allMatch(line -> line.matches("[0-9:.]{12} (INFO|WARN)  edge: .*"));
        }
    }

    private static int port(ChildJvm program, String line) {
        return Integer.parseInt(program.awaitStdout(line).group(1));
    }
}
