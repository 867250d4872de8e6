package io.lb4j.health;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.Checks;
import io.lb4j.tls.BackendTls;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Finds out whether a backend can serve. Plain blocking Java: returning means healthy, throwing says why not.
 *
 * <p>Runs on a thread of its own, for different backends at the same time, so an implementation must be thread-safe;
 * never twice at once for one backend. The deadline is kept from outside: a check still running when its timeout ends
 * counts as failed and its thread is interrupted. What becomes of one that ignores the interrupt, and what checks leave in
 * the logs of backends, {@link io.lb4j.health} says.
 */
@FunctionalInterface
public interface HealthChecker {
    /**
     * Checks one backend.
     *
     * @param backend the backend to check
     * @param timeout how long the check may take; longer than zero
     * @throws CheckInconclusiveException the check could not find out; it is made again soon, and the backend's status
     *     stays. An {@code OutOfMemoryError} counts the same
     * @throws Exception the backend is not healthy; the message is shown to people. Any other {@code Error} is the same
     */
    void check(Backend backend, Duration timeout) throws Exception;

    /**
     * Checks one backend, and hears what it says of itself beside that. This is what the balancer calls; to be overridden
     * by whoever has more to say than yes, see {@link #answering}.
     *
     * @return how much the backend wants to get; unless overridden, {@link CheckAnswer#HEALTHY} after {@link #check}
     * @throws Exception as of {@link #check}
     */
    default CheckAnswer ask(Backend backend, Duration timeout) throws Exception {
        check(backend, timeout);
        return CheckAnswer.HEALTHY;
    }

    /** A {@link HealthChecker} whose answer may be more than yes or no. */
    @FunctionalInterface
    interface Answering {
        /** See {@link HealthChecker#ask}. */
        CheckAnswer ask(Backend backend, Duration timeout) throws Exception;
    }

    /**
     * A check that may also say how much a backend is to get: {@code answering((backend, timeout) ->
     * CheckAnswer.weight(freePercentOf(backend)))}.
     */
    static HealthChecker answering(Answering checker) {
        return new AnsweringHealthChecker(checker);
    }

    /**
     * Asks a program beside the backend how it is, as HAProxy's {@code agent-check} does (its configuration manual):
     * connects to this port on the backend's host, sends {@code question}, and reads a line of words between commas or blanks:
     *
     * <ul>
     *   <li>{@code up} or {@code ready}: healthy;
     *   <li>a number and %, as in {@code 50%} or {@code up 50%}: healthy, with that part of its weight, 0..100; a line
     *       without a number means all of it;
     *   <li>{@code drain} or {@code maint}: healthy, and to get no new connection: it is {@code DRAINING}, unless
     *       {@code ready} follows in the same line;
     *   <li>{@code down}, {@code stopped} or {@code fail}: not healthy, for the reason that follows in the line;
     *   <li>{@code maxconn:} and a number, # and what follows: passed over.
     * </ul>
     *
     * Any other word, an empty line, or a stream that ends before any, is a failed check. Whether the backend can be
     * reached the agent does not know: {@code allOf(tcpConnect(), agent(8090))} finds out both.
     *
     * @param port the agent's, 1..65535
     * @param question what is sent, in UTF-8, with its line end; may be empty
     * @throws IllegalArgumentException when the port is out of range or the question longer than 65,536 bytes
     */
    static HealthChecker agent(int port, String question) {
        return new AgentHealthChecker(port, Checks.notNull("question", question).getBytes(StandardCharsets.UTF_8));
    }

    /** {@link #agent(int, String)} for an agent that speaks without being asked. */
    static HealthChecker agent(int port) {
        return agent(port, "");
    }

    /**
     * Healthy when the backend's machine would accept a TCP connection. On Linux none is made, and the program behind the
     * port neither sees a connection nor logs or counts one. It does not tell one that serves from one that hangs: the
     * kernel accepts for a process that is stopped.
     */
    static HealthChecker tcpConnect() {
        return new TcpConnectHealthChecker();
    }

    /** {@link #sendExpect(byte[], byte[])} with the bytes of these texts in UTF-8; nothing is added, no line end. */
    static HealthChecker sendExpect(String send, String expected) {
        return sendExpect(send.getBytes(StandardCharsets.UTF_8), expected.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Healthy when the backend accepts a TCP connection, and the expected bytes occur anywhere in what it sends after it
     * got these, within 65,536 bytes. The check ends as soon as they do.
     *
     * <p>For protocols in which a short question has a short answer: {@code sendExpect("PING\r\n", "+PONG")} for redis,
     * {@code sendExpect("", "220 ")} for the greeting of a mail server. It finds a backend that accepts and does not answer.
     *
     * @param send what is sent, at most 65,536 bytes; empty to send nothing and read what comes by itself
     * @param expected what has to come, 1..65,536 bytes
     * @throws IllegalArgumentException when one of them is too long, or nothing is expected
     */
    static HealthChecker sendExpect(byte[] send, byte[] expected) {
        return new SendExpectHealthChecker(send, expected);
    }

    /**
     * Healthy when the backend answers {@code GET path} with a status of 200..399; other statuses, a text in the body
     * and further headers are set on what this returns. For backends that speak HTTP/1.1 and can say themselves whether
     * they can serve. Redirects are not followed: a backend that redirects answers.
     *
     * @param path the path, and a query where wanted, as it is in the request line: {@code /health?deep=1}
     * @throws IllegalArgumentException when the path does not begin with a slash, or holds blanks, control characters or
     *     anything beyond ASCII, which has to be percent-encoded
     */
    static HttpHealthChecker http(String path) {
        return new HttpHealthChecker(path);
    }

    /**
     * {@link #tls(BackendTls, Duration)} with what the JVM trusts, and a certificate that is valid now.
     *
     * @throws IllegalStateException when the JVM's trust store cannot be read
     */
    static HealthChecker tls() {
        return tls(BackendTls.verified(), Duration.ZERO);
    }

    /**
     * Healthy when a TLS handshake with the backend completes, and the backend's own certificate stays valid for a while.
     *
     * <p>It finds the certificate that nobody renewed, before the clients do; and the one that is for another name; not
     * whether the program behind TLS serves, as {@link #overTls} does; nor, with TLS 1.3, whether the backend accepts ours.
     *
     * @param tls whom to trust and what to call the backend
     * @param certificateValidFor zero to ten years
     * @throws IllegalArgumentException when the duration is negative or longer than ten years
     */
    static HealthChecker tls(BackendTls tls, Duration certificateValidFor) {
        return new TlsHealthChecker(tls, certificateValidFor);
    }

    /**
     * The same check over TLS: {@code overTls(BackendTls.verified(), http("/health"))} for HTTPS, and so for LDAPS, MQTT or
     * redis over TLS, or any {@link #sendExpect} and {@link #dialogue}. Sessions are not resumed.
     *
     * @param checker one of these; others say something before TLS, or have a connection of their own
     * @throws IllegalArgumentException when it is another one
     */
    static HealthChecker overTls(BackendTls tls, HealthChecker checker) {
        return new OverTlsHealthChecker(tls, checker);
    }

    /**
     * Healthy when all of these say so. They check one after another, each in the time that those before it left; the
     * first failure is that of the check. When none fails and one is inconclusive, the check is. An {@code Error} ends it
     * at once, but for an {@code OutOfMemoryError}, which is inconclusive; so it does in {@link #anyOf}.
     *
     * @throws IllegalArgumentException when there are none
     * @throws NullPointerException when one is null
     */
    static HealthChecker allOf(HealthChecker... checkers) {
        return new AllOfHealthChecker(checkers);
    }

    /**
     * Healthy when one of these says so. They check one after another until one passes, each in an equal share of the time
     * that is left: of 5 s, the first of two has 2.5 s. When none passes and one is inconclusive, the check is; otherwise
     * it fails with the messages of all.
     *
     * @throws IllegalArgumentException when there are none
     * @throws NullPointerException when one is null
     */
    static HealthChecker anyOf(HealthChecker... checkers) {
        return new AnyOfHealthChecker(checkers);
    }

    /**
     * Healthy when a dialogue goes as it should: sends, waits for what is expected, sends the next. Unlike {@link
     * #sendExpect(byte[], byte[])} it lets a backend that speaks first finish its greeting, and it can take its leave:
     *
     * <pre>{@code
     * HealthChecker.dialogue(smtp -> smtp
     *         .expect("220").send("EHLO lb.example.org\r\n")
     *         .expect("250 ").expectNot("421").send("QUIT\r\n"))
     * }</pre>
     *
     * @param dialogue says what is sent and what is expected; called once, now
     * @throws IllegalArgumentException when nothing is expected, or in one step {@code expectNot} alone
     */
    static HealthChecker dialogue(Consumer<Dialogue> dialogue) {
        Dialogue steps = new Dialogue();
        dialogue.accept(steps);
        return steps.checker();
    }

    /**
     * Healthy when a PostgreSQL accepts connections, as {@code pg_isready} asks it: it begins a session, and a question for the
     * password is as good as any error but 57P03, with which a server says that it starts, recovers without serving, or shuts
     * down. Whether it is a primary, and whether a query works, it does not find out. A full one (53300) accepts. Without TLS.
     */
    static PostgresHealthChecker postgres() {
        return new PostgresHealthChecker("lb4j", "postgres");
    }

    /**
     * Healthy when a MySQL or MariaDB lets this user in, without a password; then it says goodbye. The user needs no
     * rights, and should be one of the balancer's address alone: {@code CREATE USER lbcheck@'10.0.0.7'}. A server that
     * is full (1040), has locked this machine out (1129), refuses the user or wants TLS from him is not healthy. Without TLS.
     *
     * @throws IllegalArgumentException unless the user has 1..255 characters, none of them a blank or control character
     */
    static HealthChecker mysql(String user) {
        return new MysqlHealthChecker(user);
    }

    /**
     * Healthy when a redis answers PING with PONG; password and role are set on what this returns. One that loads its data,
     * is busy with a script or wants a password that was not given says so.
     */
    static RedisHealthChecker redis() {
        return new RedisHealthChecker();
    }

    /**
     * Healthy when an LDAP directory accepts an anonymous bind; then it unbinds. One that forbids that (result 48) or
     * wants TLS first (13) is not healthy.
     */
    static HealthChecker ldap() {
        return new LdapHealthChecker();
    }

    /**
     * Healthy when an MQTT broker accepts a client of MQTT 3.1.1 with a session that is forgotten; then it disconnects.
     * User and client identifier are set on what this returns.
     */
    static MqttHealthChecker mqtt() {
        return new MqttHealthChecker();
    }
}
