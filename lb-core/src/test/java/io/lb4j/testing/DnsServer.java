package io.lb4j.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A real name server on a port of the loopback interface: dnsmasq, authoritative for {@code test} and nothing else. Its
 * records change by a restart on the same port.
 */
public final class DnsServer implements AutoCloseable {
    public static final String ADDRESS = "127.0.0.1";

    private final String program;
    private Program running;
    private int port;

    private DnsServer(String program) {
        this.program = program;
    }

    /** Started with these records, written as dnsmasq's options; the test is skipped where dnsmasq is missing. */
    public static DnsServer start(String... records) {
        DnsServer server = new DnsServer(Program.require("dnsmasq", "/usr/sbin", "/sbin"));
        // It cannot be asked for a free port: one after another until one is free.
        while (server.running == null) {
            server.port = ThreadLocalRandom.current().nextInt(20_000, 30_000);
            server.startOnItsPort(records);
        }
        return server;
    }

    public int port() {
        return port;
    }

    /** From now on it has these records and no others. */
    public void change(String... records) {
        kill();
        startOnItsPort(records);
        assertThat(running).as("started again on port %s", port).isNotNull();
    }

    /** Nobody listens on its port any more. */
    public void kill() {
        if (running != null) {
            running.close();
            running = null;
        }
    }

    private void startOnItsPort(String... records) {
        List<String> command = new ArrayList<>(List.of(
                program,
                "--no-daemon",
                "--conf-file=/dev/null",
                "--no-resolv",
                "--no-hosts",
                "--user=",
                "--port=" + port,
                "--listen-address=" + ADDRESS,
                "--bind-interfaces",
                "--local=/test/"));
        Collections.addAll(command, records);
        Program started = Program.start(command.toArray(String[]::new));
        await().atMost(Duration.ofSeconds(30))
                .until(() -> !started.isAlive() || started.output().contains("started, version"));
        if (started.isAlive()) {
            running = started;
        } else {
            started.close();
            assertThat(started.output()).containsIgnoringCase("address already in use");
        }
    }

    @Override
    public void close() {
        kill();
    }
}
