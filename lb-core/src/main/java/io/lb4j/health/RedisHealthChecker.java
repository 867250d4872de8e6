package io.lb4j.health;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.Checks;
import io.lb4j.internal.util.Preload;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Healthy when a redis answers PING, and has the role that is asked for; made by {@link HealthChecker#redis}. An immutable
 * value; each method returns a changed copy.
 */
public final class RedisHealthChecker extends Conversation {
    static {
        Preload.classes(Answer.class);
    }

    // The protocol: redis.io, "Redis serialization protocol specification"; the answer to ROLE: redis.io, "ROLE".

    private static final String MASTER = "master";
    private static final String REPLICA = "slave";
    private static final String CONNECTED = "connected";
    private static final int LONGEST_TEXT = 1024;

    private final @Nullable String user;
    private final @Nullable String password;
    private final @Nullable String role;
    private final boolean linked;

    RedisHealthChecker() {
        this(null, null, null, false);
    }

    private RedisHealthChecker(
            @Nullable String user, @Nullable String password, @Nullable String role, boolean linked) {
        this.user = user;
        this.password = password;
        this.role = role;
        this.linked = linked;
    }

    /**
     * Logs in with the password of {@code requirepass}, or of the default user. Default: none.
     *
     * @throws IllegalArgumentException unless it has 1..64,512 bytes in UTF-8; it is not in the message
     */
    public RedisHealthChecker password(String password) {
        return new RedisHealthChecker(null, checked(password), role, linked);
    }

    /**
     * Logs in as a user (redis 6 and newer). {@code +ping} is all it needs, and {@code +role} where the role is asked for.
     *
     * @throws IllegalArgumentException unless the user has 1..255 characters, none of them a blank or control character,
     *     and the password 1..64,512 bytes in UTF-8; it is not in the message
     */
    public RedisHealthChecker login(String user, String password) {
        return new RedisHealthChecker(Checks.word("user", user), checked(password), role, linked);
    }

    private static String checked(String password) {
        byte[] bytes = Checks.notNull("password", password).getBytes(StandardCharsets.UTF_8);
        // The commands around it are short, and the user of 255 characters has at most 765 bytes.
        Checks.range("bytes of the password", bytes.length, 1, Exchange.LIMIT - 1024);
        return password;
    }

    /** Healthy only as a master. Default: the role is not asked for. */
    public RedisHealthChecker master() {
        return new RedisHealthChecker(user, password, MASTER, linked);
    }

    /** Healthy only as a replica, whatever the state of its link; see {@link #linked}. */
    public RedisHealthChecker replica() {
        return new RedisHealthChecker(user, password, REPLICA, linked);
    }

    /**
     * Healthy only while the link to its master is up, if it is a replica: one without serves what it had. A master is
     * healthy with it too, unless {@link #replica} is asked for. Default: the link is not asked for.
     */
    public RedisHealthChecker linked() {
        return new RedisHealthChecker(user, password, role, true);
    }

    @Override
    void converse(Exchange exchange, Backend backend) throws IOException {
        byte[] commands = commands();
        // All at once: the answers come in their order, and the first that is wrong is the verdict.
        exchange.send(commands, password != null);
        Answer answer = new Answer(exchange);
        if (password != null) {
            expectLogin(answer.readLine());
        }
        String pong = answer.readLine();
        if (!pong.equals("+PONG")) {
            throw new IOException("expected \"+PONG\", got " + Answer.quoted(pong));
        }
        if (role != null || linked) {
            expectRole(answer);
        }
    }

    private byte[] commands() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        if (user != null && password != null) {
            add(all, "AUTH", user, password);
        } else if (password != null) {
            add(all, "AUTH", password);
        }
        add(all, "PING");
        if (role != null || linked) {
            add(all, "ROLE");
        }
        return all.toByteArray();
    }

    private static void add(ByteArrayOutputStream all, String... command) {
        all.writeBytes(("*" + command.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
        for (String word : command) {
            byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
            all.writeBytes(("$" + bytes.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
            all.writeBytes(bytes);
            all.writeBytes(new byte[] {'\r', '\n'});
        }
    }

    /** Of a refusal the first word alone: behind it a redis that has no AUTH repeats what it got. */
    private static void expectLogin(String line) throws IOException {
        if (!line.equals("+OK")) {
            throw new IOException("AUTH refused: " + Answer.quoted(line.split("[ ']", 2)[0]));
        }
    }

    private void expectRole(Answer answer) throws IOException {
        String header = answer.readLine();
        if (!header.startsWith("*")) {
            throw new IOException("ROLE refused: " + Answer.quoted(header));
        }
        String found = readText(answer);
        if (role != null && !found.equals(role)) {
            throw new IOException("role " + Answer.quoted(found) + " (expected: " + role + ")");
        }
        if (linked && found.equals(REPLICA)) {
            // The master's host and port come first.
            readText(answer);
            answer.readLine();
            expectLink(readText(answer));
        }
    }

    private static void expectLink(String state) throws IOException {
        if (!state.equals(CONNECTED)) {
            throw new IOException("link to the master: " + Answer.quoted(state) + " (expected: " + CONNECTED + ")");
        }
    }

    private static String readText(Answer answer) throws IOException {
        String header = answer.readLine();
        if (!header.matches("\\$[0-9]{1,4}") || Integer.parseInt(header.substring(1)) > LONGEST_TEXT) {
            throw answer.isNot("an answer to ROLE");
        }
        byte[] text = answer.readBytes(Integer.parseInt(header.substring(1)));
        answer.readLine();
        return new String(text, StandardCharsets.UTF_8);
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "redis" + (role == null ? "" : role.equals(MASTER) ? " master" : " replica") + (linked ? " linked" : "");
    }
}
