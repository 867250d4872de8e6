package io.lb4j.proxy;

import io.lb4j.internal.util.Checks;
import io.lb4j.internal.util.Hosts;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Ports that follow each other, for protocols whose server names a port of its own to each client (FTP in passive mode).
 * An immutable value.
 *
 * @param first the lowest, 1..65535, or 0 for any free one
 * @param last the highest, from {@code first} to 65535; 0 when {@code first} is
 */
public record PortRange(int first, int last) {
    private static final Pattern TEXT = Pattern.compile("(\\d{1,5})-(\\d{1,5})");

    /**
     * The ports from {@code first} to {@code last}, both included.
     *
     * @throws IllegalArgumentException when one is out of range, or {@code last} is less than {@code first}
     */
    public PortRange {
        Checks.range("listen port", first, 0, 65535);
        Checks.range("listen port", last, 0, 65535);
        if (last < first || (first == 0 && last != 0)) {
            throw new IllegalArgumentException(
                    "listen ports: " + first + "-" + last + " (expected: from the lowest, 1 or more, to the highest)");
        }
    }

    /**
     * The ports from {@code first} to {@code last}, both included.
     *
     * @throws IllegalArgumentException when one is out of range, or {@code last} is less than {@code first}
     */
    public static PortRange of(int first, int last) {
        return new PortRange(first, last);
    }

    /**
     * This port alone.
     *
     * @param port 1..65535, or 0 for any free port
     * @throws IllegalArgumentException when it is out of range
     */
    public static PortRange of(int port) {
        return new PortRange(port, port);
    }

    /**
     * A port or a range that is written as one word: {@code 8080}, {@code 30000-30100}.
     *
     * @throws IllegalArgumentException when it is neither, or a port is out of range
     */
    public static PortRange parse(String text) {
        Matcher range = TEXT.matcher(Checks.notNull("listen ports", text));
        if (range.matches()) {
            return of(Integer.parseInt(range.group(1)), Integer.parseInt(range.group(2)));
        }
        if (!text.matches("\\d{1,5}")) {
            throw new IllegalArgumentException(
                    "listen ports: \"" + text + "\" (expected: a port or a range, as in 30000-30100)");
        }
        return of(Integer.parseInt(text));
    }

    /** How many ports that are. */
    public int size() {
        return last - first + 1;
    }

    /** Whether a port is in both; any free port is in none. */
    public boolean overlaps(PortRange other) {
        return first != 0 && other.first != 0 && first <= other.last && other.first <= last;
    }

    /** These ports of a host as one word, an IPv6 address in brackets. */
    String of(String host) {
        return Hosts.bracketed(host) + ":" + this;
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        return first == last ? Integer.toString(first) : first + "-" + last;
    }
}
