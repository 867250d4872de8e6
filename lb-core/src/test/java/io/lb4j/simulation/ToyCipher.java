package io.lb4j.simulation;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a toy TLS, from one change of keys to the next. It hides bytes from whoever looks at the wire, and
 * notices when a record is changed, missing, or there twice. It keeps no secret.
 *
 * <p>What is around the content takes as many bytes as with AES-GCM in the JDK.
 */
final class ToyCipher {
    /** What was in a record. */
    record Opened(int type, byte[] content) {}

    static final int TAG = 16;
    private static final int NONCE = 8;

    /** The JDK's own; others have none. */
    static final int PADDING = 16;

    private final ToyProtocol protocol;
    private final long key;
    private long sequence;

    ToyCipher(ToyProtocol protocol, long key) {
        this.protocol = protocol;
        this.key = key;
    }

    /** After a KeyUpdate. */
    ToyCipher next() {
        return new ToyCipher(protocol, new SplittableRandom(key).nextLong());
    }

    /** The bytes that a record of this body may have for its user, as the JDK estimates them. */
    int estimate(int bodyLength) {
        return protocol == ToyProtocol.TLS_1_3 ? bodyLength - TAG : bodyLength - NONCE - TAG;
    }

    /** Puts a whole record. */
    void seal(int type, byte[] content, int padding, ByteBuffer into) {
        byte[] hidden = protocol == ToyProtocol.TLS_1_3
                ? Arrays.copyOf(content, content.length + 1 + padding)
                : content.clone();
        int outerType = type;
        if (protocol == ToyProtocol.TLS_1_3) {
            hidden[content.length] = (byte) type;
            outerType = ToyRecord.DATA;
        }
        cover(hidden);
        boolean hasNonce = protocol == ToyProtocol.TLS_1_2;
        ToyRecord.putHead(into, outerType, (hasNonce ? NONCE : 0) + hidden.length + TAG);
        if (hasNonce) {
            into.putLong(sequence);
        }
        into.put(hidden).put(tag(outerType, hidden));
        sequence++;
    }

    /** Null when it is not the next record of this direction, as it was sealed. */
    @Nullable
    Opened open(int type, byte[] body) {
        int from = protocol == ToyProtocol.TLS_1_3 ? 0 : NONCE;
        if (body.length < from + TAG) {
            return null;
        }
        byte[] hidden = Arrays.copyOfRange(body, from, body.length - TAG);
        byte[] tag = Arrays.copyOfRange(body, body.length - TAG, body.length);
        if (!Arrays.equals(tag, tag(type, hidden))
                || (from > 0 && ByteBuffer.wrap(body).getLong() != sequence)) {
            return null;
        }
        cover(hidden);
        sequence++;
        return protocol == ToyProtocol.TLS_1_3 ? withoutPadding(hidden) : new Opened(type, hidden);
    }

    private static @Nullable Opened withoutPadding(byte[] content) {
        int end = content.length;
        while (end > 0 && content[end - 1] == 0) {
            end--;
        }
        return end == 0 ? null : new Opened(content[end - 1], Arrays.copyOf(content, end - 1));
    }

    /** And back. */
    private void cover(byte[] bytes) {
        byte[] noise = new byte[bytes.length];
        new SplittableRandom(key + sequence).nextBytes(noise);
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] ^= noise[i];
        }
    }

    private byte[] tag(int type, byte[] hidden) {
        CRC32C sum = new CRC32C();
        sum.update(ByteBuffer.allocate(17)
                .putLong(key)
                .putLong(sequence)
                .put((byte) type)
                .flip());
        sum.update(hidden);
        byte[] tag = new byte[TAG];
        new SplittableRandom(key ^ sum.getValue()).nextBytes(tag);
        return tag;
    }
}
