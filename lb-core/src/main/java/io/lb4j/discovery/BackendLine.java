package io.lb4j.discovery;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.TextFile;
import io.lb4j.preface.ProxyVersion;
import io.lb4j.tls.BackendTls;
import io.lb4j.tls.Trust;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One line of a file of backends: {@code host:port[,weight=N][,priority=N][,proxy=v1|v2][,tls[=NAME][,ca=FILE]][,id=ID][,label.KEY=VALUE]}. */
final class BackendLine {
    private static final String LABEL = "label.";

    private BackendLine() {}

    /**
     * The backend that the line describes; none when it is empty or a comment.
     *
     * @throws IllegalArgumentException when it is neither; the message says what was expected
     */
    static Optional<Backend> parse(String line) {
        String text = TextFile.withoutComment(line);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        String[] parts = text.split(",", -1);
        Backend backend = Backend.parse(parts[0].strip());
        Map<String, String> said = new LinkedHashMap<>();
        for (int i = 1; i < parts.length; i++) {
            backend = with(backend, parts[i].strip(), said);
        }
        String name = said.get("tls");
        String ca = said.get("ca");
        if (name == null && ca != null) {
            throw new IllegalArgumentException("ca: given alone (expected: tls or tls=NAME as well)");
        }
        return Optional.of(name == null ? backend : backend.withTls(tls(name, ca)));
    }

    private static BackendTls tls(String name, @Nullable String ca) {
        BackendTls tls = ca == null ? BackendTls.verified() : BackendTls.verified(Trust.pem(Path.of(ca)));
        return name.isEmpty() ? tls : tls.withServerName(name);
    }

    private static Backend with(Backend backend, String option, Map<String, String> said) {
        int equals = option.indexOf('=');
        String key = equals < 0 ? option : option.substring(0, equals).strip();
        String value = equals < 0 ? "" : option.substring(equals + 1).strip();
        if (said.put(key, value) != null) {
            throw new IllegalArgumentException(key + ": given twice (expected: once)");
        }
        if (key.startsWith(LABEL)) {
            return backend.withLabel(key.substring(LABEL.length()), value);
        }
        return switch (key) {
            case "weight" -> backend.withWeight(number(key, value));
            case "priority" -> backend.withPriority(number(key, value));
            case "proxy" -> backend.withProxyProtocol(version(value));
            case "id" -> backend.withId(value);
            case "tls", "ca" -> backend;
            default ->
                throw new IllegalArgumentException(
                        "\"" + option
                                + "\" (expected: weight=N, priority=N, proxy=v1, proxy=v2, tls, tls=NAME, ca=FILE, id=ID or label.KEY=VALUE)");
        };
    }

    private static ProxyVersion version(String text) {
        for (ProxyVersion version : ProxyVersion.values()) {
            if (version.key().equals(text)) {
                return version;
            }
        }
        throw new IllegalArgumentException("proxy: \"" + text + "\" (expected: v1 or v2)");
    }

    private static int number(String what, String text) {
        if (text.isEmpty() || text.length() > 9 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new IllegalArgumentException(what + ": \"" + text + "\" (expected: a number)");
        }
        return Integer.parseInt(text);
    }
}
