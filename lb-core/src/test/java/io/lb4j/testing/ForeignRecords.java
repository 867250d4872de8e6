package io.lb4j.testing;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;

/** Records that no engine has made, and hellos with more in them than was put there. */
final class ForeignRecords {
    private static final int LARGEST = 16_384;
    private static final int[] LENGTHS = {0, LARGEST, LARGEST + 1, LARGEST + 256, LARGEST + 257, 32_768, 65_535};
    private static final int[] TYPES = {0, 19, 24, 25, 80, 128, 255};
    private static final int[] VERSIONS = {0, 0x0002, 0x0200, 0x0300, 0x0301, 0x0302, 0x0304, 0x0403, 0x7f1c, 0xffff};
    private static final int[] KNOWN_EXTENSIONS = {0, 5, 10, 13, 16, 21, 28, 41, 42, 43, 44, 45, 50, 51, 0xff01};
    private static final int[] SIZES = {0, 1, 2, 100, 4_000, LARGEST, 40_000};
    private static final int HELLO = 1;
    private static final int SESSION_AT = 5 + 4 + 2 + 32;
    private static final int MOST_GARBAGE = 600;

    private final Random random;
    private String what = "";
    private boolean mayStall;

    ForeignRecords(Random random) {
        this.random = random;
    }

    String what() {
        return what;
    }

    /** Whether the last one is a part of something, or may look like it. */
    boolean mayStall() {
        return mayStall;
    }

    byte[] next() {
        mayStall = false;
        return switch (random.nextInt(9)) {
            case 0, 1 -> alert();
            case 2 -> named("change of ciphers", record(20, 0x0303, random.nextBoolean() ? new byte[] {1} : bytes(3)));
            case 3 -> {
                int type = 20 + random.nextInt(5);
                yield named("empty record of type " + type, record(type, 0x0303, new byte[0]));
            }
            case 4 -> {
                int type = any(TYPES);
                yield named("record of type " + type, record(type, 0x0303, bytes(1 + random.nextInt(64))));
            }
            case 5 -> {
                int version = any(VERSIONS);
                byte[] body = bytes(1 + random.nextInt(64));
                yield named("record of version " + version, record(21 + random.nextInt(3), version, body));
            }
            case 6 -> ofOddLength();
            case 7 -> named("data", record(23, 0x0303, bytes(1 + random.nextInt(300))));
            default -> {
                mayStall = true;
                yield named("garbage", bytes(1 + random.nextInt(MOST_GARBAGE)));
            }
        };
    }

    private byte[] alert() {
        int level = random.nextInt(4) == 0 ? random.nextInt(256) : 1 + random.nextInt(2);
        int code = random.nextInt(4) == 0 ? 0 : random.nextInt(128);
        byte[] alert = {(byte) level, (byte) code};
        int size = random.nextInt(6) == 0 ? random.nextInt(5) : 2;
        return named("alert " + level + " " + code + " in " + size, record(21, 0x0303, Arrays.copyOf(alert, size)));
    }

    private byte[] ofOddLength() {
        int length = any(LENGTHS);
        byte[] whole = record(21 + random.nextInt(3), 0x0303, bytes(length));
        mayStall = random.nextBoolean();
        int size = mayStall ? 5 + random.nextInt(length + 1) : whole.length;
        return named("record of length " + length + " with " + size + " bytes", Arrays.copyOf(whole, size));
    }

    /** Returns null if this is no hello of a client. */
    byte[] withOddExtensions(byte[] record) {
        if (record[5] != HELLO) {
            return null;
        }
        ByteBuffer hello = ByteBuffer.wrap(record);
        hello.position(SESSION_AT);
        hello.position(hello.position() + 1 + Byte.toUnsignedInt(hello.get(hello.position())));
        hello.position(hello.position() + 2 + Short.toUnsignedInt(hello.getShort(hello.position())));
        hello.position(hello.position() + 1 + Byte.toUnsignedInt(hello.get(hello.position())));
        byte[] before = Arrays.copyOfRange(record, 9, hello.position());
        int known = Short.toUnsignedInt(hello.getShort());
        byte[] added = extensions();
        ByteBuffer message = ByteBuffer.allocate(4 + before.length + 2 + added.length + known);
        message.putInt(HELLO << 24 | message.capacity() - 4).put(before);
        message.putShort((short) (added.length + known)).put(added).put(hello);
        return inRecords(message.array());
    }

    private byte[] extensions() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        StringBuilder names = new StringBuilder("hello with extensions");
        for (int i = 1 + random.nextInt(3); i > 0 && all.size() <= LARGEST; i--) {
            int type = random.nextBoolean() ? any(KNOWN_EXTENSIONS) : random.nextInt(65_536);
            int size = any(SIZES);
            ByteBuffer one = ByteBuffer.allocate(4 + size);
            one.putShort((short) type).putShort((short) size).put(random.nextBoolean() ? new byte[size] : bytes(size));
            all.writeBytes(one.array());
            names.append(' ').append(type).append(" of ").append(size);
        }
        what = names.toString();
        return all.toByteArray();
    }

    private static byte[] inRecords(byte[] message) {
        ByteArrayOutputStream records = new ByteArrayOutputStream();
        for (int at = 0; at < message.length; at += LARGEST) {
            byte[] part = Arrays.copyOfRange(message, at, Math.min(at + LARGEST, message.length));
            records.writeBytes(record(22, 0x0301, part));
        }
        return records.toByteArray();
    }

    static byte[] record(int type, int version, byte[] body) {
        ByteBuffer record = ByteBuffer.allocate(5 + body.length);
        return record.put((byte) type)
                .putShort((short) version)
                .putShort((short) body.length)
                .put(body)
                .array();
    }

    private byte[] named(String name, byte[] bytes) {
        what = name;
        return bytes;
    }

    private byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private int any(int[] of) {
        return of[random.nextInt(of.length)];
    }
}
