package io.lb4j.simulation;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/** Messages of handshakes, out of records and into them, and the sum of all that both ends have said. */
final class ToyMessages {
    static final int HELLO_REQUEST = 0;
    static final int CLIENT_HELLO = 1;
    static final int SERVER_HELLO = 2;
    static final int TICKET = 4;
    static final int ENCRYPTED_EXTENSIONS = 8;
    static final int CERTIFICATE = 11;
    static final int HELLO_DONE = 14;
    static final int CLIENT_KEY_EXCHANGE = 16;
    static final int FINISHED = 20;
    static final int KEY_UPDATE = 24;

    private static final int HEAD = 4;

    private final ToyOutput output;
    private final CRC32C said = new CRC32C();
    private byte[] incomplete = {};

    ToyMessages(ToyOutput output) {
        this.output = output;
    }

    void say(int type, byte[] body) {
        byte[] message = message(type, body);
        hear(message);
        output.add(ToyRecord.HANDSHAKE, message);
    }

    /** One that nobody sums up. */
    void sendLate(int type, byte[] body) {
        output.add(ToyRecord.HANDSHAKE, message(type, body));
    }

    void hear(byte[] message) {
        said.update(message);
    }

    /** Before another handshake. */
    void forget() {
        said.reset();
    }

    /** The body of a Finished message. */
    byte[] summary() {
        return ByteBuffer.allocate(32).putLong(said.getValue()).array();
    }

    /** Those that are complete with this record. */
    List<byte[]> receive(byte[] content) {
        ByteBuffer all = ByteBuffer.allocate(incomplete.length + content.length);
        all.put(incomplete).put(content).flip();
        List<byte[]> messages = new ArrayList<>();
        while (all.remaining() >= HEAD && all.remaining() >= length(all)) {
            byte[] message = new byte[length(all)];
            all.get(message);
            messages.add(message);
        }
        incomplete = Arrays.copyOfRange(all.array(), all.position(), all.limit());
        return messages;
    }

    private static int length(ByteBuffer message) {
        return HEAD + (message.getInt(message.position()) & 0xff_ffff);
    }

    private static byte[] message(int type, byte[] body) {
        return ByteBuffer.allocate(HEAD + body.length)
                .putInt(type << 24 | body.length)
                .put(body)
                .array();
    }

    static byte[] body(byte[] message) {
        return Arrays.copyOfRange(message, HEAD, message.length);
    }
}
