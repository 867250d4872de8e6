package io.lb4j.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.testing.Exim;
import io.lb4j.testing.MariaDb;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Program;
import io.lb4j.testing.Resources;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import jdk.net.ExtendedSocketOptions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What real servers, which speak first, log and count of a TCP check (E4). */
@Timeout(120)
class TracelessCheckTest {
    private static final int CHECKS = 30;

    @RegisterExtension
    final Resources resources = new Resources();

    @TempDir
    private Path directory;

    @BeforeEach
    void requireQuickAck() throws IOException {
        try (SocketChannel channel = SocketChannel.open()) {
            Assumptions.assumeTrue(
                    channel.supportedOptions().contains(ExtendedSocketOptions.TCP_QUICKACK),
                    "skipped: this system has no TCP_QUICKACK");
        }
    }

    @Test
    void sshd_checkedAgainAndAgain_logsNothing() throws IOException {
        String sshd = Program.require("sshd", "/usr/sbin");
        String keygen = Program.require("ssh-keygen");
        Files.createDirectories(Path.of("/run/sshd"));
        Path key = directory.resolve("key");
        Program.run(keygen, "-q", "-t", "ed25519", "-N", "", "-f", key.toString());
        Path config = Files.writeString(directory.resolve("config"), "LogLevel VERBOSE\nPidFile none\n");
        Program.Server server = resources.add(Program.startOnFreePort(
                "Server listening",
                port -> Program.start(
                        sshd,
                        "-D",
                        "-e",
                        "-f",
                        config.toString(),
                        "-h",
                        key.toString(),
                        "-o",
                        "ListenAddress=127.0.0.1:" + port)));
        String before = server.program().output();

        check(server.port());
        // One that is seen, to wait for: whatever the checks left would stand before it.
        try (Peer seen = Peer.connect(server.port())) {
            assertThat(seen.receiveText(4)).isEqualTo("SSH-");
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> server.program().output().length() > before.length());
        }

        assertThat(server.program().output().substring(before.length()).lines())
                .filteredOn(line -> line.startsWith("Connection from"))
                .hasSize(1);
    }

    @Test
    void mariadb_checkedMoreOftenThanItForgives_countsNothing() {
        MariaDb server = resources.add(MariaDb.start(directory, "--max-connect-errors=3"));

        check(server.port());

        assertThat(server.query("show global status like 'Aborted_connects'")).matches("Aborted_connects\\s+0");
    }

    @Test
    void exim_checkedAgainAndAgain_logsNothing() {
        Exim server = resources.add(Exim.start(directory, "accept"));

        check(server.port());
        // One that is seen, to wait for: whatever the checks left would stand before it.
        try (Peer seen = Peer.connect(server.port())) {
            assertThat(seen.receiveText(4)).isEqualTo("220 ");
        }
        await().atMost(Duration.ofSeconds(20)).until(() -> server.log().contains(" lost"));

        assertThat(server.log().lines())
                .filteredOn(line -> line.contains("SMTP connection from") && !line.contains(" lost"))
                .hasSize(1);
    }

    private static void check(int port) {
        for (int i = 0; i < CHECKS; i++) {
            Checking.passes(HealthChecker.tcpConnect(), port);
        }
    }
}
