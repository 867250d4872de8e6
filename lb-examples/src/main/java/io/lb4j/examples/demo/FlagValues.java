package io.lb4j.examples.demo;

import io.lb4j.backend.Backend;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How values are written on the command line. What is not written like that is an IllegalArgumentException. */
final class FlagValues {
    private static final Pattern BACKEND = Pattern.compile("([^,]*)(?:,weight=(-?\\d{1,9}))?");
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");

    private FlagValues() {}

    /** {@code HOST:PORT} or {@code HOST:PORT,weight=N}. */
    static Backend backend(String text) {
        Matcher form = BACKEND.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException("\"" + text + "\" (expected: HOST:PORT or HOST:PORT,weight=N)");
        }
        HostAndPort place = HostAndPort.parse(form.group(1));
        Backend backend = Backend.of(place.host(), place.port());
        return form.group(2) == null ? backend : backend.withWeight(Integer.parseInt(form.group(2)));
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
}
