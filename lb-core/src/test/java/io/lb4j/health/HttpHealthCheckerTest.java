package io.lb4j.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.backend.Backend;
import io.lb4j.testing.Background;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
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
}
