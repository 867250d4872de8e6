package io.lb4j.simulation;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** A record of TLS from outside (RFC 8446, 5.1). */
final class ToyRecord {
    static final int CHANGE_CIPHER_SPEC = 20;
    static final int ALERT = 21;
    static final int HANDSHAKE = 22;
    static final int DATA = 23;

    static final int HEAD = 5;

    /** The largest content, before it is hidden. */
    static final int MOST = 16_384;

    /** The JDK's getPacketBufferSize. */
    static final int LARGEST = 16_709;

    private ToyRecord() {}

    static void putHead(ByteBuffer into, int type, int length) {
        into.put((byte) type).putShort((short) 0x0303).putShort((short) length);
    }

    /** With its head; -1 while that is not complete. */
    static int length(ByteBuffer source) {
        return source.remaining() < HEAD ? -1 : HEAD + (source.getShort(source.position() + 3) & 0xffff);
    }

    /** Whether it begins as the first record of a connection may. */
    static boolean isFirst(ByteBuffer source) {
        int at = source.position();
        return (source.get(at) == HANDSHAKE || source.get(at) == ALERT) && source.get(at + 1) == 3;
    }

    /** So many bytes, or all that are there. */
    static byte[] take(ByteBuffer[] sources, int offset, int length, int most) {
        ByteBuffer content = ByteBuffer.allocate(most);
        for (int i = offset; i < offset + length; i++) {
            int size = Math.min(sources[i].remaining(), content.remaining());
            content.put(sources[i].slice(sources[i].position(), size));
            sources[i].position(sources[i].position() + size);
        }
        return Arrays.copyOf(content.array(), content.position());
    }
}
