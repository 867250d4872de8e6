package io.lb4j.discovery;

import io.lb4j.internal.util.Checks;
import io.lb4j.internal.util.Hosts;
import java.io.IOException;
import java.util.regex.Pattern;

/** Whom to ask for DNS records. Names no type of JNDI, so that it can say what is missing where JNDI is. */
final class NameServer {
    private static final String MODULE = "jdk.naming.dns";
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,63}(\\.[A-Za-z0-9_-]{1,63})*\\.?");

    private final String url;
    private final String place;

    private NameServer(String url, String place) {
        this.url = url;
        this.place = place;
        if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
            throw new IllegalStateException("DNS records: this runtime has no module " + MODULE
                    + " (expected: --add-modules " + MODULE + ", for java or for jlink)");
        }
    }

    /** The servers this machine uses, whichever they are when a question is asked. */
    static NameServer ofThisMachine() {
        return new NameServer("dns:", "");
    }

    /** The server on this host and port. */
    static NameServer at(String host, int port) {
        String bare = Hosts.withoutBrackets(Checks.word("name server", host));
        if (Hosts.literal(bare) == null) {
            checkName("name server", bare);
        }
        String place = Hosts.join(bare, Checks.range("name server port", port, 1, 65535));
        return new NameServer("dns://" + place, place);
    }

    /** Returns {@code name} when it can be asked for; JNDI would take other characters for its own syntax. */
    static String checkName(String what, String name) {
        Checks.word(what, name);
        if (name.length() > 254 || !NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    what + ": \"" + name
                            + "\" (expected: letters, digits, hyphens and underscores between dots, like _http._tcp.example.com)");
        }
        return name;
    }

    DnsQuestions open() throws IOException {
        return new DnsQuestions(url, place.isEmpty() ? "the name server" : "name server " + place);
    }

    /** What follows the name in a description of who is asked. */
    String suffix() {
        return place.isEmpty() ? "" : " at " + place;
    }
}
