package io.lb4j.simulation;

import static io.lb4j.simulation.ToyMessages.CERTIFICATE;
import static io.lb4j.simulation.ToyMessages.CLIENT_HELLO;
import static io.lb4j.simulation.ToyMessages.CLIENT_KEY_EXCHANGE;
import static io.lb4j.simulation.ToyMessages.ENCRYPTED_EXTENSIONS;
import static io.lb4j.simulation.ToyMessages.FINISHED;
import static io.lb4j.simulation.ToyMessages.HELLO_DONE;
import static io.lb4j.simulation.ToyMessages.HELLO_REQUEST;
import static io.lb4j.simulation.ToyMessages.KEY_UPDATE;
import static io.lb4j.simulation.ToyMessages.SERVER_HELLO;
import static io.lb4j.simulation.ToyMessages.TICKET;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one end's handshakes, in the flights in which the JDK has them, and those that come when they are over.
 * What was said is summed up in the last message of each end: a changed hello is noticed there.
 */
final class ToyHandshake {
    /** While it is ENDING, our last message waits to be wrapped. */
    private enum Phase {
        BEFORE,
        RUNNING,
        ENDING,
        OVER
    }

    private final ToyEngine engine;
    private final ToyAgreement agreement;
    private final ToyInput input;
    private final ToyOutput output;
    private final ToyTasks tasks;
    private final ToyMessages messages;
    private final Queue<Integer> expected = new ArrayDeque<>();
    private Phase phase = Phase.BEFORE;
    private byte[] clientRandom = {};
    private @Nullable ToyKeys keys;

    ToyHandshake(ToyEngine engine, ToyAgreement agreement, ToyInput input, ToyOutput output, ToyTasks tasks) {
        this.engine = engine;
        this.agreement = agreement;
        this.input = input;
        this.output = output;
        this.tasks = tasks;
        messages = new ToyMessages(output);
    }

    /** The first one, or in TLS 1.2 another one. */
    void begin() {
        if (isRunning()) {
            return;
        }
        if (engine.getUseClientMode()) {
            greet();
        } else {
            start(CLIENT_HELLO);
            if (engine.isNegotiated()) {
                messages.sendLate(HELLO_REQUEST, new byte[0]);
            }
        }
    }

    private void greet() {
        start(SERVER_HELLO);
        ToyHello hello = agreement.hello();
        clientRandom = hello.random();
        messages.say(CLIENT_HELLO, hello.body());
    }

    private void start(int first) {
        phase = Phase.RUNNING;
        messages.forget();
        expected.clear();
        expected.add(first);
    }

    boolean isRunning() {
        return phase == Phase.RUNNING || phase == Phase.ENDING;
    }

    boolean isEnding() {
        return phase == Phase.ENDING;
    }

    void stop() {
        phase = Phase.OVER;
        tasks.clear();
    }

    /** Of a record: some messages, the first and the last perhaps in part. */
    void receive(byte[] content) throws SSLException {
        if (content.length == 0) {
            throw engine.fatal(ToyAlert.UNEXPECTED_MESSAGE, "Handshake packets must not be zero-length");
        }
        for (byte[] message : messages.receive(content)) {
            boolean isShort = message[0] == FINISHED || message[0] == TICKET;
            if (isRunning() && (!isShort || !tasks.isEmpty())) {
                tasks.add(message);
            } else {
                consume(message);
            }
        }
    }

    void changeCipherSpec(byte[] content) throws SSLException {
        if (!isRunning() || agreement.protocol() == null || !ToyKeys.isChange(content)) {
            throw engine.fatal(ToyAlert.UNEXPECTED_MESSAGE, "Unexpected content: 20");
        }
        if (agreement.protocol() == ToyProtocol.TLS_1_2) {
            known().hideTheirs(input);
        }
    }

    /** In its turn. */
    void consume(byte[] message) throws SSLException {
        int type = message[0];
        byte[] body = ToyMessages.body(message);
        if (phase == Phase.OVER) {
            consumeLate(type, message);
            return;
        }
        Integer next = expected.poll();
        if (next == null || next != type) {
            throw engine.fatal(ToyAlert.UNEXPECTED_MESSAGE, "Unexpected handshake message: " + type);
        }
        if (type == FINISHED && (!input.isHidden() || !Arrays.equals(body, messages.summary()))) {
            throw engine.fatal(ToyAlert.DECRYPT_ERROR, "The Finished message cannot be verified.");
        }
        messages.hear(message);
        switch (type) {
            case HELLO_REQUEST -> greet();
            case CLIENT_HELLO -> answer(body);
            case SERVER_HELLO -> agree(body);
            case CERTIFICATE -> agreement.check(body);
            case HELLO_DONE -> {
                messages.say(CLIENT_KEY_EXCHANGE, new byte[33]);
                finish();
                expected.addAll(List.of(TICKET, FINISHED));
            }
            case FINISHED -> finished();
            default -> {}
        }
    }

    /** When all of ours is said, the handshake is over; or it already is. */
    private void finished() {
        if (agreement.protocol() == ToyProtocol.TLS_1_3 == engine.getUseClientMode()) {
            if (agreement.protocol() == ToyProtocol.TLS_1_2) {
                messages.say(TICKET, new byte[188]);
            }
            finish();
            phase = output.isDone() ? Phase.OVER : Phase.ENDING;
        } else {
            engine.finish();
            if (!engine.getUseClientMode()) {
                messages.sendLate(TICKET, new byte[200]);
            }
        }
    }

    /** In 1.2 after a change of keys. */
    private void finish() {
        if (agreement.protocol() == ToyProtocol.TLS_1_2) {
            known().hideOurs(output);
        }
        messages.say(FINISHED, messages.summary());
    }

    private void answer(byte[] body) throws SSLException {
        ToyHello hello = ToyHello.read(body);
        if (hello == null) {
            throw engine.fatal(ToyAlert.DECODE_ERROR, "Illegal handshake message: client_hello");
        }
        clientRandom = hello.random();
        ToyProtocol chosen = agreement.choose(hello);
        byte[] random = agreement.draw();
        messages.say(SERVER_HELLO, agreement.answer(random));
        keys = ToyKeys.of(chosen, engine.getUseClientMode(), clientRandom, random);
        if (chosen == ToyProtocol.TLS_1_3) {
            keys.hideOurs(output);
            keys.hideTheirs(input);
            messages.say(ENCRYPTED_EXTENSIONS, new byte[6]);
            messages.say(CERTIFICATE, agreement.certificate());
            messages.say(FINISHED, messages.summary());
            expected.add(FINISHED);
        } else {
            messages.say(CERTIFICATE, agreement.certificate());
            messages.say(HELLO_DONE, new byte[0]);
            expected.addAll(List.of(CLIENT_KEY_EXCHANGE, FINISHED));
        }
    }

    private void agree(byte[] body) throws SSLException {
        ByteBuffer hello = ByteBuffer.wrap(body);
        ToyProtocol chosen = body.length < 2 + ToyAgreement.RANDOM ? null : ToyProtocol.of(hello.getShort());
        if (chosen == null || !engine.protocols().contains(chosen)) {
            throw engine.fatal(ToyAlert.PROTOCOL_VERSION, "The server selected something that was not offered");
        }
        byte[] random = new byte[ToyAgreement.RANDOM];
        hello.get(random);
        agreement.agree(chosen, StandardCharsets.ISO_8859_1.decode(hello).toString());
        keys = ToyKeys.of(chosen, engine.getUseClientMode(), clientRandom, random);
        if (chosen == ToyProtocol.TLS_1_3) {
            keys.hideOurs(output);
            keys.hideTheirs(input);
            expected.addAll(List.of(ENCRYPTED_EXTENSIONS, CERTIFICATE, FINISHED));
        } else {
            expected.addAll(List.of(CERTIFICATE, HELLO_DONE));
        }
    }

    private ToyKeys known() {
        return Objects.requireNonNull(keys, "not agreed on yet");
    }

    private void consumeLate(int type, byte[] message) throws SSLException {
        boolean is13 = agreement.protocol() == ToyProtocol.TLS_1_3;
        boolean isClient = engine.getUseClientMode();
        if (is13 && type == KEY_UPDATE && message.length == 5) {
            input.changeKeys();
            if (message[4] == 1) {
                updateKeys(false);
            }
        } else if (!is13 && type == (isClient ? HELLO_REQUEST : CLIENT_HELLO)) {
            start(type);
            tasks.add(message);
        } else if (!is13 || !isClient || type != TICKET) {
            throw engine.fatal(ToyAlert.UNEXPECTED_MESSAGE, "Unexpected post-handshake message: " + type);
        }
    }

    /** Of 1.3, when the handshake is over. */
    void updateKeys(boolean asksForTheirs) {
        messages.sendLate(KEY_UPDATE, new byte[] {(byte) (asksForTheirs ? 1 : 0)});
        output.changeKeys();
    }
}
