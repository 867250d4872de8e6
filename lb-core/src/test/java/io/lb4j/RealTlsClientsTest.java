package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.testing.Authority;
import io.lb4j.testing.Browser;
import io.lb4j.testing.Certificate;
import io.lb4j.testing.EventLog;
import io.lb4j.testing.Nginx;
import io.lb4j.testing.OpenSslClient;
import io.lb4j.testing.Program;
import io.lb4j.testing.Program.Outcome;
import io.lb4j.testing.RandomStream;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import io.lb4j.tls.FrontendTlsBuilder;
import io.lb4j.tls.TlsIdentity;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Real clients that speak TLS, and real servers that do not: curl, redis-cli, Chromium, Java, openssl. */
class RealTlsClientsTest {
    private static final String SITE = "localhost";
    private static final int MUCH = 10_000_000;

    @TempDir
    static Path folder;

    private static Authority authority;
    private static Certificate certificate;

    @RegisterExtension
    final Resources resources = new Resources();

    private final EventLog log = new EventLog();
    private LoadBalancer lb;

    @BeforeAll
    static void makeCertificates() throws IOException {
        authority = Authority.in(folder);
        certificate = authority.sign(SITE);
        try (OutputStream file = Files.newOutputStream(folder.resolve("much"))) {
            new RandomStream(7).next(MUCH, file::write);
        }
    }

    private void start(int port, Consumer<FrontendTlsBuilder> settings) {
        lb = resources.add(LoadBalancer.builder()
                .listen(
                        "127.0.0.1",
                        0,
                        frontend -> frontend.tls(tls -> {
                            tls.certificate(TlsIdentity.pem(certificate.file(), certificate.key()));
                            settings.accept(tls);
                        }))
                .noHealthCheck()
                .backend("127.0.0.1", port)
                .listener(log)
                .start());
    }

    private void startWithNginx(String listen, String... protocols) {
        Program.Server nginx = resources.add(Nginx.startHttp(folder, port -> """
                server { listen 127.0.0.1:%d %s; root %s; client_max_body_size 0;
                         location /put/ { dav_methods PUT; } location /much {}
                         location / { return 200 "asked for $request_uri by $server_protocol"; } }
                """.formatted(port, listen, folder)));
        start(nginx.port(), tls -> tls.alpn(protocols));
    }

    private void awaitCompleted(int connections) {
        assertThat(log.await(ConnectionSummary.class, connections))
                .extracting(ConnectionSummary::reason)
                .containsOnly(CloseReason.COMPLETED);
    }

    /** Of one that may end without a close_notify: redis-cli does, Chromium, and curl where it speaks HTTP/2. */
    private void awaitEnd() {
        assertThat(log.await(ConnectionSummary.class).reason())
                .isIn(CloseReason.COMPLETED, CloseReason.CLIENT_TRUNCATED);
    }

    // ---- curl

    private Outcome curl(Authority trusted, String path, String... options) {
        String url = "https://" + SITE + ":" + lb.port() + path;
        List<String> command = new ArrayList<>(List.of(Program.require("curl"), "-sSf", "--cacert"));
        command.addAll(List.of(trusted.file().toString(), url));
        command.addAll(List.of(options));
        return Program.outcome("", command.toArray(String[]::new));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.3", "1.2"})
    void curl_downloadsAndUploads(String version) throws IOException {
        startWithNginx("", "http/1.1");
        Path much = folder.resolve("much");
        Path got = folder.resolve("got");
        Path put = Files.createDirectories(folder.resolve("put"));

        assertThat(curl(authority, "/much", "--http1.1", "--tls-max", version, "-o", got + "")
                        .output())
                .isEmpty();
        assertThat(got).hasSameBinaryContentAs(much);
        assertThat(curl(authority, "/put/" + version, "--http1.1", "--tls-max", version, "-T", much + "")
                        .output())
                .isEmpty();
        assertThat(put.resolve(version)).hasSameBinaryContentAs(much);
        awaitCompleted(2);
    }

    @ParameterizedTest
    @CsvSource({"'', HTTP/1.1, http/1.1", "http2, HTTP/2.0, h2"})
    void curl_speaksTheProtocol_thatWasAgreedOn(String listen, String spoken, String agreed) {
        startWithNginx(listen, agreed);
        Outcome outcome = curl(authority, "/it", "-v");
        assertThat(outcome.output())
                .contains("ALPN: server accepted " + agreed, "SSL certificate verify ok", "asked for /it by " + spoken);
        awaitEnd();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.3", "1.2"})
    void curl_whoTrustsAnother_refuses_andHeIsHeard(String version) {
        startWithNginx("", "http/1.1");
        Outcome outcome = curl(Authority.in(folder), "/it", "--tls-max", version);
        assertThat(outcome.status()).as(outcome.output()).isEqualTo(60);
        ConnectionSummary summary = log.await(ConnectionSummary.class);
        assertThat(summary.reason()).isEqualTo(CloseReason.TLS_HANDSHAKE_FAILED);
        assertThat(summary.cause()).hasMessage("Received fatal alert: unknown_ca");
    }

    @Test
    void curl_makesManyRequests_onOneConnection() {
        startWithNginx("", "http/1.1");
        String urls = IntStream.range(0, 40)
                .mapToObj(i -> "https://" + SITE + ":" + lb.port() + "/" + i)
                .collect(Collectors.joining(" "));
        assertThat(curl(authority, "/last", urls.split(" ")).output()).contains("asked for /last", "asked for /39");
        awaitCompleted(1);
    }

    // ---- others

    @ParameterizedTest
    @CsvSource({"HTTP_1_1, '', http/1.1", "HTTP_2, http2, h2"})
    void javaClient_downloads(HttpClient.Version version, String listen, String agreed) throws Exception {
        startWithNginx(listen, agreed);
        HttpClient client = HttpClient.newBuilder()
                .version(version)
                .sslContext(new Certificate(SITE, authority.file(), authority.key()).trusting())
                .build();
        HttpResponse<byte[]> response = client.send(
                HttpRequest.newBuilder(URI.create("https://" + SITE + ":" + lb.port() + "/much"))
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
        assertThat(response.body()).isEqualTo(Files.readAllBytes(folder.resolve("much")));
        assertThat(response.version()).isEqualTo(version);
    }

    @Test
    void redisCli_asksAsEver() {
        String server = Program.require("redis-server");
        String client = Program.require("redis-cli");
        Program.Server redis = resources.add(Program.startOnFreePort(
                "Ready to accept connections",
                port -> Program.start(server, "--port", "" + port, "--bind", "127.0.0.1", "--save", "")));
        start(redis.port(), tls -> {});
        String commands = IntStream.range(0, 1000)
                .mapToObj(i -> "SET key-%d %s\nGET key-%d\n".formatted(i, "v".repeat(i + 1), i))
                .collect(Collectors.joining());

        String answers = Program.runWith(
                commands, client, "--tls", "--cacert", authority.file().toString(), "-p", "" + lb.port());

        assertThat(answers.lines().filter("OK"::equals)).hasSize(1000);
        assertThat(answers).contains("v".repeat(1000));
        awaitEnd();
    }

    @Test
    void chromium_showsThePage() throws IOException {
        startWithNginx("", "http/1.1");
        try (Browser browser = Browser.openTrusting(
                TlsIdentity.pem(certificate.file(), certificate.key()).certificate())) {
            browser.load("https://127.0.0.1:" + lb.port() + "/page");

            assertThat(browser.text("body")).isEqualTo("asked for /page by HTTP/1.1");
            assertThat(browser.run(
                            "isSecureContext + ' ' + performance.getEntriesByType('navigation')[0].nextHopProtocol"))
                    .isEqualTo("true http/1.1");
        }
    }

    // ---- openssl's commands

    private Program commanded(String version) {
        TestBackend echo = resources.add(TestBackend.echoing());
        start(echo.port(), tls -> {});
        return resources.add(OpenSslClient.startCommanded(lb.port(), version));
    }

    /** It takes a line for a command when nothing else comes with it. */
    private static void say(Program client, String line, String heard) {
        client.say(line + "\n");
        await().pollInterval(Duration.ofMillis(2)).until(() -> client.output().contains(heard));
    }

    /** His own, and ours too. */
    @Test
    void openssl_asksForNewKeys_andGoesOn() {
        Program client = commanded("-tls1_3");
        for (int i = 0; i < 10; i++) {
            say(client, "before " + i, "\nbefore " + i);
            client.say(i % 2 == 0 ? "K\n" : "k\n");
            int count = i + 1;
            await().pollInterval(Duration.ofMillis(2))
                    .until(() -> client.output().split("KEYUPDATE", -1).length > count);
            say(client, "after " + i, "\nafter " + i);
        }
        client.say("Q\n");
        assertThat(client.outcome().status()).isZero();
        awaitCompleted(1);
    }

    @Test
    void openssl_wantsToNegotiateAgain_isReset() {
        Program client = commanded("-tls1_2");
        say(client, "before", "\nbefore");
        client.say("R\n");

        assertThat(client.outcome().output()).containsPattern("RENEGOTIATING\n(write|read):errno=104");
        assertThat(log.await(ConnectionSummary.class).reason()).isEqualTo(CloseReason.CLIENT_TLS_FAILED);
    }
}
