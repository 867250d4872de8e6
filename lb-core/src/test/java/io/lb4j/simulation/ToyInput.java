package io.lb4j.simulation;

import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What a toy engine reads: one record at a time, which ends up with its user, in the handshake, or is an end. */
final class ToyInput {
    private final ToyEngine engine;
    private boolean closed;
    private boolean canceled;
    private boolean formatVerified;
    private @Nullable ToyCipher cipher;

    ToyInput(ToyEngine engine) {
        this.engine = engine;
    }

    /** For what comes from now on. */
    void use(ToyCipher next) {
        cipher = next;
    }

    /** After a KeyUpdate of the other end. */
    void changeKeys() {
        if (cipher != null) {
            cipher = cipher.next();
        }
    }

    boolean isHidden() {
        return cipher != null;
    }

    void close() {
        closed = true;
    }

    boolean isClosed() {
        return closed;
    }

    /** Whether the other end has said that its user does not want to go on with the handshake. */
    boolean isCanceled() {
        return canceled;
    }

    SSLEngineResult unwrap(ByteBuffer source, ByteBuffer[] into, int offset, int length) throws SSLException {
        if (!source.hasRemaining()) {
            return engine.result(Status.BUFFER_UNDERFLOW, 0, 0);
        }
        int size = ToyRecord.length(source);
        checkFormat(source, size);
        int room = 0;
        for (int i = offset; i < offset + length; i++) {
            room += into[i].remaining();
        }
        // As the JDK: before it is known whether there is a record, and whatever is in it.
        if (engine.isNegotiated() && room < estimate(size)) {
            return engine.result(Status.BUFFER_OVERFLOW, 0, 0);
        }
        if (size < 0 || source.remaining() < size) {
            return engine.result(Status.BUFFER_UNDERFLOW, 0, 0);
        }
        ToyCipher.Opened record = open(source, size);
        int produced = take(record, into, offset);
        return new SSLEngineResult(
                closed ? Status.CLOSED : Status.OK, engine.statusAfter(record.type()), size, produced);
    }

    private int estimate(int size) {
        return size < 0 || cipher == null ? ToyRecord.MOST : cipher.estimate(size - ToyRecord.HEAD);
    }

    private void checkFormat(ByteBuffer source, int size) throws SSLException {
        if (size >= 0 && !formatVerified) {
            if (!ToyRecord.isFirst(source)) {
                throw engine.fatal(ToyAlert.INTERNAL_ERROR, "Unrecognized SSL message, plaintext connection?");
            }
            formatVerified = true;
        }
        if (size > ToyRecord.LARGEST) {
            throw engine.fatal(
                    ToyAlert.UNEXPECTED_MESSAGE, "Input record too big: max = " + ToyRecord.LARGEST + " len = " + size);
        }
    }

    private ToyCipher.Opened open(ByteBuffer source, int size) throws SSLException {
        int type = source.get(source.position());
        byte[] body = new byte[size - ToyRecord.HEAD];
        source.position(source.position() + ToyRecord.HEAD).get(body);
        boolean isPlain = cipher == null || (type == ToyRecord.CHANGE_CIPHER_SPEC && is13());
        ToyCipher.Opened record = isPlain ? new ToyCipher.Opened(type, body) : cipher.open(type, body);
        if (record == null) {
            boolean isShort = engine.handshake().isRunning() && body.length < ToyCipher.TAG;
            throw engine.fatal(isShort ? ToyAlert.HANDSHAKE_FAILURE : ToyAlert.BAD_RECORD_MAC, "Tag mismatch");
        }
        return record;
    }

    /** The change of cipher that TLS 1.3 only plays is never hidden. */
    private boolean is13() {
        return engine.protocol() == ToyProtocol.TLS_1_3;
    }

    private int take(ToyCipher.Opened record, ByteBuffer[] into, int offset) throws SSLException {
        byte[] content = record.content();
        switch (record.type()) {
            case ToyRecord.DATA -> {
                return takeData(content, into, offset);
            }
            case ToyRecord.HANDSHAKE -> engine.handshake().receive(content);
            case ToyRecord.CHANGE_CIPHER_SPEC -> engine.handshake().changeCipherSpec(content);
            case ToyRecord.ALERT -> takeAlert(content);
            default -> throw engine.fatal(ToyAlert.UNEXPECTED_MESSAGE, "Unknown content type: " + record.type());
        }
        return 0;
    }

    private int takeData(byte[] content, ByteBuffer[] into, int offset) throws SSLException {
        if (!engine.isNegotiated()) {
            throw engine.fatal(ToyAlert.UNEXPECTED_MESSAGE, "Receiving application data before handshake complete");
        }
        for (int at = 0, i = offset; at < content.length; i++) {
            int size = Math.min(into[i].remaining(), content.length - at);
            into[i].put(content, at, size);
            at += size;
        }
        return content.length;
    }

    private void takeAlert(byte[] content) throws SSLException {
        if (content.length != 2) {
            throw engine.fatal(ToyAlert.DECODE_ERROR, "Invalid Alert message: no sufficient data");
        }
        ToyAlert alert = ToyAlert.of(content[1]);
        if (alert == ToyAlert.CLOSE_NOTIFY) {
            takeEnd();
        } else if (alert == ToyAlert.USER_CANCELED && content[0] == ToyAlert.WARNING) {
            canceled = true;
        } else if (content[0] != ToyAlert.WARNING) {
            throw engine.end(alert, "Received fatal alert: " + alert.text());
        }
    }

    /** Of TLS 1.2 it is both directions' end, of 1.3 only theirs. */
    private void takeEnd() throws SSLException {
        closed = true;
        if (engine.protocol() != ToyProtocol.TLS_1_3) {
            engine.close(false);
        }
        if (canceled) {
            engine.close(false);
        } else if (engine.handshake().isRunning()) {
            throw engine.fatal(ToyAlert.UNEXPECTED_MESSAGE, "Received close_notify during handshake");
        }
    }
}
