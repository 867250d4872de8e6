package io.lb4j.admin;

import io.lb4j.internal.util.Hosts;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who may ask for what. */
final class Access {
    /*
     * A browser that shows a page of somebody else's can be made to send requests here. It says so: by `Origin`, when
     * the page says where it wants to send to; and by `Host`, when the page's own name was pointed to this address
     * (DNS rebinding). Requests with a name we do not know are refused whatever they want, and what changes something, or tells of
     * single clients, wants a token that no page of somebody else's has. No name can be pointed here where there is none: who asks by an
     * address (a kubelet's probe, Prometheus) got a page from this very server, if any, and who sends no Host (a check by
     * HTTP/1.0) is no browser.
     */
    private final String host;
    private final List<String> names;
    private final byte @Nullable [] token;
    private final Set<String> known = new HashSet<>();

    Access(String host, List<String> names, @Nullable String token) {
        this.host = host;
        this.names = names;
        this.token = token == null ? null : token.getBytes(StandardCharsets.US_ASCII);
    }

    /** For a server that listens there. */
    Access at(InetSocketAddress address) {
        String literal = Hosts.text(address.getAddress());
        for (String name : List.of(host, literal, "localhost", "127.0.0.1", "::1")) {
            known.add(bracketed(name) + ":" + address.getPort());
        }
        return this;
    }

    private static String bracketed(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.contains(":") && !lower.startsWith("[") ? "[" + lower + "]" : lower;
    }

    /** Whether the request names a host that is this server. */
    boolean knows(Request request) {
        List<String> given = request.all("host");
        if (given.size() != 1) {
            return given.isEmpty();
        }
        String name = given.get(0).toLowerCase(Locale.ROOT);
        return known.contains(name)
                || isAddress(name)
                || names.stream().anyMatch(allowed -> isNamed(name, bracketed(allowed)));
    }

    /** An IPv4 address, or an IPv6 address in brackets; with or without a port. */
    private static boolean isAddress(String given) {
        int end = given.startsWith("[") ? given.indexOf(']') + 1 : given.indexOf(':');
        String host = end <= 0 ? given : given.substring(0, end);
        String port = given.substring(host.length());
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        String bare = bracketed ? host.substring(1, host.length() - 1) : host;
        return (port.isEmpty() || (port.startsWith(":") && isPort(port.substring(1))))
                && bracketed == bare.contains(":")
                && Hosts.literal(bare) != null;
    }

    private static boolean isNamed(String given, String allowed) {
        return given.equals(allowed)
                || (given.startsWith(allowed + ":") && isPort(given.substring(allowed.length() + 1)));
    }

    private static boolean isPort(String text) {
        return text.matches("\\d{1,5}");
    }

    /** Whether the request comes from a page of this server, or from no page. */
    boolean isOwnOrigin(Request request) {
        List<String> origin = request.all("origin");
        String name = request.first("host");
        return origin.isEmpty()
                || (origin.size() == 1
                        && (origin.get(0).equalsIgnoreCase("http://" + name)
                                || origin.get(0).equalsIgnoreCase("https://" + name)));
    }

    /** Whether anybody is an operator. */
    boolean hasToken() {
        return token != null;
    }

    /** Whether the request knows the token. Takes the same time whatever part of it is wrong. */
    boolean isOperator(Request request) {
        String given = request.first("authorization");
        byte[] wanted = token;
        return wanted != null
                && given != null
                && given.startsWith("Bearer ")
                && MessageDigest.isEqual(
                        wanted, given.substring("Bearer ".length()).trim().getBytes(StandardCharsets.UTF_8));
    }
}
