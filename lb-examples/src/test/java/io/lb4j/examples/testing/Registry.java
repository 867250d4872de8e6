package io.lb4j.examples.testing;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** A real registry on a port of 127.0.0.1, with the data of a folder. Closing it ends it. */
public final class Registry implements AutoCloseable {
    private static final Path ZOOKEEPER = Path.of("/usr/share/java/zookeeper.jar");
    private static final Path ETCD = Path.of("/usr/bin/etcd");

    /** How one is started on a port, and what it answers to a question when it serves. */
    private record Program(Command command, String question, String answer) {}

    /** The command line for a port. */
    @FunctionalInterface
    private interface Command {
        List<String> on(int port) throws IOException;
    }

    private final Program program;
    private final Path log;
    private int port;
    private Process process;

    private Registry(Program program, Path folder) {
        this.program = program;
        log = folder.resolve("registry.log");
        do {
            port = ThreadLocalRandom.current().nextInt(20_000, 30_000);
        } while (!startAgain());
    }

    /** A ZooKeeper whose shortest session is one second; skips the test where there is none. */
    public static Registry zooKeeper(Path folder) {
        Assumptions.assumeTrue(Files.isReadable(ZOOKEEPER), "skipped: ZooKeeper is not on this machine");
        return new Registry(new Program(port -> zooKeeperCommand(folder, port), "ruok", "imok"), folder);
    }

    private static List<String> zooKeeperCommand(Path folder, int port) throws IOException {
        Path settings = Files.writeString(folder.resolve("zoo.cfg"), """
                tickTime=500
                dataDir=%s
                clientPortAddress=127.0.0.1
                clientPort=%d
                admin.enableServer=false
                4lw.commands.whitelist=ruok
                """.formatted(folder.resolve("data"), port));
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String main = "org.apache.zookeeper.server.quorum.QuorumPeerMain";
        return List.of(
                java, "-Xmx64m", "-XX:TieredStopAtLevel=1", "-cp", ZOOKEEPER.toString(), main, settings.toString());
    }

    /** An etcd; skips the test where there is none. */
    public static Registry etcd(Path folder) {
        Assumptions.assumeTrue(Files.isExecutable(ETCD), "skipped: the program 'etcd' is not on this machine");
        return new Registry(
                new Program(port -> etcdCommand(folder, port), "GET /health HTTP/1.0\r\n\r\n", "HTTP/1.0 200 OK"),
                folder);
    }

    private static List<String> etcdCommand(Path folder, int port) {
        String clients = "http://127.0.0.1:" + port;
        // It has no other members, and takes any port to wait for them.
        String peers = "http://127.0.0.1:0";
        return List.of(
                ETCD.toString(),
                "--name=alone",
                "--data-dir=" + folder.resolve("data"),
                "--listen-client-urls=" + clients,
                "--advertise-client-urls=" + clients,
                "--listen-peer-urls=" + peers,
                "--initial-advertise-peer-urls=" + peers,
                "--initial-cluster=alone=" + peers,
                // Of one that waits a second for others before it leads, a lease lasts two seconds at the least.
                "--heartbeat-interval=20",
                "--election-timeout=200");
    }

    public int port() {
        return port;
    }

    /** Ends it at once, as {@code kill -9} does. */
    public void kill() {
        process.destroyForcibly();
        try {
            process.waitFor(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Starts it on the port it had; returns whether it serves. */
    public boolean startAgain() {
        try {
            process = new ProcessBuilder(program.command.on(port))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> !process.isAlive() || serves());
        return process.isAlive();
    }

    private boolean serves() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 1000);
            socket.setSoTimeout(1000);
            socket.getOutputStream().write(program.question.getBytes(StandardCharsets.US_ASCII));
            byte[] answer = socket.getInputStream().readNBytes(program.answer.length());
            return new String(answer, StandardCharsets.US_ASCII).equals(program.answer);
        } catch (IOException notYet) {
            return false;
        }
    }

    @Override
    public void close() {
        kill();
    }
}
