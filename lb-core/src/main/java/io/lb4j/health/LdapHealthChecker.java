package io.lb4j.health;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.Preload;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Binds to an LDAP directory as nobody, and unbinds. */
final class LdapHealthChecker extends Conversation {
    static {
        Preload.classes(Answer.class);
    }

    // RFC 4511, 4.2 and 4.3, in BER (X.690): a tag, a length, a content. Each length here fits a byte; those of the
    // server may have more (Active Directory always takes four).

    private static final int SEQUENCE = 0x30;
    private static final int BIND_RESPONSE = 0x61;
    private static final int EXTENDED_RESPONSE = 0x78;

    /** Message 1: a bind of version 3, with an empty name and an empty password. */
    private static final byte[] BIND = {0x30, 12, 2, 1, 1, 0x60, 7, 2, 1, 3, 4, 0, (byte) 0x80, 0};

    /** Message 2. */
    private static final byte[] UNBIND = {0x30, 5, 2, 1, 2, 0x42, 0};

    @Override
    void converse(Exchange exchange, Backend backend) throws IOException {
        exchange.send(BIND, BIND.length);
        Answer answer = new Answer(exchange);
        try {
            expectSuccess(readMessage(answer), answer);
        } catch (BufferUnderflowException lengthsThatDoNotFit) {
            throw answer.isNot("LDAP");
        } finally {
            exchange.sendFarewell(UNBIND);
            // OpenLDAP closes on the unbind; an end of ours that comes meanwhile is now and then a line in its log.
            exchange.awaitEnd();
        }
    }

    private static ByteBuffer readMessage(Answer answer) throws IOException {
        if (answer.readByte() != SEQUENCE) {
            throw answer.isNot("LDAP");
        }
        int length = answer.readByte();
        if (length == 0x80 || length > 0x84) {
            throw answer.isNot("LDAP");
        }
        return ByteBuffer.wrap(answer.readBytes(length < 0x80 ? length : answer.readBigEndian(length - 0x80)));
    }

    private static void expectSuccess(ByteBuffer message, Answer answer) throws IOException {
        next(message, 2, answer);
        int kind = message.duplicate().get() & 0xff;
        // A server that is about to leave says so in a message of this other kind (RFC 4511, 4.4.1), of the same make.
        if (kind != BIND_RESPONSE && kind != EXTENDED_RESPONSE) {
            throw answer.isNot("an answer to a bind");
        }
        ByteBuffer result = next(message, kind, answer);
        int code = number(next(result, 10, answer));
        next(result, 4, answer);
        String text = StandardCharsets.UTF_8.decode(next(result, 4, answer)).toString();
        if (code != 0 || kind != BIND_RESPONSE) {
            throw new IOException("result " + code + ": " + Answer.quoted(text));
        }
    }

    /** The content of the next element, which has to have this tag. */
    private static ByteBuffer next(ByteBuffer from, int tag, Answer answer) throws IOException {
        if ((from.get() & 0xff) != tag) {
            throw answer.isNot("LDAP");
        }
        int length = from.get() & 0xff;
        return take(from, length < 0x80 ? length : number(take(from, length - 0x80)));
    }

    private static ByteBuffer take(ByteBuffer from, int length) {
        if (length < 0 || length > from.remaining()) {
            throw new BufferUnderflowException();
        }
        ByteBuffer taken = from.slice(from.position(), length);
        from.position(from.position() + length);
        return taken;
    }

    private static int number(ByteBuffer bytes) {
        int number = 0;
        while (bytes.hasRemaining()) {
            number = (number << 8) | (bytes.get() & 0xff);
        }
        return number;
    }

    @Override
    public String toString() {
        return "ldap";
    }
}
