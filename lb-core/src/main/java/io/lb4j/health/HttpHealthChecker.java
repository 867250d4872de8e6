package io.lb4j.health;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.Alpn;
import io.lb4j.internal.util.Preload;
import io.lb4j.tls.BackendTls;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Healthy when a GET request is answered as expected; made by {@link HealthChecker#http}. An immutable value; each
 * method returns a changed copy.
 *
 * <p>It reads the status line and the headers, and the body only when a text is expected in it.
 */
public final class HttpHealthChecker extends Conversation {
    static {
        Preload.classes(HttpAnswer.class);
    }

    // Not over java.net.http: its client leaves the thread of its selector behind for a while after each check on
    // JDK 17, where it cannot be closed, and it is in a module of its own. Of HTTP a check needs very little.

    private static final Pattern PATH = Pattern.compile("/[!-~]*");
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    private static final Pattern VALUE = Pattern.compile("[^\\p{Cntrl}]*");

    /** What an IPv6 address has behind it means something to this machine alone. */
    private static final Pattern ZONE = Pattern.compile("%[^\\]]*");

    /** Those that would change how the answer ends, or promise a body. */
    private static final Set<String> OURS = Set.of("connection", "content-length", "transfer-encoding");

    private final String path;
    private final int fromStatus;
    private final int toStatus;
    private final @Nullable String bodyText;
    private final Map<String, String> headers;

    HttpHealthChecker(String path) {
        this(path, 200, 399, null, Map.of());
        if (!PATH.matcher(path).matches()) {
            throw new IllegalArgumentException("path: " + quoted(path)
                    + " (expected: / and behind it neither blanks nor control characters nor anything beyond ASCII)");
        }
    }

    private HttpHealthChecker(
            String path, int fromStatus, int toStatus, @Nullable String bodyText, Map<String, String> headers) {
        this.path = path;
        this.fromStatus = fromStatus;
        this.toStatus = toStatus;
        this.bodyText = bodyText;
        this.headers = headers;
    }

    /**
     * With these statuses as healthy ones, both included. Default: 200..399.
     *
     * @throws IllegalArgumentException when it is not 200 &lt;= from &lt;= to &lt;= 599
     */
    public HttpHealthChecker expectStatus(int from, int to) {
        if (from < 200 || to < from || to > 599) {
            throw new IllegalArgumentException("status: " + from + ".." + to + " (expected: within 200..599)");
        }
        return new HttpHealthChecker(path, from, to, bodyText, headers);
    }

    /**
     * Healthy only when the body also holds this text, in UTF-8, anywhere. Bodies are not decompressed. Default: the
     * body is not looked at.
     *
     * @throws IllegalArgumentException when the text is empty
     */
    public HttpHealthChecker expectBody(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("body text: \"\" (expected: at least one character)");
        }
        return new HttpHealthChecker(path, fromStatus, toStatus, text, headers);
    }

    /**
     * With one more header, or another value for one. Upper and lower case of a name are the same. Default: {@code
     * Host: host:port} of the backend, {@code User-Agent: lb4j}, and {@code Connection: close}, which stays.
     *
     * @throws IllegalArgumentException when the name is not one of HTTP, or is Connection, Content-Length or
     *     Transfer-Encoding; or when the value holds control characters, CR and LF above all
     */
    public HttpHealthChecker header(String name, String value) {
        if (!TOKEN.matcher(name).matches() || OURS.contains(name.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException(
                    "header: " + quoted(name) + " (expected: a name of HTTP, none of " + OURS + ")");
        }
        if (!VALUE.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "value of header " + name + ": " + quoted(value) + " (expected: no control characters)");
        }
        Map<String, String> changed = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        changed.putAll(headers);
        changed.put(name, value);
        return new HttpHealthChecker(path, fromStatus, toStatus, bodyText, Collections.unmodifiableMap(changed));
    }

    /** Whatever connections speak, a check speaks this. */
    @Override
    BackendTls fit(BackendTls tls) {
        return tls.alpn().isEmpty() ? tls : tls.withAlpn(Alpn.HTTP_1_1);
    }

    @Override
    void converse(Exchange exchange, Backend backend) throws IOException {
        byte[] request = requestTo(backend);
        exchange.send(request, !headers.isEmpty());
        HttpAnswer answer = HttpAnswer.read(exchange);
        if (answer.status() < fromStatus || answer.status() > toStatus) {
            throw new IOException("status " + answer.status());
        }
        if (bodyText != null) {
            answer.expectBody(bodyText);
        }
    }

    private byte[] requestTo(Backend backend) {
        Map<String, String> all = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        all.put("Host", ZONE.matcher(backend.hostAndPort()).replaceFirst(""));
        all.put("User-Agent", "lb4j");
        all.put("Connection", "close");
        all.putAll(headers);
        StringBuilder request = new StringBuilder("GET " + path + " HTTP/1.1\r\n");
        all.forEach(
                (name, value) -> request.append(name).append(": ").append(value).append("\r\n"));
        return request.append("\r\n").toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String quoted(String text) {
        return Excerpt.of(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The path; without the headers, which may hold a password. */
    @Override
    public String toString() {
        return "http " + path;
    }
}
