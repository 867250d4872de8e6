package io.lb4j.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.testing.Background;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class HttpAnswerTest {
    private static final HttpHealthChecker HEALTH = HealthChecker.http("/health");
    private static final String CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n";

    @RegisterExtension
    final Resources resources = new Resources();

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
