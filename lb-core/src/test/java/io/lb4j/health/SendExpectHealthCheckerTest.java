package io.lb4j.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.testing.Background;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class SendExpectHealthCheckerTest {
    private static final HealthChecker PING = HealthChecker.sendExpect("PING\r\n", "+PONG");

    @RegisterExtension
    final Resources resources = new Resources();

    @Test
    void check_ofTheExpectedAnswer_passesAndEndsWithFin() {
        CompletableFuture<Peer.Received> end = new CompletableFuture<>();
        TestBackend backend = serving(peer -> {
            assertThat(peer.receiveText(6)).isEqualTo("PING\r\n");
            peer.send("+PONG\r\nand more that nobody wants");
            end.complete(peer.receiveToEnd());
        });

        Checking.passes(PING, backend.port());

        assertThat(end.join().end()).isEqualTo(Peer.End.EOF);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})
    void check_ofAnAnswerInTwoPieces_passes(int split) {
        String answer = "ab+P+PONG\r\n";
        TestBackend backend = serving(peer -> {
            peer.send(answer.substring(0, split));
            Background.pause(2);
            peer.send(answer.substring(split)).receiveToEnd();
        });

        Checking.passes(PING, backend.port());
    }

    @Test
    void check_ofAnAnswerByteByByte_passes() {
        TestBackend backend = serving(peer -> {
            for (char c : "hello +PONG".toCharArray()) {
                peer.send("" + c);
                Background.pause(1);
            }
            peer.receiveToEnd();
        });

        Checking.passes(PING, backend.port());
    }

    @Test
    void check_withNothingToSend_readsTheGreeting() {
        TestBackend backend = resources.add(TestBackend.saying("220 mail ESMTP\r\n"));

        Checking.passes(HealthChecker.sendExpect("", "220 "), backend.port());
    }

    @Test
    void check_ofBytesThatAreNoText_passes() {
        TestBackend backend = serving(peer -> {
            peer.send(new byte[] {1, 0, (byte) 0xff, 2});
            peer.receiveToEnd();
        });

        Checking.passes(HealthChecker.sendExpect(new byte[] {0}, new byte[] {0, (byte) 0xff}), backend.port());
    }

    @Test
    void check_ofAnotherAnswer_saysWhatCame() {
        TestBackend backend = resources.add(TestBackend.saying("-LOADING Redis\r\n"));

        Checking.fails(PING, backend.port(), "expected \"+PONG\", got \"-LOADING Redis\"");
    }

    @Test
    void check_ofAnotherAnswerWithoutAnEnd_saysWhatCame() {
        TestBackend backend = serving(peer -> peer.send("-LOADING Redis\r\n").receiveToEnd());

        assertThat(Checking.check(PING, backend.port(), Duration.ofMillis(1000)))
                .hasMessage("expected \"+PONG\", got \"-LOADING Redis\"");
    }

    @Test
    void check_ofSilence_timesOut() {
        TestBackend backend = serving(Peer::receiveToEnd);

        assertThat(Checking.check(PING, backend.port(), Duration.ofMillis(100)))
                .isInstanceOf(IOException.class)
                .hasMessage("no answer within 100 ms");
    }

    @Test
    void check_ofADribble_timesOutAsAWhole() {
        TestBackend backend = serving(peer -> {
            try {
                while (true) {
                    peer.send(".");
                    Background.pause(5);
                }
            } catch (UncheckedIOException checkerGone) {
                // That is its end.
            }
        });

        assertThat(Checking.check(PING, backend.port(), Duration.ofMillis(1000)))
                .hasMessageStartingWith("expected \"+PONG\", got \"..");
    }

    @Test
    void check_ofAnEarlyEnd_fails() {
        TestBackend backend = resources.add(TestBackend.saying(""));

        Checking.fails(PING, backend.port(), "closed without an answer");
    }

    @Test
    void check_ofAReset_fails() {
        TestBackend backend = serving(peer -> {
            peer.receive(6);
            peer.rst();
        });

        assertThat(Checking.check(PING, backend.port())).isInstanceOf(IOException.class);
    }

    @Test
    void check_ofAnEndlessAnswer_fails() {
        TestBackend backend = serving(peer -> {
            try {
                while (true) {
                    peer.send("x".repeat(10_000));
                }
            } catch (UncheckedIOException checkerGone) {
                // That is its end.
            }
        });

        Checking.fails(
                PING,
                backend.port(),
                "expected \"+PONG\", not in the first 65536 bytes: \"" + "x".repeat(60) + "...\"");
    }

    @Test
    void check_ofAMatchThatEndsWithTheLastByteReadAtMost_passes() {
        TestBackend backend =
                serving(peer -> peer.send("x".repeat(65536 - 5) + "+PONG").receiveToEnd());

        Checking.passes(PING, backend.port());
    }

    @Test
    void check_ofAMatchOneByteLater_fails() {
        TestBackend backend =
                serving(peer -> peer.send("x".repeat(65536 - 4) + "+PONG").receiveToEnd());

        assertThat(Checking.check(PING, backend.port())).hasMessageContaining("not in the first 65536 bytes");
    }

    @Test
    void check_interrupted_ends() throws Exception {
        TestBackend backend = serving(Peer::receiveToEnd);

        Checking.endsWhenInterrupted(PING, backend.port());
    }

    @Test
    void checker_withNothingOrTooMuch_isRefused() {
        byte[] tooLong = new byte[65537];
        assertThatThrownBy(() -> HealthChecker.sendExpect("PING", "")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> HealthChecker.sendExpect(tooLong, new byte[1]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("65537");
        assertThatThrownBy(() -> HealthChecker.sendExpect(new byte[0], tooLong))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void checker_changedFromOutside_staysAsItWas() {
        byte[] expected = {'2', '2', '0'};
        HealthChecker checker = HealthChecker.sendExpect(new byte[0], expected);
        expected[0] = 'x';

        Checking.passes(checker, resources.add(TestBackend.saying("220")).port());
        assertThat(checker).hasToString("sendExpect \"220\"");
    }

    private TestBackend serving(Consumer<Peer> service) {
        return resources.add(TestBackend.serving(service));
    }
}
