package io.lb4j.benchmarks.load;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** What a client says before its request. A backend passes over it: only the request is answered. */
enum Opening {
    /** A header of the PROXY protocol, version 2, for IPv4; the backend takes one of either version, from whomever. */
    PROXY_HEADER(bytes("0d0a0d0a000d0a515549540a 21 11 000c c0000207 c633640a d431 01bb")) {
        @Override
        int length(ByteBuffer received) throws IOException {
            if (received.limit() > LENGTH_AT + 1 && received.get(0) == '\r') {
                return LENGTH_AT + 2 + received.getShort(LENGTH_AT);
            }
            for (int i = 0; i < received.limit() && received.get(0) == 'P'; i++) {
                if (received.get(i) == '\n') {
                    return i + 1;
                }
            }
            throw new IOException("got no header");
        }
    },

    /**
     * The first 453 bytes of a ClientHello of TLS 1.3, as long as OpenSSL and browsers pad theirs to: 517 bytes with the 64 of the
     * request, which are the client's key.
     */
    CLIENT_HELLO(clientHello()) {
        @Override
        int length(ByteBuffer received) throws IOException {
            ByteBuffer said = ByteBuffer.wrap(bytes());
            if (received.limit() < said.limit()
                    || !received.slice(0, said.limit()).equals(said)) {
                throw new IOException("got another hello");
            }
            return said.limit();
        }
    };

    private static final int LENGTH_AT = 14;

    private final byte[] bytes;

    Opening(byte[] bytes) {
        this.bytes = bytes;
    }

    byte[] bytes() {
        return bytes.clone();
    }

    /** How many of the bytes that a backend got first are not the request. */
    abstract int length(ByteBuffer received) throws IOException;

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    private static byte[] clientHello() {
        String host = HexFormat.of().formatHex("a.example.com".getBytes(StandardCharsets.US_ASCII));
        ByteArrayOutputStream hello = new ByteArrayOutputStream();
        // A record of 512 bytes: a message of 508: version, random, session, eleven cipher suites; 413 of extensions.
        hello.writeBytes(bytes("16 0301 0200 01 0001fc 0303" + "7e".repeat(32) + "20" + "5a".repeat(32)));
        hello.writeBytes(bytes("0016 1301 1302 1303 c02b c02f c02c c030 cca9 cca8 009c 00ff 01 00 019d"));
        hello.writeBytes(bytes("0000 0012 0010 00 000d" + host));
        hello.writeBytes(bytes("000b 0002 01 00  000a 0008 0006 0017 0018 0019  0023 0000  0016 0000  0017 0000"));
        hello.writeBytes(bytes("0010 000e 000c 02 6832 08 687474702f312e31"));
        hello.writeBytes(bytes("000d 0012 0010 0403 0804 0401 0503 0805 0501 0806 0601"));
        hello.writeBytes(bytes("002b 0005 04 0304 0303  002d 0002 01 01"));
        // Padding, up to a key of 65 bytes, whose first one says how the others are to be read.
        byte[] key = bytes("0033 0047 0045 0017 0041 04");
        int padding = 453 - hello.size() - key.length - 4;
        hello.writeBytes(bytes("0015 %04x".formatted(padding)));
        hello.writeBytes(new byte[padding]);
        hello.writeBytes(key);
        return hello.toByteArray();
    }
}
