package io.lb4j.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for each check that speaks a protocol, whatever a backend answers. */
@Timeout(60)
class EveryProtocolTest {
    private static final Duration SHORT = Duration.ofMillis(100);

    @RegisterExtension
    final Resources resources = new Resources();

    static Stream<Script> scripts() {
        return Stream.of(
                PostgresHealthCheckerTest.ASKED_FOR_A_PASSWORD,
                PostgresHealthCheckerTest.TRUSTED,
                MysqlHealthCheckerTest.LOGGED_IN,
                MysqlHealthCheckerTest.LOGGED_IN_IN_ANOTHER_WAY,
                RedisHealthCheckerTest.PING,
                RedisHealthCheckerTest.REPLICA,
                LdapHealthCheckerTest.BOUND,
                MqttHealthCheckerTest.CONNECTED,
                DialogueHealthCheckerTest.MAIL);
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void check_ofAGoodAnswer_saysWhatItShouldAndEndsWithFin(Script script) throws IOException {
        TestBackend backend = resources.add(TestBackend.listening());

        assertThat(script.play(backend, 65536)).isEqualTo(script.heard());
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void check_ofAGoodAnswerByteByByte_saysTheSame(Script script) throws IOException {
        TestBackend backend = resources.add(TestBackend.listening());

        assertThat(script.play(backend, 1)).isEqualTo(script.heard());
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void check_ofAnAnswerThatEndsTooEarly_failsWhereverThatIs(Script script) {
        String said = script.said();
        for (int length = 0; length < said.length(); length += said.length() < 50 ? 1 : 3) {
            String part = said.substring(0, length);
            TestBackend backend = serving(peer -> saying(peer, part));

            assertThat(Checking.check(script.checker(), backend.port()))
                    .as("after %d of %d bytes", length, said.length())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("closed");
        }
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void check_ofHalfAnAnswerAndThenSilence_timesOut(Script script) {
        String half = script.said().substring(0, script.said().length() - 1);
        TestBackend backend = serving(peer -> peer.send(Script.bytes(half)).receiveToEnd());

        assertThat(Checking.check(script.checker(), backend.port(), SHORT))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("within 100 ms");
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void check_ofSilence_timesOut(Script script) {
        TestBackend backend = serving(Peer::receiveToEnd);

        assertThat(Checking.check(script.checker(), backend.port(), SHORT))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("within 100 ms");
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void check_ofAnotherProtocol_fails(Script script) {
        TestBackend backend = serving(peer -> saying(peer, "HTTP/1.1 400 Bad Request\r\n\r\n"));

        assertThat(Checking.check(script.checker(), backend.port()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("HTTP/1.1");
    }

    /** Each byte of a good answer is the beginning of an endless one. Nothing of it is kept, and it ends. */
    @ParameterizedTest
    @MethodSource("scripts")
    void check_ofAnEndlessAnswer_fails(Script script) {
        String said = script.said();
        for (char more : new char[] {0, 'x', 0xff}) {
            for (int length = 0; length < said.length(); length += 11) {
                String begin = said.substring(0, length);
                TestBackend backend = serving(peer -> sayingWithoutEnd(peer, begin, more));

                Throwable thrown = Checking.check(script.checker(), backend.port());
                if (thrown != null) {
                    assertThat(thrown).isInstanceOf(IOException.class);
                    assertThat(thrown.getMessage()).doesNotContain("within");
                }
            }
        }
    }

    /** A good answer in which some bytes are others: a verdict, or a failure that says what came. */
    @ParameterizedTest
    @MethodSource("scripts")
    void check_ofADamagedAnswer_hasAVerdict(Script script) {
        for (int seed = 0; seed < 30; seed++) {
            String damaged = damaged(script.said(), new Random(seed));
            TestBackend backend = serving(peer -> saying(peer, damaged));

            Throwable thrown = Checking.check(script.checker(), backend.port());

            if (thrown != null) {
                assertThat(thrown).as("seed %d", seed).isInstanceOf(IOException.class);
                assertThat(thrown.getMessage()).as("seed %d", seed).isNotEmpty().matches("\\P{Cntrl}*");
            }
            backend.close();
        }
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void check_ofAResetConnection_fails(Script script) {
        TestBackend backend = serving(Peer::rst);

        assertThat(Checking.check(script.checker(), backend.port())).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void check_interrupted_ends(Script script) throws Exception {
        TestBackend backend = serving(Peer::receiveToEnd);

        Checking.endsWhenInterrupted(script.checker(), backend.port());
    }

    private static String damaged(String said, Random random) {
        StringBuilder damaged = new StringBuilder(said);
        for (int i = random.nextInt(4); i >= 0; i--) {
            damaged.setCharAt(random.nextInt(said.length()), (char) random.nextInt(256));
        }
        return damaged.toString();
    }

    private static void saying(Peer peer, String text) {
        peer.send(Script.bytes(text)).fin();
        peer.receiveToEnd();
    }

    private static void sayingWithoutEnd(Peer peer, String begin, char more) {
        try {
            peer.send(Script.bytes(begin));
            byte[] chunk = Script.bytes(("" + more).repeat(10_000));
            while (true) {
                peer.send(chunk);
            }
        } catch (UncheckedIOException checkerGone) {
            // That is its end.
        }
    }

    private TestBackend serving(Consumer<Peer> service) {
        return resources.add(TestBackend.serving(service));
    }
}
