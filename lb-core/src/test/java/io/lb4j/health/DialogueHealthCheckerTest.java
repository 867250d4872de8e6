package io.lb4j.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.testing.Background;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class DialogueHealthCheckerTest {
    static final Script MAIL = new Script(
            "mail",
            HealthChecker.dialogue(d -> d.expect("220 ")
                    .send("EHLO lb\r\n")
                    .expect("250 ")
                    .expectNot("421")
                    .send("QUIT\r\n")),
            "",
            "220 ",
            "EHLO lb\r\n",
            "250-SIZE\r\n250 ",
            "QUIT\r\n");

    @RegisterExtension
    final Resources resources = new Resources();

    @Test
    void e15_mailServerThatGreetsLateAndRejectsEarlyTalkers_passes() {
        TestBackend backend = serving(DialogueHealthCheckerTest::greetLate);

        Checking.passes(MAIL.checker(), backend.port());
        Checking.fails(
                HealthChecker.sendExpect("EHLO lb\r\n", "250"),
                backend.port(),
                "expected \"250\", got \"554 synchronization error\"");
    }

    /** As exim and postfix do it: whoever talks before the greeting is one who sends spam. */
    private static void greetLate(Peer peer) throws UncheckedIOException {
        if (talksWithin(peer, 300)) {
            peer.send("554 synchronization error\r\n").fin();
            peer.receiveToEnd();
            return;
        }
        peer.send("220 mail ESMTP\r\n");
        assertThat(peer.receiveText(9)).isEqualTo("EHLO lb\r\n");
        peer.send("250-mail greets lb\r\n250 SIZE\r\n").receiveToEnd();
    }

    private static boolean talksWithin(Peer peer, int millis) {
        try {
            peer.socket().setSoTimeout(millis);
            return peer.socket().getInputStream().read() >= 0;
        } catch (SocketTimeoutException silent) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            patient(peer);
        }
    }

    private static void patient(Peer peer) {
        try {
            peer.socket().setSoTimeout(Peer.PATIENCE_MILLIS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void bytes_thatAreNoText_areSentAndExpected() throws IOException {
        byte[] question = {0, (byte) 0xff};
        Script script = new Script(
                "binary",
                HealthChecker.dialogue(d -> d.send(question).expect(new byte[] {(byte) 0xfe, 1})),
                "\0\u00ff",
                "\0\u00fe\u0001",
                "");
        question[0] = 'x';

        assertThat(script.play(resources.add(TestBackend.listening()), 65536)).isEqualTo("\0\u00ff");
    }

    @Test
    void texts_ofSeveralSends_areOneStep() throws IOException {
        Script script = new Script(
                "pipelined",
                HealthChecker.dialogue(d -> d.send("a").send("b").expect("1").expect("2")),
                "ab",
                "x1x2",
                "");

        assertThat(script.play(resources.add(TestBackend.listening()), 65536)).isEqualTo("ab");
    }

    @Test
    void answers_inTheOtherOrder_fail() {
        TestBackend backend = resources.add(TestBackend.saying("2 and 1"));

        Checking.fails(
                HealthChecker.dialogue(d -> d.expect("1").expect("2")),
                backend.port(),
                "step 1 of 1: expected \"2\", closed after \"2 and 1\"");
    }

    /** What the first step did not need is there for the second, which need not wait for more. */
    @Test
    void answers_inOnePacket_areTakenOneAfterAnother() {
        TestBackend backend = resources.add(TestBackend.saying("oneone"));

        Checking.passes(HealthChecker.dialogue(d -> d.expect("one").send("x").expect("one")), backend.port());
        Checking.fails(
                HealthChecker.dialogue(
                        d -> d.expect("one").send("x").expect("one").send("x").expect("one")),
                backend.port(),
                "step 3 of 3: expected \"one\", closed without an answer");
    }

    @Test
    void answer_thatOverlapsTheOneBefore_isNotFound() {
        TestBackend backend = resources.add(TestBackend.saying("aba"));

        assertThat(Checking.check(HealthChecker.dialogue(d -> d.expect("ab").expect("ba")), backend.port()))
                .hasMessageContaining("expected \"ba\"");
    }

    @Test
    void unwanted_beforeTheExpected_failsAtOnce() {
        TestBackend backend = serving(peer -> peer.send("-ERR no\r\n").receiveToEnd());

        Checking.fails(
                HealthChecker.dialogue(d -> d.expect("+OK").expectNot("-ERR")),
                backend.port(),
                "step 1 of 1: expected \"+OK\", got the unwanted \"-ERR\" in \"-ERR\"");
    }

    @ParameterizedTest
    @CsvSource({
        "421 250, true",
        "250 421, false",
        "42 1250, false",
        "x2501421250, false",
        "4421250, true",
    })
    void unwanted_anywhereBeforeTheEndOfTheExpected_fails(String answer, boolean fails) {
        TestBackend backend = resources.add(TestBackend.saying(answer));

        Throwable after =
                Checking.check(HealthChecker.dialogue(d -> d.expect("250").expectNot("421")), backend.port());
        Throwable before =
                Checking.check(HealthChecker.dialogue(d -> d.expectNot("421").expect("250")), backend.port());

        assertThat(after != null).isEqualTo(fails);
        assertThat(before != null).isEqualTo(fails);
    }

    @Test
    void unwanted_thatEndsWithTheExpected_fails() {
        TestBackend backend = resources.add(TestBackend.saying("1250"));

        assertThat(Checking.check(HealthChecker.dialogue(d -> d.expect("250").expectNot("50")), backend.port()))
                .hasMessageContaining("unwanted \"50\"");
    }

    @Test
    void unwanted_betweenTwoExpectedAnswersOfAStep_fails() {
        TestBackend backend = resources.add(TestBackend.saying("1 no 2"));

        assertThat(Checking.check(
                        HealthChecker.dialogue(
                                d -> d.expect("1").expectNot("no").expect("2")),
                        backend.port()))
                .hasMessage("step 1 of 1: expected \"2\", got the unwanted \"no\" in \"1 no\"");
    }

    @Test
    void unwanted_ofAnotherStep_isNone() {
        TestBackend backend = resources.add(TestBackend.saying("b1a2"));

        Checking.passes(
                HealthChecker.dialogue(
                        d -> d.expect("1").expectNot("a").send("x").expect("2").expectNot("b")),
                backend.port());
    }

    /** Half of what is unwanted lies in the step before. */
    @Test
    void unwanted_acrossTwoSteps_isNone() {
        TestBackend backend = resources.add(TestBackend.saying("4211"));

        Checking.passes(
                HealthChecker.dialogue(d -> d.expect("42").send("x").expect("1").expectNot("421")), backend.port());
    }

    @Test
    void failure_ofALaterStep_namesItAndNotWhatWasSent() {
        TestBackend backend = serving(peer -> {
            peer.send("220 hello\r\n").receive(6);
            peer.send("535 bad\r\n").receiveToEnd();
        });
        HealthChecker secret = HealthChecker.dialogue(
                d -> d.expect("220").send("secret").expect("235").send("QUIT\r\n"));

        assertThat(Checking.check(secret, backend.port(), Duration.ofMillis(300)))
                .hasMessage("step 2 of 3: expected \"235\", got \" hello..535 bad\" within 300 ms");
        assertThat(secret).hasToString("dialogue \"220\", \"235\"");
    }

    @Test
    void failure_withoutAnAnswer_saysSo() {
        TestBackend backend = serving(Peer::receiveToEnd);

        assertThat(Checking.check(MAIL.checker(), backend.port(), Duration.ofMillis(100)))
                .hasMessage("step 1 of 3: expected \"220\", got nothing within 100 ms");
    }

    @Test
    void failure_byAReset_namesTheStep() {
        TestBackend backend = serving(peer -> {
            peer.receive(1);
            peer.rst();
        });

        assertThat(Checking.check(HealthChecker.dialogue(d -> d.send("x").expect("y")), backend.port()))
                .hasMessageStartingWith("step 1 of 1: expected \"y\", ")
                .hasMessageContaining("reset");
    }

    @Test
    void check_ofAnEndlessAnswer_fails() {
        TestBackend backend = serving(DialogueHealthCheckerTest::talkForEver);

        Checking.fails(
                HealthChecker.dialogue(d -> d.expect("y")),
                backend.port(),
                "step 1 of 1: expected \"y\", not in the first 65536 bytes: \"" + "x".repeat(60) + "...\"");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void check_ofAMatchAtTheVeryEndOfWhatIsRead_isExact(int more) {
        TestBackend backend =
                serving(peer -> peer.send("x".repeat(65536 - 2 + more) + "yz").receiveToEnd());

        Throwable thrown =
                Checking.check(HealthChecker.dialogue(d -> d.expect("x").expect("yz")), backend.port());

        assertThat(thrown == null).isEqualTo(more == 0);
    }

    private static void talkForEver(Peer peer) {
        try {
            while (true) {
                peer.send("x".repeat(10_000));
            }
        } catch (UncheckedIOException checkerGone) {
            // That is its end.
        }
    }

    /** The last words are for politeness: a backend that does not wait for them has passed. */
    @Test
    void backend_thatIsGoneBeforeTheFarewell_passes() throws Exception {
        TestBackend backend = resources.add(TestBackend.listening());
        CompletableFuture<Void> served = Background.run(() -> {
            try (Peer peer = backend.accept()) {
                peer.send("bye");
            }
        });

        Checking.passes(HealthChecker.dialogue(d -> d.expect("bye").send("x".repeat(60_000))), backend.port());

        served.get();
    }

    @Test
    void dialogue_thatCannotBe_isRefused() {
        refused("dialogue: nothing is expected (expected: at least one answer)", d -> {});
        refused("dialogue: nothing is expected (expected: at least one answer)", d -> d.send("x"));
        refused("bytes to send: 0 (expected: 1..65536)", d -> d.send(""));
        refused("bytes to expect: 0 (expected: 1..65536)", d -> d.expect(""));
        refused("bytes not to expect: 0 (expected: 1..65536)", d -> d.expectNot(new byte[0]));
        refused("bytes to send: 65537 (expected: 1..65536)", d -> d.send(new byte[65537]));
        refused("bytes to expect: 65537 (expected: 1..65536)", d -> d.expect(new byte[65537]));
        refused("bytes not to expect: 65537 (expected: 1..65536)", d -> d.expectNot(new byte[65537]));
        refused(
                "bytes to send, in all: 65537 (expected: 1..65536)",
                d -> d.expect("x").send(new byte[65536]).expect("y").send("z"));
        String alone = "expectNot without expect (expected: an answer to wait for)";
        refused("step 1: " + alone, d -> d.expectNot("x"));
        refused("step 1: " + alone, d -> d.expectNot("x").send("y").expect("z"));
        refused("step 2: " + alone, d -> d.expect("x").send("y").expectNot("z"));
        assertThatThrownBy(() -> HealthChecker.dialogue(d -> d.expect((String) null)))
                .isInstanceOf(NullPointerException.class)
                .hasMessageStartingWith("expect: null");
    }

    private static void refused(String message, Consumer<Dialogue> dialogue) {
        assertThatThrownBy(() -> HealthChecker.dialogue(dialogue))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void dialogue_changedLater_staysAsItWas() {
        TestBackend backend = resources.add(TestBackend.saying("a"));
        Dialogue[] kept = new Dialogue[1];
        byte[] expected = {'a'};
        HealthChecker checker = HealthChecker.dialogue(d -> kept[0] = d.expect(expected));

        kept[0].send("x").expect("never");
        expected[0] = 'b';

        Checking.passes(checker, backend.port());
    }

    private TestBackend serving(Consumer<Peer> service) {
        return resources.add(TestBackend.serving(service));
    }
}
