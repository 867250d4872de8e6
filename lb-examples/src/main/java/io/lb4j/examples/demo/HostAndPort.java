package io.lb4j.examples.demo;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A place on the command line: {@code HOST:PORT}, and where the status page listens a port alone, of loopback. Whether host
 * and port are any good, the balancer's builder says.
 */
record HostAndPort(String host, int port) {
    private static final String LOOPBACK = "127.0.0.1";
    private static final Pattern PORT = Pattern.compile("\\d{1,9}");
    private static final Pattern FORM = Pattern.compile("(\\[[^\\[\\]]+]|[^:\\[\\]]+):(\\d{1,9})");

    /** {@code HOST:PORT}, or {@code PORT} alone, which is one of 127.0.0.1. */
    static HostAndPort parseListener(String text) {
        return PORT.matcher(text).matches() ? new HostAndPort(LOOPBACK, Integer.parseInt(text)) : parse(text);
    }

    static HostAndPort parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" (expected: HOST:PORT, an IPv6 address in brackets: [::1]:9000)");
        }
        return new HostAndPort(form.group(1), Integer.parseInt(form.group(2)));
    }

    /** In the form in which it was given, so that the help shows a default as one would type it. */
    @Override
    public String toString() {
        return host + ":" + port;
    }
}
