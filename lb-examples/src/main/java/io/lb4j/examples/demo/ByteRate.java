package io.lb4j.examples.demo;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Bytes a second, as {@code 500000}, {@code 500k}, {@code 10m} or {@code 1g}. */
record ByteRate(long bytesPerSecond) {
    private static final Pattern FORM = Pattern.compile("(\\d{1,13})([kmg]?)");
    private static final Map<String, Long> UNITS = Map.of("", 1L, "k", 1_000L, "m", 1_000_000L, "g", 1_000_000_000L);

    static ByteRate parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" (expected: bytes a second, as 500000, 500k, 10m or 1g)");
        }
        try {
            return new ByteRate(Math.multiplyExact(Long.parseLong(form.group(1)), UNITS.get(form.group(2))));
        } catch (ArithmeticException tooMany) {
            return new ByteRate(Long.MAX_VALUE);
        }
    }
}
