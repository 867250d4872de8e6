package io.lb4j.health;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.Checks;
import io.lb4j.internal.util.Preload;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Logs into a MySQL or MariaDB as a user without a password, and out again. */
final class MysqlHealthChecker implements HealthChecker {
    static {
        Preload.classes(Answer.class, MysqlHealthChecker.class);
    }

    // The packets: MariaDB's Knowledge Base, "Clientserver Protocol: Connection phase"; MySQL's internals manual,
    // "Protocol::HandshakeV10", "HandshakeResponse41". Whatever leaves before it is logged in counts as an aborted
    // connection and is logged; leaving before an answer to the greeting also counts against our address, which the
    // server locks out after max_connect_errors. So it never leaves in between by itself.

    private static final int PROTOCOL_10 = 10;
    private static final int OK = 0;
    private static final int OTHER_PLUGIN = 0xfe;
    private static final int ERROR = 0xff;

    private static final int LONG_PASSWORD = 1;
    private static final int PROTOCOL_41 = 0x200;
    private static final int SECURE_CONNECTION = 0x8000;
    private static final int PLUGIN_AUTH = 0x80000;

    private static final int LARGEST_PACKET = 1 << 24;
    private static final byte UTF8_GENERAL_CI = 33;
    private static final byte[] QUIT = {1, 0, 0, 0, 1};

    private final String user;

    MysqlHealthChecker(String user) {
        this.user = Checks.word("user", user);
    }

    /** What a server sends, of at least one byte. */
    private record Packet(int number, ByteBuffer body) {
        int first() {
            return body.get(0) & 0xff;
        }
    }

    @Override
    public void check(Backend backend, Duration timeout) throws IOException {
        try (Exchange exchange = CheckDial.connect(backend, timeout)) {
            Answer answer = new Answer(exchange);
            try {
                logIn(exchange, answer);
            } catch (BufferUnderflowException shorterThanItsKind) {
                throw answer.isNot("MySQL");
            }
            exchange.sendFarewell(QUIT);
        }
    }

    private void logIn(Exchange exchange, Answer answer) throws IOException {
        Packet greeting = read(answer);
        if (greeting.first() != PROTOCOL_10) {
            throw answer.isNot("MySQL");
        }
        send(exchange, greeting.number() + 1, login(greeting.body()));
        Packet reply = read(answer);
        if (reply.first() == OTHER_PLUGIN) {
            reply.body().get();
            send(exchange, reply.number() + 1, emptyPassword(text(reply.body())));
            reply = read(answer);
        }
        if (reply.first() != OK) {
            throw new IOException("login of " + user + " without a password not accepted");
        }
    }

    private static Packet read(Answer answer) throws IOException {
        long length = answer.readLittleEndian(3);
        int number = answer.readByte();
        if (length == 0 || length > Exchange.LIMIT) {
            throw answer.isNot("MySQL");
        }
        Packet packet =
                new Packet(number, ByteBuffer.wrap(answer.readBytes(length)).order(ByteOrder.LITTLE_ENDIAN));
        if (packet.first() == ERROR) {
            throw error(packet.body().position(1));
        }
        return packet;
    }

    /** The server's code and words. Between them is a state, '#' and five characters, but for errors before a login. */
    private static IOException error(ByteBuffer body) {
        int code = body.getShort() & 0xffff;
        String message = StandardCharsets.UTF_8.decode(body).toString();
        return new IOException("error " + code + ": "
                + Answer.quoted(message.startsWith("#") && message.length() >= 6 ? message.substring(6) : message));
    }

    private byte[] login(ByteBuffer greeting) {
        String plugin = plugin(greeting);
        ByteArrayOutputStream packet = new ByteArrayOutputStream();
        packet.writeBytes(ByteBuffer.allocate(32)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(LONG_PASSWORD | PROTOCOL_41 | SECURE_CONNECTION | (plugin.isEmpty() ? 0 : PLUGIN_AUTH))
                .putInt(LARGEST_PACKET)
                .put(UTF8_GENERAL_CI)
                .array());
        packet.writeBytes((user + '\0').getBytes(StandardCharsets.UTF_8));
        byte[] password = emptyPassword(plugin);
        packet.write(password.length);
        packet.writeBytes(password);
        packet.writeBytes(plugin.isEmpty() ? new byte[0] : (plugin + '\0').getBytes(StandardCharsets.US_ASCII));
        return packet.toByteArray();
    }

    /** The way of authentication that the server proposes; empty when it is so old that it knows one alone. */
    private static String plugin(ByteBuffer greeting) {
        greeting.get();
        text(greeting);
        skip(greeting, 4 + 8 + 1);
        int capabilities = greeting.getShort() & 0xffff;
        skip(greeting, 1 + 2);
        capabilities |= greeting.getShort() << 16;
        int saltLength = greeting.get() & 0xff;
        skip(greeting, 10 + Math.max(13, saltLength - 8));
        return (capabilities & PLUGIN_AUTH) == 0 ? "" : text(greeting);
    }

    /** As the clients have it: those whose plugin's name has "sha" in it say a zero byte, the others nothing. */
    private static byte[] emptyPassword(String plugin) {
        return new byte[plugin.contains("sha") ? 1 : 0];
    }

    /** A text up to its zero byte, or to the end of the packet. */
    private static String text(ByteBuffer packet) {
        int length = 0;
        while (length < packet.remaining() && packet.get(packet.position() + length) != 0) {
            length++;
        }
        byte[] text = new byte[length];
        packet.get(text);
        if (packet.hasRemaining()) {
            packet.get();
        }
        return new String(text, StandardCharsets.US_ASCII);
    }

    private static void skip(ByteBuffer packet, int count) {
        if (packet.remaining() < count) {
            throw new BufferUnderflowException();
        }
        packet.position(packet.position() + count);
    }

    private static void send(Exchange exchange, int number, byte[] body) throws IOException {
        byte[] packet = ByteBuffer.allocate(4 + body.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(body.length | number << 24)
                .put(body)
                .array();
        exchange.send(packet, packet.length);
    }

    @Override
    public String toString() {
        return "mysql " + user;
    }
}
