package io.lb4j.examples.testing;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;

/**
 * Networks of a test's own: one of the clients, and machines on its cable. The clients have 192.0.2.1, the first machine
 * 192.0.2.2 on its {@code eth0}, and so on. Needs root; closing it ends them.
 */
public final class Networks implements AutoCloseable {
    private final List<String> names = new ArrayList<>();

    private Networks() {}

    /** Makes them; skips the test where that cannot be done. */
    public static Networks of(int machines) {
        Networks networks = new Networks();
        String prefix = "lb4j-" + ProcessHandle.current().pid() + "-";
        try {
            for (int i = 0; i <= machines; i++) {
                networks.addNetwork(prefix + i);
            }
            networks.ip(networks.clients(), "link add br0 type bridge");
        } catch (IllegalStateException notAllowed) {
            networks.close();
            Assumptions.abort("skipped: no network can be made here: " + notAllowed.getMessage());
        }
        networks.connect();
        return networks;
    }

    private void addNetwork(String name) {
        run("ip", "netns", "add", name);
        names.add(name);
        ip(name, "link set lo up");
    }

    private void connect() {
        ip(clients(), "addr add 192.0.2.1/24 dev br0");
        ip(clients(), "link set br0 up");
        for (int i = 1; i < names.size(); i++) {
            ip(clients(), "link add to" + i + " type veth peer name eth0 netns " + names.get(i));
            ip(clients(), "link set to" + i + " master br0 up");
            ip(names.get(i), "addr add 192.0.2." + (1 + i) + "/24 dev eth0");
            ip(names.get(i), "link set eth0 up");
        }
    }

    public String clients() {
        return names.get(0);
    }

    /** Counted from 1. */
    public String machine(int number) {
        return names.get(number);
    }

    /** Gives the clients one more address. */
    public void addClient(String address) {
        ip(clients(), "addr add " + address + "/24 dev br0");
    }

    public boolean hasAddress(String network, String address) {
        return run("ip", "-n", network, "-brief", "address", "show", "dev", "eth0")
                .contains(" " + address + "/");
    }

    private void ip(String network, String words) {
        List<String> command = new ArrayList<>(List.of("ip", "-n", network));
        command.addAll(List.of(words.split(" ")));
        run(command.toArray(String[]::new));
    }

    @Override
    public void close() {
        for (String name : names) {
            run("ip", "netns", "del", name);
        }
        names.clear();
    }

    private static String run(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(10, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IllegalStateException(String.join(" ", command) + ": " + said.strip());
            }
            return said;
        } catch (IOException notThere) {
            throw new IllegalStateException(notThere);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A keepalived on one machine. */
    public static final class Keepalived implements AutoCloseable {
        private final Process process;
        private final Path log;

        private Keepalived(Process process, Path log) {
            this.process = process;
            this.log = log;
        }

        /** Starts one with this configuration; skips the test where there is none. */
        public static Keepalived start(String network, Path folder, String configuration) {
            for (String program : List.of("/usr/sbin/keepalived", "/usr/bin/curl")) {
                Assumptions.assumeTrue(
                        Files.isExecutable(Path.of(program)), "skipped: '" + program + "' is not on this machine");
            }
            try {
                Path log = folder.resolve(network + ".log");
                Path file = Files.writeString(folder.resolve(network + ".conf"), configuration);
                ProcessBuilder program = new ProcessBuilder(
                        "ip",
                        "netns",
                        "exec",
                        network,
                        "/usr/sbin/keepalived",
                        "--dont-fork",
                        "--log-console",
                        "--log-detail",
                        "--use-file=" + file,
                        "--pid=" + folder.resolve(network + ".pid"),
                        "--vrrp_pid=" + folder.resolve(network + ".vrrp.pid"));
                return new Keepalived(
                        program.redirectErrorStream(true)
                                .redirectOutput(log.toFile())
                                .start(),
                        log);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Waits until its log has a match of this expression. */
        public void awaitLog(String regex) {
            await().atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> Pattern.compile(regex)
                            .matcher(Files.readString(log))
                            .find());
        }

        /** SIGTERM: it takes the process with it that does the work. */
        @Override
        public void close() {
            process.destroy();
            try {
                if (!process.waitFor(10, TimeUnit.SECONDS)) {
                    process.destroyForcibly().waitFor();
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
