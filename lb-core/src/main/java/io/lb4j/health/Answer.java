package io.lb4j.health;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** What a backend answers, in the pieces that protocols are made of. Each is waited for; that it ends before is a failure. */
final class Answer {
    private final Exchange exchange;

    Answer(Exchange exchange) {
        this.exchange = exchange;
    }

    /** The next byte, 0..255. */
    int readByte() throws IOException {
        int b = exchange.read();
        if (b < 0) {
            throw exchange.ended();
        }
        return b;
    }

    /** This many bytes, of which a backend may say how many: more than a check reads at most are refused at once. */
    byte[] readBytes(long count) throws IOException {
        if (count < 0 || count > Exchange.LIMIT) {
            throw new IOException(count + " bytes announced, not 0.." + Exchange.LIMIT + ": " + exchange.beginning());
        }
        byte[] bytes = new byte[(int) count];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) readByte();
        }
        return bytes;
    }

    /** A number of 1..4 bytes, the most significant one first. */
    long readBigEndian(int count) throws IOException {
        long number = 0;
        for (int i = 0; i < count; i++) {
            number = (number << 8) | readByte();
        }
        return number;
    }

    /** A number of 1..4 bytes, the least significant one first. */
    long readLittleEndian(int count) throws IOException {
        long number = 0;
        for (int i = 0; i < count; i++) {
            number |= (long) readByte() << (8 * i);
        }
        return number;
    }

    /** A line without its end, LF with or without CR. */
    String readLine() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int b = readByte(); b != '\n'; b = readByte()) {
            bytes.write(b);
        }
        String line = bytes.toString(StandardCharsets.UTF_8);
        return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
    }

    /** The failure of one who expected another protocol. */
    IOException isNot(String protocol) {
        return new IOException("not " + protocol + ": " + exchange.beginning());
    }

    /** A text of the backend's own, for a message: in quotes, short, and harmless to a terminal. */
    static String quoted(String text) {
        return Excerpt.of(text.getBytes(StandardCharsets.UTF_8));
    }
}
