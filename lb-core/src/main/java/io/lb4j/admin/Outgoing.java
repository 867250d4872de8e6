package io.lb4j.admin;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** The bytes of an answer on their way. Confined to the admin thread. */
final class Outgoing {
    /** The JDK copies what it writes into memory of its own, and keeps that: as much as is handed to it at a time. */
    private static final int MOST_AT_ONCE = 128 * 1024;

    private final byte[] body;
    private final ByteBuffer head;
    private final ByteBuffer rest;

    /** @param body is not copied, so several can share it */
    Outgoing(byte[] head, byte[] body) {
        this.body = body;
        this.head = ByteBuffer.wrap(head);
        rest = ByteBuffer.wrap(body);
    }

    /** What it keeps in memory, the same object as long as it is shared. */
    byte[] body() {
        return body;
    }

    boolean hasRemaining() {
        return head.hasRemaining() || rest.hasRemaining();
    }

    /** Writes as much as the channel takes, but no more than a part of something big. */
    void writeTo(WritableByteChannel channel) throws IOException {
        if (head.hasRemaining()) {
            channel.write(head);
        }
        if (!head.hasRemaining() && rest.hasRemaining()) {
            int end = rest.limit();
            rest.limit(Math.min(end, rest.position() + MOST_AT_ONCE));
            try {
                channel.write(rest);
            } finally {
                rest.limit(end);
            }
        }
    }
}
