package io.lb4j.health;

import io.lb4j.internal.util.Checks;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What is said and what is expected, in this order; handed in by {@link HealthChecker#dialogue}. Texts are sent and looked
 * for in UTF-8, as they are: no line end is added.
 *
 * <p>It is made of steps. A step begins with what it sends and ends when the last of its expected answers has come; only
 * then does the next one send. A dialogue that begins with {@code expect} has a first step that sends nothing, and so
 * waits for a greeting before it talks.
 *
 * <p>Where the backend's bytes are cut into packets makes no difference: an answer is looked for in what came after the
 * one before, byte by byte, and what a step does not need is left to the next. So expect the end of an answer, and not its
 * beginning, where there is more of it: {@code "250 "}, with the blank, is in the last line of an answer of SMTP only.
 *
 * <p>A failure says in which step it was, what was expected, and what came; never what was sent, which may be a password.
 * What a backend repeats of it is what came.
 *
 * <p>Mutable, and used by the thread that hands it in alone.
 */
public final class Dialogue {
    private final List<Step> steps = new ArrayList<>();
    private final ByteArrayOutputStream send = new ByteArrayOutputStream();
    private final List<byte[]> expected = new ArrayList<>();
    private final List<byte[]> unwanted = new ArrayList<>();
    private int sent;

    Dialogue() {}

    /** What is sent, what has to come after it, in this order, and what must not come before all of that has. */
    static final class Step {
        final byte[] send;
        final List<byte[]> expected;
        final List<byte[]> unwanted;

        private Step(byte[] send, List<byte[]> expected, List<byte[]> unwanted) {
            this.send = send;
            this.expected = List.copyOf(expected);
            this.unwanted = List.copyOf(unwanted);
        }
    }

    /** {@link #send(byte[])} with the bytes of this text. */
    public Dialogue send(String text) {
        return send(Checks.notNull("send", text).getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Sends these bytes when what is expected before has come. After the last expected answer it is a farewell: that it
     * cannot be sent any more is no failure.
     *
     * @param bytes at least one, and with all others of this dialogue at most 65,536
     * @throws IllegalArgumentException when there are none or too many
     */
    public Dialogue send(byte[] bytes) {
        Checks.range("bytes to send", Checks.notNull("send", bytes).length, 1, Exchange.LIMIT);
        sent = Checks.range("bytes to send, in all", sent + bytes.length, 1, Exchange.LIMIT);
        if (!expected.isEmpty() || !unwanted.isEmpty()) {
            endStep();
        }
        send.writeBytes(bytes);
        return this;
    }

    /** {@link #expect(byte[])} with the bytes of this text. */
    public Dialogue expect(String text) {
        return expect(Checks.notNull("expect", text).getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Reads until these bytes have come, anywhere in what the backend sends after the expected answer before. Several in
     * one step have to come one after another.
     *
     * @param bytes 1..65,536; that many are read at most in all
     * @throws IllegalArgumentException when there are none or too many
     */
    public Dialogue expect(byte[] bytes) {
        Checks.range("bytes to expect", Checks.notNull("expect", bytes).length, 1, Exchange.LIMIT);
        expected.add(bytes.clone());
        return this;
    }

    /** {@link #expectNot(byte[])} with the bytes of this text. */
    public Dialogue expectNot(String text) {
        return expectNot(Checks.notNull("expectNot", text).getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Fails at once when these bytes come while the step waits for what it expects: anywhere between the end of the step
     * before and the last byte of the last expected answer of its own, whether this is said before or after {@code
     * expect}. What comes after that last byte is not looked at, or belongs to the next step. Where the unwanted bytes
     * and the expected ones end with the same byte, the check fails.
     *
     * <p>So {@code expect("\n").expectNot("-")} is about the whole line, and {@code expect("+OK").expectNot("-ERR")}
     * spares the wait for the timeout.
     *
     * @param bytes 1..65,536
     * @throws IllegalArgumentException when there are none or too many
     */
    public Dialogue expectNot(byte[] bytes) {
        Checks.range("bytes not to expect", Checks.notNull("expectNot", bytes).length, 1, Exchange.LIMIT);
        unwanted.add(bytes.clone());
        return this;
    }

    private void endStep() {
        if (expected.isEmpty() && !unwanted.isEmpty()) {
            throw new IllegalArgumentException(
                    "step " + (steps.size() + 1) + ": expectNot without expect (expected: an answer to wait for)");
        }
        steps.add(new Step(send.toByteArray(), expected, unwanted));
        send.reset();
        expected.clear();
        unwanted.clear();
    }

    HealthChecker checker() {
        endStep();
        if (steps.get(0).expected.isEmpty()) {
            throw new IllegalArgumentException("dialogue: nothing is expected (expected: at least one answer)");
        }
        return new DialogueHealthChecker(List.copyOf(steps));
    }
}
