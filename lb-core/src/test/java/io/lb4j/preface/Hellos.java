package io.lb4j.preface;

import static io.lb4j.preface.Blocks.bytes;
import static io.lb4j.preface.Blocks.join;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Makes ClientHellos, right ones and wrong ones, from the outside in: message, records. */
public final class Hellos {
    static final String GREASE_EXTENSION = "3a3a 0001 00";
    private static final String RANDOM = "7e".repeat(32);

    private Hellos() {}

    /** A length of so many bytes, and these bytes. */
    static byte[] vector(int width, byte[]... parts) {
        byte[] all = join(parts);
        byte[] length = new byte[width];
        for (int i = 0; i < width; i++) {
            length[i] = (byte) (all.length >> 8 * (width - 1 - i));
        }
        return join(length, all);
    }

    static byte[] extension(int type, byte[]... parts) {
        return join(new byte[] {(byte) (type >> 8), (byte) type}, vector(2, parts));
    }

    /** One entry of a server_name, which is a host name. */
    static byte[] host(String name) {
        return join(new byte[1], vector(2, name.getBytes(StandardCharsets.UTF_8)));
    }

    static byte[] serverName(byte[]... entries) {
        return extension(0, vector(2, entries));
    }

    public static byte[] serverName(String name) {
        return serverName(host(name));
    }

    public static byte[] protocols(String... names) {
        byte[][] entries = Arrays.stream(names)
                .map(name -> vector(1, name.getBytes(StandardCharsets.ISO_8859_1)))
                .toArray(byte[][]::new);
        return extension(16, vector(2, entries));
    }

    /** As OpenSSL, with TLS 1.3 and a session of 32 bytes. */
    public static byte[] message(byte[]... extensions) {
        return handshake(beforeExtensions(), vector(2, extensions));
    }

    static byte[] beforeExtensions() {
        return join(
                bytes("0303" + RANDOM),
                vector(1, new byte[32]),
                vector(2, bytes("0a0a 1301 1302 1303 c02b 00ff")),
                vector(1, new byte[1]));
    }

    /** A ClientHello of this body. */
    static byte[] handshake(byte[]... body) {
        return join(new byte[] {1}, vector(3, body));
    }

    /** In records of so many bytes, the last one perhaps of fewer. */
    public static byte[] inRecordsOf(int size, byte[] message) {
        ByteArrayOutputStream records = new ByteArrayOutputStream();
        for (int at = 0; at < message.length; at += size) {
            records.writeBytes(record(Arrays.copyOfRange(message, at, Math.min(message.length, at + size))));
        }
        return records.toByteArray();
    }

    static byte[] record(byte[] content) {
        return join(bytes("16 0301"), vector(2, content));
    }

    public static byte[] inOneRecord(byte[]... extensions) {
        return record(message(extensions));
    }

    /** As a browser sends it: GREASE, a key share for a post-quantum group, ECH. */
    public static byte[] large() {
        return message(
                bytes(GREASE_EXTENSION),
                serverName("www.example.com"),
                extension(0x0017),
                extension(0xff01, new byte[1]),
                extension(0x000a, vector(2, bytes("2a2a 11ec 001d 0017 0018"))),
                extension(0x000b, vector(1, new byte[1])),
                protocols("h2", "http/1.1"),
                extension(0x0005, bytes("01 0000 0000")),
                extension(0x000d, vector(2, bytes("0403 0804 0401 0503 0805 0501 0806 0601"))),
                extension(0x0012),
                extension(
                        0x0033,
                        vector(
                                2,
                                join(bytes("2a2a"), vector(2, new byte[1])),
                                join(bytes("11ec"), vector(2, new byte[1184 + 32])),
                                join(bytes("001d"), vector(2, new byte[32])))),
                extension(0x002d, vector(1, bytes("01"))),
                extension(0x002b, vector(1, bytes("2a2a 0304 0303"))),
                extension(0x001b, vector(1, bytes("0002"))),
                extension(0x44cd, vector(2, vector(1, bytes("6832")))),
                // The outer hello: HPKE suite, id, key, and the true one, encrypted.
                extension(0xfe0d, bytes("00 0001 0001 5a"), vector(2, new byte[32]), vector(2, new byte[272])),
                bytes("4a4a 0000"));
    }
}
