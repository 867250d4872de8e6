package io.lb4j.internal.util;

import java.time.Duration;
import java.util.function.Consumer;

/** Argument checks. Every message names the setting, the value and the range; nothing is formatted when the check holds. */
public final class Checks {
    /** The longest duration a setting takes. Longer ones would come near the wrap of a nanosecond clock. */
    private static final Duration LONGEST = Duration.ofDays(3650);

    private Checks() {}

    /** Returns {@code value} when it is within {@code min..max}, both included. */
    public static int range(String name, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + min + ".." + max + ")");
        }
        return value;
    }

    /** Returns {@code value} when it is within {@code min..max}, both included. */
    public static long range(String name, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + min + ".." + max + ")");
        }
        return value;
    }

    /** Returns {@code value} when it is no less than {@code min}. */
    public static long atLeast(String name, long value, long min) {
        if (value < min) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: at least " + min + ")");
        }
        return value;
    }

    /** Returns {@code value} when it is longer than zero and at most ten years. */
    public static Duration positive(String name, Duration value) {
        notNull(name, value);
        if (value.isZero() || value.isNegative() || value.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: > 0 and <= 3650 days)");
        }
        return value;
    }

    /** Returns {@code value} when it is zero or longer, and at most ten years. */
    public static Duration notNegative(String name, Duration value) {
        notNull(name, value);
        if (value.isNegative() || value.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= 0 and <= 3650 days)");
        }
        return value;
    }

    /** Returns {@code value} when it has at least one character, at most 255, and no blank or control character. */
    public static String word(String name, String value) {
        notNull(name, value);
        if (value.isEmpty() || value.length() > 255 || !value.chars().allMatch(Checks::isWordCharacter)) {
            throw new IllegalArgumentException(name + ": \"" + printable(value)
                    + "\" (expected: 1..255 characters, no blanks or control characters)");
        }
        return value;
    }

    /** Returns {@code value} when it is not null. */
    public static <T> T notNull(String name, T value) {
        if (value == null) {
            throw new NullPointerException(name + ": null (expected: a value)");
        }
        return value;
    }

    /** Returns {@code builder} when {@code settings}, which must not be null, has been called with it. */
    public static <B> B filled(String name, Consumer<B> settings, B builder) {
        notNull(name, settings).accept(builder);
        return builder;
    }

    private static boolean isWordCharacter(int c) {
        return !Character.isWhitespace(c) && !Character.isSpaceChar(c) && !Character.isISOControl(c);
    }

    /** The value on one line: what a hostile name could do to a log ends here. */
    private static String printable(String value) {
        StringBuilder line = new StringBuilder();
        value.chars().limit(64).forEach(c -> line.append(Character.isISOControl(c) ? '?' : (char) c));
        return line.toString();
    }
}
