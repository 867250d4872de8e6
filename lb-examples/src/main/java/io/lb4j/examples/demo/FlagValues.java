package io.lb4j.examples.demo;

import io.lb4j.access.ClientLimits;
import io.lb4j.backend.Backend;
import io.lb4j.preface.ProxyVersion;
import io.lb4j.proxy.ConnectWhen;
import io.lb4j.proxy.Transport;
import io.lb4j.tls.BackendTls;
import io.lb4j.tls.Trust;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How values are written on the command line. What is not written like that is an IllegalArgumentException. */
final class FlagValues {
    private static final String BACKEND_FORM =
            "HOST:PORT[,weight=N][,priority=N][,max-connections=N][,proxy=v1|v2][,tls[=NAME][,ca=FILE]]" + "[,id=NAME]";
    private static final String TLS = "tls";
    private static final Pattern NUMBER = Pattern.compile("-?\\d{1,9}");
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");

    private FlagValues() {}

    /** {@code HOST:PORT}, and behind it, in any order and each at most once, what else is said of the backend. */
    static Backend backend(String text) {
        String[] parts = text.split(",", -1);
        HostAndPort place = HostAndPort.parse(parts[0]);
        Backend backend = Backend.of(place.host(), place.port());
        Map<String, String> said = new LinkedHashMap<>();
        for (String part : Arrays.asList(parts).subList(1, parts.length)) {
            int equals = part.equals(TLS) ? part.length() : part.indexOf('=');
            boolean hasValue = equals >= 0 && equals < part.length();
            if (equals < 0 || said.put(part.substring(0, equals), hasValue ? part.substring(equals + 1) : "") != null) {
                throw notABackend(text);
            }
        }
        String name = said.remove(TLS);
        String ca = said.remove("ca");
        if (name == null && ca != null) {
            throw notABackend(text);
        }
        for (Map.Entry<String, String> each : said.entrySet()) {
            backend = with(backend, each.getKey(), each.getValue(), text);
        }
        return name == null ? backend : backend.withTls(tls(name, ca));
    }

    private static BackendTls tls(String name, String ca) {
        BackendTls tls = ca == null ? BackendTls.verified() : BackendTls.verified(Trust.pem(Path.of(ca)));
        return name.isEmpty() ? tls : tls.withServerName(name);
    }

    private static Backend with(Backend backend, String key, String value, String text) {
        return switch (key) {
            case "weight" -> backend.withWeight(number(value, text));
            case "priority" -> backend.withPriority(number(value, text));
            case "max-connections" -> backend.withMaxConnections(number(value, text));
            case "proxy" -> backend.withProxyProtocol(proxyVersion(value));
            case "id" -> backend.withId(value);
            default -> throw notABackend(text);
        };
    }

    private static int number(String value, String text) {
        if (!NUMBER.matcher(value).matches()) {
            throw notABackend(text);
        }
        return Integer.parseInt(value);
    }

    private static IllegalArgumentException notABackend(String text) {
        return new IllegalArgumentException("\"" + text + "\" (expected: " + BACKEND_FORM + ")");
    }

    private static ProxyVersion proxyVersion(String text) {
        return Arrays.stream(ProxyVersion.values())
                .filter(version -> version.key().equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("proxy: \"" + text + "\" (expected: v1 or v2)"));
    }

    /** When a backend is chosen, where no rule says so. */
    static ConnectWhen connectWhen(String text) {
        return switch (text) {
            case "accepted" -> ConnectWhen.ACCEPTED;
            case "first-byte" -> ConnectWhen.FIRST_BYTE;
            default -> throw new IllegalArgumentException("\"" + text + "\" (expected: accepted or first-byte)");
        };
    }

    /** One of the transports, by its {@link Transport#key}. */
    static Transport transport(String text) {
        return Arrays.stream(Transport.values())
                .filter(transport -> transport.key().equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("\"" + text + "\" (expected: auto, jdk or native)"));
    }

    /** {@code 500ms}, {@code 5s}, {@code 10m}, {@code 1h}. */
    static Duration duration(String text) {
        Matcher form = DURATION.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException("\"" + text + "\" (expected: a duration like 500ms, 5s, 10m or 1h)");
        }
        long amount = Long.parseLong(form.group(1));
        return switch (form.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            default -> Duration.ofHours(amount);
        };
    }

    /** {@code 20/1s}: so many times in such a time. */
    static ClientLimits.Rate rate(String text) {
        int slash = text.indexOf('/');
        if (slash < 1 || !NUMBER.matcher(text.substring(0, slash)).matches()) {
            throw new IllegalArgumentException("\"" + text + "\" (expected: a number and a duration, as 20/1s)");
        }
        return new ClientLimits.Rate(Integer.parseInt(text.substring(0, slash)), duration(text.substring(slash + 1)));
    }

    /** As it is written for people: {@code 500 ms}, {@code 10 s}, {@code 90 s}, {@code 10 min}. */
    static String text(Duration duration) {
        if (duration.toMillisPart() != 0 || duration.isZero()) {
            return duration.toMillis() + " ms";
        }
        return duration.toSecondsPart() != 0 ? duration.toSeconds() + " s" : duration.toMinutes() + " min";
    }
}
