package io.lb4j.examples.testing;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** A real name server on a port of 127.0.0.1 that knows what it is told and nothing else. Closing it ends it. */
public final class Dnsmasq implements AutoCloseable {
    private static final Path PROGRAM = Path.of("/usr/sbin/dnsmasq");

    private final Path log;
    private int port;
    private Process process;

    private Dnsmasq(Path log) {
        this.log = log;
    }

    /** Starts one with these records, each as its flag says; skips the test where there is no dnsmasq. */
    public static Dnsmasq start(Path folder, List<String> records) {
        Assumptions.assumeTrue(Files.isExecutable(PROGRAM), "skipped: the program 'dnsmasq' is not on this machine");
        Dnsmasq dnsmasq = new Dnsmasq(folder.resolve("dnsmasq.log"));
        do {
            dnsmasq.port = ThreadLocalRandom.current().nextInt(20_000, 30_000);
        } while (!dnsmasq.serve(records));
        return dnsmasq;
    }

    public int port() {
        return port;
    }

    /** It knows these records and no others from now on: it is started anew on the same port. */
    public void answer(List<String> records) {
        close();
        if (!serve(records)) {
            throw new IllegalStateException("port " + port + " is taken");
        }
    }

    private boolean serve(List<String> records) {
        List<String> command = new ArrayList<>(List.of(
                PROGRAM.toString(),
                "--keep-in-foreground",
                "--log-facility=-",
                "--no-resolv",
                "--no-hosts",
                "--conf-file",
                "--user=root",
                "--pid-file",
                "--port=" + port,
                "--listen-address=127.0.0.1",
                "--bind-interfaces",
                "--local=/local/"));
        command.addAll(records);
        try {
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        await().pollInterval(Duration.ofMillis(5))
                .until(() -> !process.isAlive() || Files.readString(log).contains("started, version"));
        return process.isAlive();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
