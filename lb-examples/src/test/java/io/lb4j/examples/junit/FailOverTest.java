package io.lb4j.examples.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lb4j.backend.Backend;
import io.lb4j.examples.EmbeddedBackend;
import io.lb4j.examples.Http;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A test of a client, which is plain HTTP here, with the fail-over fixture. */
class FailOverTest {
    private final EmbeddedBackend primary = EmbeddedBackend.start();
    private final EmbeddedBackend standby = EmbeddedBackend.start();

    @RegisterExtension
    final FailOver servers = new FailOver(
            () -> List.of(Backend.of("127.0.0.1", primary.port()), Backend.of("127.0.0.1", standby.port())));

    FailOverTest() throws IOException {}

    @AfterEach
    void endServers() {
        primary.close();
        standby.close();
    }

    @Test
    void failOver_openConnection_isResetAndTheNextGoesToTheStandby() throws Exception {
        try (Socket open = new Socket("127.0.0.1", servers.port())) {
            assertThat(Http.get(servers.port())).isEqualTo("" + primary.port());
            servers.failOver();
            assertThatExceptionOfType(SocketException.class)
                    .isThrownBy(() -> open.getInputStream().read());
        }
        assertThat(Http.get(servers.port())).isEqualTo("" + standby.port());
    }

    @Test
    void failBack_afterAFailOver_thePrimaryIsTheFirstAgain() throws Exception {
        servers.failOver();
        servers.failBack();
        assertThat(Http.get(servers.port())).isEqualTo("" + primary.port());
    }

    @Test
    void failOverOfAll_nobodyIsLeft_clientsAreReset() {
        servers.failOver();
        servers.failOver();
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> Http.get(servers.port()));
    }
}
