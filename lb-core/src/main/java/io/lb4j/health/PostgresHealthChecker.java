package io.lb4j.health;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.Checks;
import io.lb4j.internal.util.Preload;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Healthy when a PostgreSQL accepts connections; made by {@link HealthChecker#postgres}. An immutable value; each method
 * returns a changed copy.
 */
public final class PostgresHealthChecker implements HealthChecker {
    static {
        Preload.classes(Answer.class);
    }

    // The messages: PostgreSQL's manual, "Frontend/Backend Protocol". The verdict: that of libpq's PQping, which is
    // what pg_isready asks (manual, "libpq: Database Connection Control Functions").
    //
    // It ends where the server asks for a password. A server that reads the end of the stream there ends without a word
    // in its log, whether the user exists or not; a Terminate there is a FATAL line ("expected SASL response"). Behind
    // an AuthenticationOk it is the other way round: the Terminate keeps the session from counting as abandoned.

    private static final int PROTOCOL_3_0 = 196608;
    private static final byte[] TERMINATE = {'X', 0, 0, 0, 4};
    private static final String CANNOT_CONNECT_NOW = "57P03";
    private static final int STATE_LENGTH = 5;

    /** A message's length counts itself; a kind of authentication, or the least of an error, have four bytes more. */
    private static final int SHORTEST = 8;

    /** As libpq has it: "E" and a longer one is a text from before there were lengths, of a server that cannot fork. */
    private static final int LONGEST = 30_000;

    private final String user;
    private final String database;

    PostgresHealthChecker(String user, String database) {
        this.user = Checks.word("user", user);
        this.database = Checks.word("database", database);
    }

    /**
     * As this user, who need not exist where a password is asked for. Default: {@code lb4j}.
     *
     * @throws IllegalArgumentException unless it has 1..255 characters, none of them a blank or control character
     */
    public PostgresHealthChecker user(String name) {
        return new PostgresHealthChecker(name, database);
    }

    /**
     * With this database. Default: {@code postgres}, which a new server has.
     *
     * @throws IllegalArgumentException unless it has 1..255 characters, none of them a blank or control character
     */
    public PostgresHealthChecker database(String name) {
        return new PostgresHealthChecker(user, name);
    }

    @Override
    public void check(Backend backend, Duration timeout) throws IOException {
        byte[] startup = startup();
        try (Exchange exchange = CheckDial.connect(backend, timeout)) {
            exchange.send(startup, startup.length);
            Answer answer = new Answer(exchange);
            int type = answer.readByte();
            long length = type == 'R' || type == 'E' ? answer.readBigEndian(4) : 0;
            if (length < SHORTEST || length > LONGEST) {
                throw answer.isNot("PostgreSQL, or not able to start a session");
            }
            ByteBuffer body = ByteBuffer.wrap(answer.readBytes(length - 4));
            if (type == 'E') {
                judge(body, answer);
            } else if (body.getInt() == 0) {
                exchange.sendFarewell(TERMINATE);
            }
        }
    }

    private byte[] startup() {
        ByteArrayOutputStream parameters = new ByteArrayOutputStream();
        for (String text : new String[] {"user", user, "database", database, "application_name", "lb4j"}) {
            parameters.writeBytes(text.getBytes(StandardCharsets.UTF_8));
            parameters.write(0);
        }
        int length = 8 + parameters.size() + 1;
        return ByteBuffer.allocate(length)
                .putInt(length)
                .putInt(PROTOCOL_3_0)
                .put(parameters.toByteArray())
                .array();
    }

    /** A server that refuses this user, this database or one connection more is one that accepts, but for one state. */
    private static void judge(ByteBuffer error, Answer answer) throws IOException {
        String state = field(error, 'C');
        if (state == null || state.length() != STATE_LENGTH) {
            throw answer.isNot("PostgreSQL");
        }
        if (state.equals(CANNOT_CONNECT_NOW)) {
            throw new IOException("error " + state + ": " + Answer.quoted(String.valueOf(field(error, 'M'))));
        }
    }

    /** An error is made of fields: a letter, a text, a zero byte. */
    private static @Nullable String field(ByteBuffer error, char wanted) {
        String fields = StandardCharsets.UTF_8.decode(error.duplicate()).toString();
        for (String field : fields.split("\0", -1)) {
            if (!field.isEmpty() && field.charAt(0) == wanted) {
                return field.substring(1);
            }
        }
        return null;
    }

    @Override
    public String toString() {
        return "postgres";
    }
}
