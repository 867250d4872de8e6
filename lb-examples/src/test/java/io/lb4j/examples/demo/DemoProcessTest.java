package io.lb4j.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.examples.testing.ChildJvm;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The demo as a process: what it prints where, and how it ends. Runs with the classes, and once more with the packaged
 * jar when the property {@code lb4j.demo.jar} says where that is.
 */
class DemoProcessTest {
    private static final int PATIENCE_MILLIS = 20_000;

    private ServerSocket backend;

    @BeforeEach
    void listen() throws IOException {
        backend = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        backend.setSoTimeout(PATIENCE_MILLIS);
    }

    @AfterEach
    void close() throws IOException {
        backend.close();
    }

    @Test
    void sigterm_whileAConnectionIsOpen_letsItFinishAndExitsWith0() throws IOException {
        try (ChildJvm demo = start("--no-health-checks")) {
            assumeThat(demo.supportsTerminate()).isTrue();
            int port = awaitPort(demo);
            try (Socket client = connect(port);
                    Socket served = accept()) {
                assertPasses(client, served, 'a');
                // Who is let in while the listener still closes then ends by itself, for want of a backend.
                backend.close();
                demo.terminate();
                demo.awaitStderr("INFO  lb-any: draining");
                await().pollInterval(Duration.ofMillis(5)).untilAsserted(() -> assertRefused(port));
                assertPasses(client, served, 'b');
                assertPasses(served, client, 'c');
            }
            assertThat(demo.exitCode()).isZero();
            assertThat(demo.stdout()).contains("Draining: waiting up to 10 s for connections, 1 is open");
            assertThat(demo.stdout()).last().asString().matches("Drained: \\d+ finished, 0 reset");
            assertThat(demo.stderr()).allMatch(line -> line.matches("[0-9:.]{12} (INFO|WARN)  lb-any: .*"));
        }
    }

    @Test
    void sigterm_whenIdle_exitsWith0AtOnce() {
        try (ChildJvm demo = start()) {
            assumeThat(demo.supportsTerminate()).isTrue();
            awaitPort(demo);
            demo.terminate();
            assertThat(demo.exitCode()).isZero();
            assertThat(demo.stdout()).last().isEqualTo("Drained: 0 finished, 0 reset");
        }
    }

    @Test
    void sigterm_withALameDuckTime_isSeenByHealthWhileAcceptingGoesOn() throws Exception {
        try (ChildJvm demo = start("--no-health-checks", "--lame-duck", "5s", "--admin", "0")) {
            assumeThat(demo.supportsTerminate()).isTrue();
            int port = awaitPort(demo);
            URI health = URI.create(demo.awaitStdout("See:  (http://.*/)").group(1) + "health");
            assertThat(status(health)).isEqualTo(200);
            demo.terminate();
            await().pollInterval(Duration.ofMillis(5))
                    .untilAsserted(() -> assertThat(status(health)).isEqualTo(503));
            try (Socket client = connect(port);
                    Socket served = accept()) {
                assertPasses(client, served, 'a');
            }
            assertThat(demo.exitCode()).isZero();
            assertThat(demo.stdout())
                    .contains(
                            "Draining: accepting for 5 s more, then waiting up to 10 s for connections, none is open");
        }
    }

    private static int status(URI place) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(place).build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    @Test
    void verbose_oneConnection_isLogged() throws IOException {
        try (ChildJvm demo = start("--verbose", "--no-health-checks")) {
            try (Socket client = connect(awaitPort(demo));
                    Socket served = accept()) {
                assertPasses(client, served, 'a');
            }
            demo.awaitStderr("DEBUG lb-any: .*127\\.0\\.0\\.1:" + backend.getLocalPort());
        }
    }

    @Test
    void portInUse_byAnother_isOneLineAndExitCode2() {
        String place = "127.0.0.1:" + backend.getLocalPort();
        try (ChildJvm demo = run("--listen", place, "--backend", "127.0.0.1:1")) {
            assertThat(demo.exitCode()).isEqualTo(2);
            assertThat(demo.stderr())
                    .containsExactly(
                            "lb-examples: cannot listen on " + place + ": Address already in use (see --help)");
            assertThat(demo.stdout()).isEmpty();
        }
    }

    @Test
    void usageError_badWeight_isOneLineAndExitCode2() {
        try (ChildJvm demo = run("--backend", "127.0.0.1:1,weight=-1")) {
            assertThat(demo.exitCode()).isEqualTo(2);
            assertThat(demo.stderr()).singleElement().asString().contains("weight: -1 (expected: 0..1000)");
            assertThat(demo.stdout()).isEmpty();
        }
    }

    @Test
    void version_asked_isTheJarsOwn() {
        try (ChildJvm demo = run("--version")) {
            assertThat(demo.exitCode()).isZero();
            assertThat(demo.stderr()).isEmpty();
            assertThat(demo.stdout())
                    .singleElement()
                    .asString()
                    .matches(jar() == null ? "lb4j \\(not from a jar\\)" : "lb4j \\d+\\.\\d+\\.\\d+.*");
        }
    }

    /** Starts the demo over the backend of this test, on any free port. */
    private ChildJvm start(String... flags) {
        String[] args = new String[flags.length + 4];
        args[0] = "--listen";
        args[1] = "127.0.0.1:0";
        args[2] = "--backend";
        args[3] = "127.0.0.1:" + backend.getLocalPort();
        System.arraycopy(flags, 0, args, 4, flags.length);
        return run(args);
    }

    private static ChildJvm run(String... args) {
        return jar() == null ? ChildJvm.main(Demo.class, args) : ChildJvm.jar(jar(), args);
    }

    private static String jar() {
        return System.getProperty("lb4j.demo.jar");
    }

    private static int awaitPort(ChildJvm demo) {
        // The last line that is printed: by then the demo is ready for its end as well.
        demo.awaitStdout("Stop: Ctrl-C");
        return Integer.parseInt(
                demo.awaitStdout("Listening on 127\\.0\\.0\\.1:(\\d+)").group(1));
    }

    private static Socket connect(int port) throws IOException {
        Socket client = new Socket("127.0.0.1", port);
        client.setSoTimeout(PATIENCE_MILLIS);
        return client;
    }

    /** The next connection, which is a health check's, unless there are none. */
    private Socket accept() throws IOException {
        Socket served = backend.accept();
        served.setSoTimeout(PATIENCE_MILLIS);
        return served;
    }

    private static void assertPasses(Socket from, Socket to, int letter) throws IOException {
        from.getOutputStream().write(letter);
        assertThat(to.getInputStream().read()).isEqualTo(letter);
    }

    private static void assertRefused(int port) {
        assertThatExceptionOfType(ConnectException.class)
                .isThrownBy(() -> connect(port).close());
    }
}
