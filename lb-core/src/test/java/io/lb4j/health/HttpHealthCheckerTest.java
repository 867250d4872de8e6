package io.lb4j.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.backend.Backend;
import io.lb4j.testing.Background;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class HttpHealthCheckerTest {
    private static final HttpHealthChecker HEALTH = HealthChecker.http("/health?deep=1");
    private static final String CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n";

    @RegisterExtension
    final Resources resources = new Resources();

    @Test
    void request_ofACheck_isOneOfHttp() {
        CompletableFuture<String> request = new CompletableFuture<>();
        CompletableFuture<Peer.End> end = new CompletableFuture<>();
        TestBackend backend = serving(peer -> {
            request.complete(readHead(peer));
            peer.send("HTTP/1.1 200 OK\r\n\r\nand a body that nobody looks at");
            end.complete(peer.receiveToEnd().end());
        });

        Checking.passes(HEALTH.header("X-Key", "secret"), backend.port());

        assertThat(request.join().split("\r\n"))
                .startsWith("GET /health?deep=1 HTTP/1.1")
                .containsExactlyInAnyOrder(
                        "GET /health?deep=1 HTTP/1.1",
                        "Host: 127.0.0.1:" + backend.port(),
                        "Connection: close",
                        "User-Agent: lb4j",
                        "X-Key: secret");
        assertThat(end.join()).isEqualTo(Peer.End.EOF);
    }

    @ParameterizedTest
    @ValueSource(strings = {"::1", "::1%1"})
    void request_toAnIpv6Literal_hasItInBrackets(String host) throws Exception {
        try (ServerSocket listener = new ServerSocket()) {
            try {
                listener.bind(new InetSocketAddress(InetAddress.getByName("::1"), 0));
            } catch (IOException noIpv6) {
                Assumptions.abort("skipped: this machine has no ::1");
            }
            CompletableFuture<String> request = Background.supply(() -> {
                try (Socket socket = listener.accept()) {
                    byte[] head = new byte[512];
                    int n = socket.getInputStream().read(head);
                    socket.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.UTF_8));
                    return new String(head, 0, n, StandardCharsets.UTF_8);
                }
            });

            HEALTH.check(Backend.of(host, listener.getLocalPort()), Duration.ofMillis(Peer.PATIENCE_MILLIS));

            assertThat(request.join()).contains("\r\nHost: [::1]:" + listener.getLocalPort() + "\r\n");
        }
    }

    @Test
    void header_ofTheSameName_replacesOurs() {
        CompletableFuture<String> request = new CompletableFuture<>();
        TestBackend backend = serving(peer -> {
            request.complete(readHead(peer));
            peer.send("HTTP/1.1 200 OK\r\n\r\n");
        });

        Checking.passes(HEALTH.header("host", "first").header("HOST", "shop.example"), backend.port());

        assertThat(request.join())
                .contains("\r\nHost: shop.example\r\n")
                .doesNotContain("127.0.0.1")
                .doesNotContain("first");
    }

    @ParameterizedTest
    @CsvSource({"200,true", "204,true", "302,true", "399,true", "400,false", "404,false", "500,false", "503,false"})
    void check_ofAStatus_passesBelow400(int status, boolean healthy) {
        TestBackend backend = answering("HTTP/1.1 " + status + " whatever\r\nContent-Length: 0\r\n\r\n");

        if (healthy) {
            Checking.passes(HEALTH, backend.port());
        } else {
            Checking.fails(HEALTH, backend.port(), "status " + status);
        }
    }

    @Test
    void check_ofAnExpectedStatus_passes() {
        TestBackend backend = answering("HTTP/1.0 503\r\n\r\n");

        Checking.passes(HEALTH.expectStatus(503, 503), backend.port());
        Checking.fails(HEALTH.expectStatus(200, 299), backend.port(), "status 503");
    }

    @Test
    void check_ofAnswersInBetween_waitsForTheLast() {
        TestBackend backend = answering(
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 500 x\r\n\r\n");

        Checking.fails(HEALTH, backend.port(), "status 500");
    }

    @Test
    void check_ofSwitchingProtocols_fails() {
        Checking.fails(HEALTH, answering("HTTP/1.1 101 x\r\n\r\n").port(), "status 101");
    }

    @Test
    void body_withTheText_passes() {
        TestBackend backend = answering("HTTP/1.1 200 OK\n\n{\"status\": \"süß\"}");

        Checking.passes(HEALTH.expectBody("süß"), backend.port());
        Checking.fails(
                HEALTH.expectBody("up"), backend.port(), "expected \"up\" in the body, got \"{\"status\": \"süß\"}\"");
    }

    @Test
    void body_withTheTextInAHeaderOnly_fails() {
        TestBackend backend = answering("HTTP/1.1 200 OK\r\nServer: up\r\n\r\n");

        Checking.fails(HEALTH.expectBody("up"), backend.port(), "expected \"up\" in the body, got \"\"");
    }

    @Test
    void body_withALength_endsThereThoughTheConnectionStays() {
        TestBackend backend = serving(peer -> {
            readHead(peer);
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndownup").receiveToEnd();
        });

        Checking.fails(HEALTH.expectBody("up"), backend.port(), "expected \"up\" in the body, got \"down\"");
    }

    @Test
    void body_ofAStatusWithoutOne_isEmptyThoughTheConnectionStays() {
        TestBackend backend = serving(peer -> {
            readHead(peer);
            peer.send("HTTP/1.1 304 x\r\nContent-Length: 4\r\n\r\n").receiveToEnd();
        });

        Checking.fails(HEALTH.expectBody("up"), backend.port(), "expected \"up\" in the body, got \"\"");
    }

    @Test
    void body_thatEndsEarly_fails() {
        TestBackend backend = answering("HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\nhalf");

        assertThat(Checking.check(HEALTH.expectBody("up"), backend.port()))
                .hasMessageStartingWith("closed in the middle of the answer: \"HTTP/1.1 200 OK..");
    }

    @Test
    void body_inChunks_isPutTogether() {
        String answer = CHUNKED + "3;x=y\r\n{\"h\r\n0A \r\nealthy\": t\r\n4\r\nrue}\r\n0\r\n\r\n";

        Checking.passes(HEALTH.expectBody("healthy\": true"), answering(answer).port());
        Checking.fails(
                HEALTH.expectBody("false"),
                answering(answer).port(),
                "expected \"false\" in the body, got \"{\"healthy\": true}\"");
    }

    @Test
    void body_inChunksAtEverySplit_isPutTogether() {
        String answer = CHUNKED + "2\r\nup\r\n0\r\n\r\n";
        for (int i = 1; i < answer.length(); i++) {
            String first = answer.substring(0, i);
            String second = answer.substring(i);
            TestBackend backend = serving(peer -> {
                readHead(peer);
                peer.send(first);
                Background.pause(1);
                peer.send(second).receiveToEnd();
            });

            Checking.passes(HEALTH.expectBody("up"), backend.port());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"g\r\n", "\r\n", "-1\r\n", "2\r\nupper\r\n", "ffffffffffffffff\r\n"})
    void body_withABadChunk_fails(String chunk) {
        assertThat(Checking.check(
                        HEALTH.expectBody("down"),
                        answering(CHUNKED + chunk + "0\r\n\r\n").port()))
                .hasMessageStartingWith("not the length of a chunk: \"");
    }

    @Test
    void body_withoutEnd_fails() {
        TestBackend backend = serving(peer -> {
            readHead(peer);
            peer.send("HTTP/1.1 200 OK\r\n\r\n");
            sendForEver(peer, "down");
        });

        assertThat(Checking.check(HEALTH.expectBody("up"), backend.port()))
                .hasMessageStartingWith(
                        "expected \"up\" in the body, not in the first 65536 bytes of the answer: \"downdown");
    }

    @Test
    void headers_withoutEnd_fail() {
        TestBackend backend = serving(peer -> {
            readHead(peer);
            peer.send("HTTP/1.1 200 OK\r\n");
            sendForEver(peer, "X: y\r\n");
        });

        assertThat(Checking.check(HEALTH, backend.port()))
                .hasMessageStartingWith("more than 65536 bytes: \"HTTP/1.1 200 OK..X: y");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"SSH-2.0-x\r\n", "\u0000\u0001", "HTTP/2 200\r\n", "HTTP/1.1 20 OK\r\n", "HTTP/1.1200 OK\n"})
    void answer_thatIsNotHttp_fails(String answer) {
        TestBackend backend = serving(peer -> {
            readHead(peer);
            peer.send(answer).receiveToEnd();
        });

        Checking.fails(
                HEALTH, backend.port(), "not HTTP: \"" + answer.stripTrailing().replaceAll("\\p{Cntrl}", ".") + '"');
    }

    @Test
    void answer_thatDoesNotCome_timesOut() {
        TestBackend backend = serving(Peer::receiveToEnd);

        assertThat(Checking.check(HEALTH, backend.port(), Duration.ofMillis(100)))
                .hasMessage("no answer within 100 ms");
    }

    @Test
    void answer_thatStops_timesOut() {
        TestBackend backend =
                serving(peer -> peer.send("HTTP/1.1 200 OK\r\nServer").receiveToEnd());

        assertThat(Checking.check(HEALTH, backend.port(), Duration.ofMillis(1000)))
                .hasMessage("no complete answer within 1000 ms: \"HTTP/1.1 200 OK..Server\"");
    }

    @Test
    void answer_thatIsAnEnd_fails() {
        Checking.fails(HEALTH, answering("").port(), "closed without an answer");
    }

    @Test
    void check_interrupted_ends() throws Exception {
        Checking.endsWhenInterrupted(HEALTH, serving(Peer::receiveToEnd).port());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "health", "/a b", "/a\r\nX: y", "/\u0000", "/ä", "http://x/"})
    void path_thatIsNone_isRefused(String path) {
        assertThatThrownBy(() -> HealthChecker.http(path))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("\n");
    }

    @Test
    void header_thatWouldBeMoreThanOne_isRefused() {
        for (String name : new String[] {"", "a b", "a:", "a\r\nb", "ä", "Connection", "content-length"}) {
            assertThatThrownBy(() -> HEALTH.header(name, "x"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageNotContaining("\n");
        }
        for (String value : new String[] {"a\rb", "a\nb", "\u0000", "\u007f"}) {
            assertThatThrownBy(() -> HEALTH.header("X", value)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void expectations_thatAreNone_areRefused() {
        assertThatThrownBy(() -> HEALTH.expectBody("")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> HEALTH.expectStatus(100, 200)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> HEALTH.expectStatus(300, 299)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> HEALTH.expectStatus(200, 600)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void checker_asText_hidesItsHeaders() {
        assertThat(HEALTH.header("Authorization", "secret")).hasToString("http /health?deep=1");
    }

    private TestBackend serving(Consumer<Peer> service) {
        return resources.add(TestBackend.serving(service));
    }

    private TestBackend answering(String answer) {
        return serving(peer -> {
            readHead(peer);
            peer.send(answer).fin();
            peer.receiveToEnd();
        });
    }

    private static String readHead(Peer peer) {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append(peer.receiveText(1));
        }
        return head.toString();
    }

    private static void sendForEver(Peer peer, String text) {
        try {
            while (true) {
                peer.send(text.repeat(1000));
            }
        } catch (UncheckedIOException checkerGone) {
            // That is its end.
        }
    }
}
