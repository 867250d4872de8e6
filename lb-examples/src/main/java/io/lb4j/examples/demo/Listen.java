package io.lb4j.examples.demo;

import io.lb4j.proxy.PortRange;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A frontend on the command line: {@code [HOST:]PORT[-PORT][=POOL]}. Whether the host is any good, the balancer's builder
 * says.
 */
record Listen(String host, PortRange ports, Optional<String> pool) {
    private static final String LOOPBACK = "127.0.0.1";
    private static final Pattern FORM =
            Pattern.compile("(?:(\\[[^\\[\\]]+]|[^:=\\[\\]]+):)?(\\d{1,9})(?:-(\\d{1,9}))?(?:=(.+))?");

    /** Ports without a host are those of 127.0.0.1. */
    static Listen parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" (expected: [HOST:]PORT[-PORT][=POOL], an IPv6 address in brackets: [::1]:9000)");
        }
        String host = form.group(1) == null ? LOOPBACK : form.group(1);
        int first = Integer.parseInt(form.group(2));
        int last = form.group(3) == null ? first : Integer.parseInt(form.group(3));
        return new Listen(host, PortRange.of(first, last), Optional.ofNullable(form.group(4)));
    }

    /** The name of the frontend: the place; that of the third one on any free port is {@code 127.0.0.1:any-3}. */
    String name(int ofAnyPortBefore) {
        String number = ofAnyPortBefore == 0 ? "" : "-" + (ofAnyPortBefore + 1);
        return host + ":" + (isAnyPort() ? "any" + number : ports);
    }

    boolean isAnyPort() {
        return ports.first() == 0;
    }
}
