package io.lb4j.simulation;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The ClientHello of a toy TLS, which is one of TLS to everybody who reads it (RFC 8446, 4.1.2).
 *
 * @param random 32 bytes, of which the keys are made
 * @param session 32 bytes
 */
record ToyHello(
        byte[] random,
        byte[] session,
        List<ToyProtocol> protocols,
        @Nullable String serverName,
        List<String> applicationProtocols) {
    private static final int RANDOM = 32;
    private static final int SERVER_NAME = 0;
    private static final int APPLICATION_PROTOCOLS = 16;
    private static final int VERSIONS = 43;

    /** The body of the message. */
    byte[] body() {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        number(body, 2, ToyProtocol.TLS_1_2.version);
        body.writeBytes(random);
        vector(body, 1, session);
        vector(
                body,
                2,
                numbers(protocols.stream().map(protocol -> protocol.suite).toList()));
        vector(body, 1, new byte[1]);
        vector(body, 2, extensions());
        return body.toByteArray();
    }

    private byte[] extensions() {
        ByteArrayOutputStream extensions = new ByteArrayOutputStream();
        if (serverName != null) {
            ByteArrayOutputStream entry = new ByteArrayOutputStream();
            number(entry, 1, 0);
            vector(entry, 2, serverName.getBytes(StandardCharsets.US_ASCII));
            extension(extensions, SERVER_NAME, 2, entry.toByteArray());
        }
        if (!applicationProtocols.isEmpty()) {
            ByteArrayOutputStream names = new ByteArrayOutputStream();
            applicationProtocols.forEach(name -> vector(names, 1, name.getBytes(StandardCharsets.ISO_8859_1)));
            extension(extensions, APPLICATION_PROTOCOLS, 2, names.toByteArray());
        }
        extension(
                extensions,
                VERSIONS,
                1,
                numbers(protocols.stream().map(protocol -> protocol.version).toList()));
        return extensions.toByteArray();
    }

    /** An extension that is one vector. */
    private static void extension(ByteArrayOutputStream into, int type, int width, byte[] content) {
        ByteArrayOutputStream extension = new ByteArrayOutputStream();
        vector(extension, width, content);
        number(into, 2, type);
        vector(into, 2, extension.toByteArray());
    }

    private static byte[] numbers(List<Integer> values) {
        ByteArrayOutputStream numbers = new ByteArrayOutputStream();
        values.forEach(value -> number(numbers, 2, value));
        return numbers.toByteArray();
    }

    private static void vector(ByteArrayOutputStream into, int width, byte[] content) {
        number(into, width, content.length);
        into.writeBytes(content);
    }

    private static void number(ByteArrayOutputStream into, int width, int value) {
        for (int i = width - 1; i >= 0; i--) {
            into.write(value >> 8 * i);
        }
    }

    /** Null when it cannot be read. */
    static @Nullable ToyHello read(byte[] body) {
        try {
            return read(ByteBuffer.wrap(body));
        } catch (BufferUnderflowException | IllegalArgumentException tooShort) {
            return null;
        }
    }

    private static ToyHello read(ByteBuffer body) {
        body.getShort();
        byte[] random = new byte[RANDOM];
        body.get(random);
        byte[] session = bytes(vector(body, 1));
        vector(body, 2);
        vector(body, 1);
        ByteBuffer extensions = vector(body, 2);
        List<ToyProtocol> protocols = new ArrayList<>();
        List<String> applicationProtocols = new ArrayList<>();
        String serverName = null;
        while (extensions.hasRemaining()) {
            int type = extensions.getShort() & 0xffff;
            ByteBuffer extension = vector(extensions, 2);
            switch (type) {
                case SERVER_NAME -> serverName = serverName(vector(extension, 2));
                case APPLICATION_PROTOCOLS -> {
                    for (ByteBuffer names = vector(extension, 2); names.hasRemaining(); ) {
                        applicationProtocols.add(new String(bytes(vector(names, 1)), StandardCharsets.ISO_8859_1));
                    }
                }
                case VERSIONS -> {
                    for (ByteBuffer versions = vector(extension, 1); versions.hasRemaining(); ) {
                        ToyProtocol protocol = ToyProtocol.of(versions.getShort() & 0xffff);
                        if (protocol != null) {
                            protocols.add(protocol);
                        }
                    }
                }
                default -> {}
            }
        }
        return new ToyHello(random, session, protocols, serverName, applicationProtocols);
    }

    private static String serverName(ByteBuffer entries) {
        entries.get();
        return new String(bytes(vector(entries, 2)), StandardCharsets.US_ASCII);
    }

    private static ByteBuffer vector(ByteBuffer from, int width) {
        int length = width == 1 ? from.get() & 0xff : from.getShort() & 0xffff;
        ByteBuffer content = from.slice().limit(length);
        from.position(from.position() + length);
        return content;
    }

    private static byte[] bytes(ByteBuffer content) {
        byte[] bytes = new byte[content.remaining()];
        content.get(bytes);
        return bytes;
    }
}
