package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.testing.Certificate;
import io.lb4j.testing.EventLog;
import io.lb4j.testing.Exim;
import io.lb4j.testing.HaProxy;
import io.lb4j.testing.Nginx;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Program;
import io.lb4j.testing.RandomStream;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two real servers of TLS with two names behind one port, and real clients that ask for one of them: openssl, curl, Java. Which
 * server it was is in its certificate. Skipped where a program is missing.
 */
class RealTlsRoutesTest {
    private static final String A = "a.example.test";
    private static final String B = "b.example.test";
    private static final Duration SHORT = Duration.ofMillis(300);

    /** Nobody who says something is too late, however busy the machine is. */
    private static final Duration LONG = Duration.ofMinutes(1);

    private static final int MUCH = 1_000_000;
    private static final Pattern SUBJECT = Pattern.compile("Peer certificate: CN = (\\S+)");

    /** Options of s_client, and the server that is to answer. */
    private static final String[] CLIENTS = {
        "-servername a.example.test; a.example.test",
        "-servername b.example.test; b.example.test",
        "-servername A.Example.TEST; a.example.test",
        // Below a name, and by another rule than that one.
        "-servername x.b.example.test; a.example.test",
        "-servername x.y.b.example.test; a.example.test",
        "-servername a.example.test -tls1_2; a.example.test",
        "-servername a.example.test -tls1_3; a.example.test",
        "-servername a.example.test -alpn h2,http/1.1; a.example.test",
        // By the protocol, whatever the name is.
        "-servername a.example.test -alpn acme-tls/1; b.example.test",
        "-noservername -alpn h2,acme-tls/1; b.example.test",
        // No rule for it.
        "-servername x.a.example.test; b.example.test",
        "-servername example.test; b.example.test",
        "-noservername; b.example.test",
    };

    @RegisterExtension
    final Resources resources = new Resources();

    @TempDir
    private Path folder;

    private final EventLog log = new EventLog();
    private Certificate certificateOfA;
    private Certificate certificateOfB;
    private Program.Server a;
    private Program.Server b;

    @BeforeEach
    void startServers() throws IOException {
        try (OutputStream file = Files.newOutputStream(folder.resolve("much"))) {
            new RandomStream(7).next(MUCH, file::write);
        }
        certificateOfA = Certificate.of(folder, A);
        certificateOfB = Certificate.of(folder, B);
        a = resources.add(certificateOfA.serve(folder, "-WWW"));
        b = resources.add(certificateOfB.serve(folder, "-WWW", "-alpn", "acme-tls/1,h2"));
    }

    // ---- who is reached

    static Stream<String> clients() {
        return Stream.of(CLIENTS);
    }

    @ParameterizedTest
    @MethodSource("clients")
    void sClient_reachesTheServer_thatHeAsksFor(String client) {
        LoadBalancer lb = start(routes -> rules(routes).otherwise("b"));
        String[] parts = client.split("; ");

        assertThat(subject(lb.port(), parts[0])).isEqualTo(parts[1]);

        ConnectionSummary summary = log.await(ConnectionSummary.class);
        assertThat(summary.reason()).isEqualTo(CloseReason.COMPLETED);
        Matcher asked = Pattern.compile("-servername (\\S+)").matcher(parts[0]);
        assertThat(summary.serverName()).isEqualTo(asked.find() ? asked.group(1).toLowerCase(Locale.ROOT) : null);
    }

    /** Its map of $ssl_preread_server_name, with the same rules. */
    @Test
    void nginx_choosesByTheHello_asIsChosenHere() {
        Program.Server nginx =
                resources.add(Nginx.startStream(folder, 1, port -> """
                map $ssl_preread_server_name $by_name {
                  hostnames; a.example.test 127.0.0.1:%1$d; b.example.test 127.0.0.1:%2$d; *.b.example.test 127.0.0.1:%1$d; default 127.0.0.1:%2$d;
                }
                map $ssl_preread_alpn_protocols $by_protocol {
                  ~\\bacme-tls/1\\b 127.0.0.1:%2$d; default $by_name;
                }
                server { listen 127.0.0.1:%3$d; ssl_preread on; proxy_pass $by_protocol; }
                """.formatted(a.port(), b.port(), port)));
        LoadBalancer lb = start(routes -> rules(routes).otherwise("b"));

        for (String client : CLIENTS) {
            String options = client.split("; ")[0];
            assertThat(subject(nginx.port(), options)).as(options).isEqualTo(subject(lb.port(), options));
        }
    }

    /** More than 512 bytes of hello, in records of 512 bytes. */
    @Test
    void sClient_cutsHisHelloIntoRecords_reachesTheServer() {
        LoadBalancer lb = start(RealTlsRoutesTest::rules);
        assertThat(subject(lb.port(), "-servername a.example.test -max_send_frag 512 -alpn " + protocols(4)))
                .isEqualTo(A);
    }

    /** As much as nginx reads ahead, and more: openssl itself would take it. */
    @Test
    void sClient_saysMoreThan16KiB_isReset() {
        LoadBalancer lb = start(RealTlsRoutesTest::rules);

        assertThat(subject(lb.port(), "-servername a.example.test -alpn " + protocols(60)))
                .isEqualTo(A);
        assertThat(subject(a.port(), "-servername a.example.test -alpn " + protocols(66)))
                .isEqualTo(A);
        assertThatThrownBy(() -> subject(lb.port(), "-servername a.example.test -alpn " + protocols(66)))
                .hasMessageContaining("errno=104");

        assertThat(log.await(ConnectionSummary.class, 2))
                .extracting(ConnectionSummary::reason)
                .containsExactlyInAnyOrder(CloseReason.COMPLETED, CloseReason.PREFACE_INVALID);
    }

    /** So many, which take 251 bytes each. */
    private static String protocols(int count) {
        return String.join(",", Collections.nCopies(count, "p".repeat(250)));
    }

    @Test
    void javaClient_reachesTheServer_thatHeAsksFor() throws IOException {
        LoadBalancer lb = start(routes -> rules(routes).otherwise("b"));

        assertThat(ask(certificateOfA.connect(lb.port(), List.of(A)))).startsWith("HTTP/1.0 200 ok");
        assertThat(ask(certificateOfA.connect(lb.port(), List.of("x." + B)))).startsWith("HTTP/1.0 200 ok");
        assertThat(ask(certificateOfB.connect(lb.port(), List.of(A), "h2", "acme-tls/1")))
                .startsWith("HTTP/1.0 200 ok");
        assertThat(ask(certificateOfB.connect(lb.port(), List.of()))).startsWith("HTTP/1.0 200 ok");
    }

    @Test
    void client_forWhomThereIsNoRule_isReset() {
        LoadBalancer lb = start(RealTlsRoutesTest::rules);

        for (String options : List.of("-noservername", "-servername c.example.test")) {
            assertThatThrownBy(() -> subject(lb.port(), options)).hasMessageContaining("errno=104");
        }

        assertThat(log.await(ConnectionSummary.class, 2)).allSatisfy(summary -> {
            assertThat(summary.reason()).isEqualTo(CloseReason.NO_ROUTE);
            assertThat(summary.attempts()).isZero();
        });
    }

    // ---- what passes

    @ParameterizedTest
    @ValueSource(strings = {A, B})
    void curl_getsWhatTheServerHas_unchanged(String host) throws IOException {
        String curl = Program.require("curl");
        LoadBalancer lb = start(RealTlsRoutesTest::rules);
        Path got = folder.resolve("got");

        Program.run(curlFor(curl, host, lb.port(), "-o", got.toString()));

        assertThat(got).hasSameBinaryContentAs(folder.resolve("much"));
        ConnectionSummary summary = log.await(ConnectionSummary.class);
        assertThat(summary.serverName()).isEqualTo(host);
        assertThat(summary.bytesToClient()).isGreaterThan(MUCH);
    }

    /** The second hello of a client has his ticket in it. */
    @ParameterizedTest
    @CsvSource({"-tls1_2, a.example.test", "-tls1_3, a.example.test", "-tls1_3, b.example.test"})
    void session_ofBefore_isResumed(String version, String host) {
        LoadBalancer lb = start(RealTlsRoutesTest::rules);
        String session = folder.resolve("session").toString();
        String[] common = {"-servername", host, version, "-ign_eof"};

        String first = sClient(lb.port(), "GET /none HTTP/1.0\r\n\r\n", common, "-sess_out", session);
        String second = sClient(lb.port(), "GET /none HTTP/1.0\r\n\r\n", common, "-sess_in", session);

        assertThat(first).contains("subject=CN = " + host, "New, TLSv1");
        assertThat(second).contains("Reused, TLSv1");
    }

    /** The header of a proxy comes before the hello. */
    @Test
    void hello_behindAHeader_isHeardToo() {
        String curl = Program.require("curl");
        LoadBalancer lb = start(
                frontend -> frontend.proxyProtocol(proxies -> proxies.trust("127.0.0.1")), RealTlsRoutesTest::rules);
        Program.Server haproxy = resources.add(HaProxy.start(folder, port -> """
                listen it
                  bind 127.0.0.1:%d
                  server one 127.0.0.1:%d send-proxy-v2
                """.formatted(port, lb.port())));

        Program.run(curlFor(curl, B, haproxy.port(), "--interface", "127.0.0.7", "-o", "/dev/null"));

        ConnectionSummary summary = log.await(ConnectionSummary.class);
        assertThat(summary.serverName()).isEqualTo(B);
        assertThat(summary.clientAddress().getHostString()).isEqualTo("127.0.0.7");
    }

    // ---- who does not speak TLS

    @Test
    void plainText_getsTheServerOfThoseWithoutTls() {
        String curl = Program.require("curl");
        Program.Server nginx = resources.add(Nginx.startHttp(
                folder, port -> "server { listen 127.0.0.1:" + port + "; return 200 \"asked for $request_uri\"; }"));
        LoadBalancer lb = startWithPlain(nginx.port());

        assertThat(Program.run(curl, "-sS", "http://127.0.0.1:" + lb.port() + "/it"))
                .isEqualTo("asked for /it");
        assertThat(subject(lb.port(), "-servername " + A)).isEqualTo(A);
    }

    /** Mail is a protocol in which the server speaks first: its client waits, and says nothing. */
    @Test
    void silentClient_getsTheServerOfThoseWithoutTls_whichSpeaksFirst(@TempDir Path own) {
        Exim exim = resources.add(Exim.start(own, "accept"));
        LoadBalancer lb = startWithPlain(exim.port());
        preface(lb, SHORT);
        Peer client = resources.add(Peer.connect(lb.port()));

        assertThat(client.receiveText(4)).isEqualTo("220 ");
        client.send("QUIT\r\n");
        assertThat(client.receiveToEnd().end()).isEqualTo(Peer.End.EOF);
        client.close();
        assertThat(log.await(ConnectionSummary.class).duration()).isGreaterThanOrEqualTo(SHORT);
        // Who speaks is not kept waiting, and who speaks TLS is not taken for him.
        preface(lb, LONG);
        assertThat(subject(lb.port(), "-servername " + B)).isEqualTo(B);
    }

    @Test
    void silentClient_withoutAServerForHim_isReset() {
        LoadBalancer lb =
                start(frontend -> frontend.timeouts(timeouts -> timeouts.preface(SHORT)), RealTlsRoutesTest::rules);
        Peer client = resources.add(Peer.connect(lb.port()));

        assertThat(client.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        assertThat(log.await(ConnectionSummary.class).reason()).isEqualTo(CloseReason.PREFACE_TIMEOUT);
    }

    /** Half a hello of openssl's, or so: they have begun, and are not taken for some who wait for the server. */
    @Test
    void clients_whoSayOnlyAPartOfARealHello_areReset() {
        byte[] hello = helloOf("-servername " + A);
        // Long enough for whoever says something to have said it.
        LoadBalancer lb = startWithPlain(a.port());
        preface(lb, Duration.ofSeconds(1));
        List<Peer> clients = new ArrayList<>();
        for (int length : new int[] {1, 5, 6, 100, hello.length - 1}) {
            clients.add(resources.add(Peer.connect(lb.port())).send(Arrays.copyOf(hello, length)));
        }

        for (Peer client : clients) {
            assertThat(client.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        }
        assertThat(log.await(ConnectionSummary.class, clients.size())).allSatisfy(summary -> {
            assertThat(summary.reason()).isEqualTo(CloseReason.PREFACE_TIMEOUT);
            assertThat(summary.attempts()).isZero();
        });
        preface(lb, LONG);
        assertThat(resources.add(Peer.connect(lb.port())).send(hello).receive(1))
                .containsExactly(22);
    }

    /** What s_client says first, with these options: one record. */
    private byte[] helloOf(String options) {
        CompletableFuture<byte[]> hello = new CompletableFuture<>();
        TestBackend catching = resources.add(TestBackend.serving(peer -> {
            byte[] head = peer.receive(5);
            byte[] body = peer.receive((head[3] & 0xff) << 8 | (head[4] & 0xff));
            hello.complete(
                    ByteBuffer.allocate(5 + body.length).put(head).put(body).array());
        }));
        assertThatThrownBy(() -> subject(catching.port(), options)).isInstanceOf(AssertionError.class);
        return hello.join();
    }

    // ---- lb4j

    private static Routes.Builder rules(Routes.Builder routes) {
        return routes.serverName(A, "a")
                .serverName(B, "b")
                .serverName("*." + B, "a")
                .alpn("acme-tls/1", "b");
    }

    private LoadBalancer start(Consumer<Routes.Builder> rules) {
        return start(frontend -> {}, rules);
    }

    private LoadBalancer start(Consumer<FrontendBuilder> settings, Consumer<Routes.Builder> rules) {
        return resources.add(builder(settings, rules).start());
    }

    private LoadBalancer startWithPlain(int port) {
        return resources.add(builder(frontend -> {}, routes -> rules(routes).notTls("plain"))
                .pool("plain", pool -> pool.noHealthCheck().backend("127.0.0.1", port))
                .start());
    }

    private LoadBalancerBuilder builder(Consumer<FrontendBuilder> settings, Consumer<Routes.Builder> rules) {
        return LoadBalancer.builder()
                .listen("127.0.0.1", 0, frontend -> settings.accept(frontend.routes(rules)))
                .pool("a", pool -> pool.noHealthCheck().backend("127.0.0.1", a.port()))
                .pool("b", pool -> pool.noHealthCheck().backend("127.0.0.1", b.port()))
                .listener(log);
    }

    /** For clients who come from now on. */
    private static void preface(LoadBalancer lb, Duration timeout) {
        lb.reconfigure(change -> change.timeouts(timeouts -> timeouts.preface(timeout)));
    }

    // ---- clients

    /** Whose certificate a client with these options sees; fails if he is reset. */
    private static String subject(int port, String options) {
        String told = sClient(port, "", options.split(" "), "-brief");
        Matcher subject = SUBJECT.matcher(told);
        assertThat(subject.find()).as(told).isTrue();
        return subject.group(1);
    }

    private static String sClient(int port, String input, String[] options, String... more) {
        List<String> command =
                new ArrayList<>(List.of(Certificate.openssl(), "s_client", "-connect", "127.0.0.1:" + port));
        command.addAll(List.of(options));
        command.addAll(List.of(more));
        return Program.runWith(input, command.toArray(String[]::new));
    }

    private String[] curlFor(String curl, String host, int port, String... options) {
        String place = host + ":" + port;
        Path certificate = folder.resolve(host + ".crt");
        List<String> command = new ArrayList<>(List.of(curl, "-sSf", "--no-alpn", "--cacert", certificate.toString()));
        command.addAll(List.of("--resolve", place + ":127.0.0.1", "https://" + place + "/much"));
        command.addAll(List.of(options));
        return command.toArray(String[]::new);
    }

    /** For the file, whose content is right, too. */
    private String ask(Peer client) throws IOException {
        try (client) {
            byte[] answer = client.send("GET /much HTTP/1.0\r\n\r\n")
                    .socket()
                    .getInputStream()
                    .readAllBytes();
            int content = answer.length - MUCH;
            assertThat(answer).endsWith(Files.readAllBytes(folder.resolve("much")));
            return new String(answer, 0, content, StandardCharsets.US_ASCII);
        }
    }
}
