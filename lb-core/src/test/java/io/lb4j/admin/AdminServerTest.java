package io.lb4j.admin;

import static io.lb4j.admin.AdminClient.ask;
import static io.lb4j.admin.AdminClient.readAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.LoadBalancer;
import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendStatus;
import io.lb4j.testing.Background;
import io.lb4j.testing.LogCapture;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import java.io.UncheckedIOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the admin server answers, asked byte by byte. */
class AdminServerTest {
    private static final String TOKEN = "a-long-token";

    @RegisterExtension
    final Resources resources = new Resources();

    private final LoadBalancer lb = resources.add(LoadBalancer.builder()
            .noHealthCheck()
            .backend(Backend.of("127.0.0.1", 1).withId("<b>&\"'"))
            .start());

    @Test
    void hostThatIsNotKnown_isRefused() {
        AdminServer admin = start(AdminServer.builder(lb));
        assertThat(ask(admin, "GET /status", "evil.example")).startsWith("HTTP/1.1 421");
        assertThat(ask(admin, "GET /status", "localhost:" + admin.port())).startsWith("HTTP/1.1 200");
    }

    /** As a kubelet and Prometheus ask; no browser can be made to do so by the name of somebody else's page. */
    @ParameterizedTest
    @ValueSource(strings = {"10.1.2.3:8404", "10.1.2.3", "[2001:db8::1]:8404", "[::1]"})
    void hostThatIsAnAddress_isAnswered(String host) {
        assertThat(ask(start(AdminServer.builder(lb)), "GET /health", host)).startsWith("HTTP/1.1 200");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.1.2",
                "10.1.2.3.example",
                "1.2.3.4:",
                "1.2.3.4:x",
                "::1",
                "[10.1.2.3]",
                "[::1",
                "[]",
                ":80",
                "[evil]:1",
                ""
            })
    void hostThatLooksLikeAnAddress_isRefused(String host) {
        assertThat(ask(start(AdminServer.builder(lb)), "GET /health", host)).startsWith("HTTP/1.1 421");
    }

    @Test
    void noHostAtAll_isNoBrowser() {
        AdminServer admin = start(AdminServer.builder(lb));
        try (Peer client = Peer.connect(admin.port())) {
            client.send("GET /health HTTP/1.0\r\n\r\n");
            assertThat(readAll(client)).startsWith("HTTP/1.1 200 OK\r\n");
        }
    }

    @Test
    void namesOfBackends_areNeverHtml() {
        String status = ask(start(AdminServer.builder(lb)), "GET /status");
        assertThat(status)
                .contains("\"id\":\"\\u003cb\\u003e\\u0026\\\"\\u0027\"")
                .contains("nosniff");
    }

    @Test
    void page_hasANonceForEachRequest() {
        AdminServer admin = start(AdminServer.builder(lb));
        String page = ask(admin, "GET /");
        assertThat(page)
                .startsWith("HTTP/1.1 200")
                .contains("script-src 'nonce-")
                .doesNotContain("{{nonce}}");
        assertThat(page).isNotEqualTo(ask(admin, "GET /"));
    }

    @Test
    void changes_needTheToken() {
        AdminServer without = start(AdminServer.builder(lb));
        String disable = "POST /backends/%3Cb%3E%26%22%27/disable";
        assertThat(ask(without, disable, "localhost:" + without.port(), "Authorization: Bearer " + TOKEN))
                .startsWith("HTTP/1.1 403");
        AdminServer admin = start(AdminServer.builder(lb).token(TOKEN));
        String host = "localhost:" + admin.port();
        assertThat(ask(admin, disable)).startsWith("HTTP/1.1 401");
        assertThat(ask(admin, disable, host, "Authorization: Bearer wrong-token"))
                .startsWith("HTTP/1.1 401");
        assertThat(ask(admin, disable, host, "Authorization: Bearer " + TOKEN, "Origin: http://evil.example"))
                .startsWith("HTTP/1.1 403");
        assertThat(ask(admin, "GET /backends/x/disable", host, "Authorization: Bearer " + TOKEN))
                .startsWith("HTTP/1.1 405");
        assertThat(lb.backends().list().get(0).status()).isEqualTo(BackendStatus.UP);
        assertThat(ask(admin, "GET /health")).startsWith("HTTP/1.1 200");
        assertThat(ask(admin, disable, host, "Authorization: Bearer " + TOKEN)).startsWith("HTTP/1.1 200");
        assertThat(lb.backends().list().get(0).status()).isEqualTo(BackendStatus.DISABLED);
        assertThat(ask(admin, "GET /health")).startsWith("HTTP/1.1 503").contains("\"backendsUp\":0");
        assertThat(ask(admin, "POST /backends/nobody/enable", host, "Authorization: Bearer " + TOKEN))
                .startsWith("HTTP/1.1 404");
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 64, 200})
    void clientsThatSendHalfARequest_doNotKeepOthersWaiting(int clients) {
        AdminServer admin = start(AdminServer.builder(lb));
        for (int i = 0; i < clients; i++) {
            resources.add(Peer.connect(admin.port())).send("G");
        }
        for (int i = 0; i < 20; i++) {
            assertThat(Background.supply(() -> ask(admin, "GET /health")))
                    .succeedsWithin(Duration.ofSeconds(5))
                    .asString()
                    .startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void clientsThatReadNothing_doNotKeepOthersWaiting() {
        AdminServer admin = start(AdminServer.builder(lb));
        for (int i = 0; i < 200; i++) {
            Peer client = resources.add(Peer.connect(admin.port()));
            client.send("GET / HTTP/1.1\r\nHost: localhost:" + admin.port() + "\r\n\r\n");
        }
        assertThat(ask(admin, "GET /health")).startsWith("HTTP/1.1 200");
    }

    @Test
    void requestInPieces_isAnswered() {
        AdminServer admin = start(AdminServer.builder(lb));
        try (Peer client = Peer.connect(admin.port())) {
            for (String piece : ("GET /health HTTP/1.1\r\nHost: localhost:" + admin.port() + "\r\n\r\n").split("")) {
                client.send(piece);
            }
            assertThat(readAll(client)).startsWith("HTTP/1.1 200 OK\r\n").contains("Connection: close");
        }
    }

    @Test
    void head_isToldTheLengthAlone() {
        assertThat(ask(start(AdminServer.builder(lb)), "HEAD /health"))
                .startsWith("HTTP/1.1 200")
                .contains("Content-Length: ")
                .endsWith("\r\n\r\n");
    }

    @Test
    void whatIsNoRequest_isToldSo() {
        AdminServer admin = start(AdminServer.builder(lb));
        assertThat(ask(admin, "GET health")).startsWith("HTTP/1.1 400");
        assertThat(ask(admin, "hello")).startsWith("HTTP/1.1 400");
        assertThat(ask(admin, "GET /health", "localhost:" + admin.port(), "no header"))
                .startsWith("HTTP/1.1 400");
        assertThat(ask(admin, "GET /health", "localhost:" + admin.port() + "\r\nHost: evil.example"))
                .startsWith("HTTP/1.1 421");
        assertThat(ask(admin, "GET /health", "localhost:" + admin.port(), "Long: " + "x".repeat(9000)))
                .startsWith("HTTP/1.1 431");
    }

    @Test
    void tokenInClear_isToldUnlessItStaysOnThisMachine() {
        try (LogCapture log = LogCapture.open()) {
            start(AdminServer.builder(lb).token(TOKEN));
            assertThat(log.messages("in clear")).isEmpty();
            resources.add(AdminServer.builder(lb).listen("0.0.0.0", 0).start());
            assertThat(log.messages("in clear")).isEmpty();
            resources.add(
                    AdminServer.builder(lb).listen("0.0.0.0", 0).token(TOKEN).start());
            assertThat(log.messages("in clear"))
                    .singleElement()
                    .asString()
                    .startsWith(lb.name() + ": admin: ")
                    .doesNotContain(TOKEN);
        }
    }

    @Test
    void portInUse_isToldWithItsPlace() {
        AdminServer admin = start(AdminServer.builder(lb));
        assertThatThrownBy(() -> AdminServer.builder(lb)
                        .listen("127.0.0.1", admin.port())
                        .start())
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage("admin: cannot listen on 127.0.0.1:" + admin.port() + ": Address already in use");
    }

    @Test
    void token_thatIsTooShort_isRefused() {
        assertThatThrownBy(() -> AdminServer.builder(lb).token("short")).hasMessageStartingWith("token (expected: 8");
    }

    private AdminServer start(AdminServerBuilder builder) {
        return resources.add(builder.listen("127.0.0.1", 0).start());
    }
}
