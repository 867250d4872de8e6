package io.lb4j.simulation;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** What a toy engine has to send besides its user's bytes, record by record, and the end of it. */
final class ToyOutput {
    /** With the keys of the moment at which it was said. */
    private record Pending(
            int type, byte[] content, @Nullable ToyCipher cipher) {}

    private final Queue<Pending> pending = new ArrayDeque<>();
    private boolean closed;
    private @Nullable ToyCipher cipher;

    /** For what is said from now on. */
    void use(ToyCipher next) {
        cipher = next;
    }

    /** After a KeyUpdate. */
    void changeKeys() {
        if (cipher != null) {
            cipher = cipher.next();
        }
    }

    /** Nothing, when it is closed. */
    void add(int type, byte[] content) {
        if (closed) {
            return;
        }
        for (int at = 0; at < content.length; at += ToyRecord.MOST) {
            byte[] part = Arrays.copyOfRange(content, at, Math.min(content.length, at + ToyRecord.MOST));
            pending.add(new Pending(type, part, cipher));
        }
    }

    /** A record of data that has none. */
    void addEmptyData() {
        if (!closed) {
            pending.add(new Pending(ToyRecord.DATA, new byte[0], cipher));
        }
    }

    /** Behind what is pending. */
    void close() {
        closed = true;
    }

    boolean isClosed() {
        return closed;
    }

    boolean isEmpty() {
        return pending.isEmpty();
    }

    boolean isDone() {
        return closed && pending.isEmpty();
    }

    /** Puts the next record and returns what it is. */
    int putNext(ByteBuffer into) {
        Pending next = withWhatFits(pending.remove());
        if (next.cipher == null) {
            ToyRecord.putHead(into, next.type, next.content.length);
            into.put(next.content);
        } else {
            next.cipher.seal(next.type, next.content, ToyCipher.PADDING, into);
        }
        return next.type;
    }

    /** Messages of the handshake that follow each other share a record. */
    private Pending withWhatFits(Pending first) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        content.writeBytes(first.content);
        for (Pending next = pending.peek(); next != null && fits(next, first, content.size()); next = pending.peek()) {
            content.writeBytes(pending.remove().content);
        }
        return new Pending(first.type, content.toByteArray(), first.cipher);
    }

    private static boolean fits(Pending next, Pending first, int size) {
        return first.type == ToyRecord.HANDSHAKE
                && next.type == ToyRecord.HANDSHAKE
                && next.cipher == first.cipher
                && size + next.content.length <= ToyRecord.MOST;
    }

    /** A record of the user's bytes. */
    void putData(byte[] content, int padding, ByteBuffer into) {
        if (cipher == null) {
            throw new AssertionError("data before there are keys");
        }
        cipher.seal(ToyRecord.DATA, content, padding, into);
    }
}
