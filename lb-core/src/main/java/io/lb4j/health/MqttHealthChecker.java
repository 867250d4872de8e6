package io.lb4j.health;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.Checks;
import io.lb4j.internal.util.Preload;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Healthy when an MQTT broker accepts a client; made by {@link HealthChecker#mqtt}. An immutable value; each method returns
 * a changed copy.
 */
public final class MqttHealthChecker extends Conversation {
    static {
        Preload.classes(Answer.class);
    }

    // OASIS, "MQTT Version 3.1.1": 3.1 CONNECT, 3.2 CONNACK, 3.14 DISCONNECT.

    private static final int CONNECT = 0x10;
    private static final int CONNACK = 0x20;
    private static final byte[] DISCONNECT = {(byte) 0xe0, 0};
    private static final byte[] VERSION_3_1_1 = {0, 4, 'M', 'Q', 'T', 'T', 4};

    private static final int CLEAN_SESSION = 0x02;
    private static final int WITH_PASSWORD = 0x40;
    private static final int WITH_USER = 0x80;
    private static final int KEEP_ALIVE_SECONDS = 60;

    /** What a broker's return codes from 1 on say. */
    private static final List<String> REFUSALS = List.of(
            "unacceptable protocol version",
            "client identifier rejected",
            "server unavailable",
            "bad user name or password",
            "not authorized");

    private final String clientId;
    private final @Nullable String user;
    private final @Nullable String password;

    MqttHealthChecker() {
        this("", null, null);
    }

    private MqttHealthChecker(String clientId, @Nullable String user, @Nullable String password) {
        this.clientId = clientId;
        this.user = user;
        this.password = password;
    }

    /**
     * With this client identifier, for brokers that do not give one. A broker ends the connection of a client when another
     * one comes with the same identifier, so each balancer needs one of its own. Default: empty, the broker makes one up.
     *
     * @throws IllegalArgumentException unless it has 1..255 characters, none of them a blank or control character
     */
    public MqttHealthChecker clientId(String clientId) {
        return new MqttHealthChecker(Checks.word("client id", clientId), user, password);
    }

    /**
     * Logs in as this user. It needs no right to a topic. Default: no user.
     *
     * @throws IllegalArgumentException unless the user has 1..255 characters, none of them a blank or control character,
     *     and the password 1..32,768 bytes in UTF-8; it is not in the message
     */
    public MqttHealthChecker login(String user, String password) {
        int length = Checks.notNull("password", password).getBytes(StandardCharsets.UTF_8).length;
        Checks.range("bytes of the password", length, 1, 32_768);
        return new MqttHealthChecker(clientId, Checks.word("user", user), password);
    }

    @Override
    void converse(Exchange exchange, Backend backend) throws IOException {
        byte[] connect = connect();
        exchange.send(connect, password != null);
        Answer answer = new Answer(exchange);
        if (answer.readByte() != CONNACK || answer.readByte() != 2 || answer.readByte() > 1) {
            throw answer.isNot("MQTT");
        }
        int code = answer.readByte();
        if (code != 0) {
            throw new IOException(
                    "refused with code " + code + (code <= REFUSALS.size() ? ": " + REFUSALS.get(code - 1) : ""));
        }
        exchange.sendFarewell(DISCONNECT);
    }

    private byte[] connect() {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(VERSION_3_1_1);
        body.write(CLEAN_SESSION | (user == null ? 0 : WITH_USER | WITH_PASSWORD));
        body.write(0);
        body.write(KEEP_ALIVE_SECONDS);
        add(body, clientId);
        if (user != null && password != null) {
            add(body, user);
            add(body, password);
        }
        ByteArrayOutputStream packet = new ByteArrayOutputStream();
        packet.write(CONNECT);
        int left = body.size();
        for (; left >= 0x80; left >>= 7) {
            packet.write(left % 0x80 + 0x80);
        }
        packet.write(left);
        packet.writeBytes(body.toByteArray());
        return packet.toByteArray();
    }

    private static void add(ByteArrayOutputStream body, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        body.write(bytes.length >> 8);
        body.write(bytes.length);
        body.writeBytes(bytes);
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "mqtt";
    }
}
