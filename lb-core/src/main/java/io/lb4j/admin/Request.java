package io.lb4j.admin;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The head of an HTTP request. What may follow it is not read: no request here has a body, and there is one request for
 * each connection.
 *
 * @param path as it was sent, percent-encoded
 * @param query as it was sent; null when there is none
 * @param headers by name in lower case, in the order in which they came
 */
record Request(String method, String path, @Nullable String query, Map<String, List<String>> headers) {
    private static final String LINE_END = "\r\n";

    /** @throws Refusal when it is none */
    static Request parse(String head) {
        String[] lines = head.split(LINE_END, -1);
        String[] first = lines[0].split(" ", -1);
        if (first.length != 3 || !first[1].startsWith("/") || !first[2].startsWith("HTTP/1.")) {
            throw new Refusal(400, "expected: <method> /<path> HTTP/1.1");
        }
        Map<String, List<String>> headers = new HashMap<>();
        for (int i = 1; i < lines.length && !lines[i].isEmpty(); i++) {
            int colon = lines[i].indexOf(':');
            if (colon <= 0 || !isName(lines[i].substring(0, colon))) {
                throw new Refusal(400, "expected: <header>: <value>");
            }
            String name = lines[i].substring(0, colon).toLowerCase(Locale.ROOT);
            headers.computeIfAbsent(name, any -> new ArrayList<>())
                    .add(lines[i].substring(colon + 1).trim());
        }
        int question = first[1].indexOf('?');
        String path = question < 0 ? first[1] : first[1].substring(0, question);
        String query = question < 0 ? null : first[1].substring(question + 1);
        return new Request(first[0], path, query, headers);
    }

    private static boolean isName(String text) {
        return text.chars().allMatch(c -> c > ' ' && c < 0x7f);
    }

    boolean isOneOf(String... methods) {
        return List.of(methods).contains(method);
    }

    /**
     * What the query says of this name, decoded; null when it says nothing.
     *
     * @throws Refusal when it is not percent-encoded as it should be
     */
    @Nullable
    String parameter(String name) {
        String prefix = name + "=";
        for (String part : query == null ? new String[0] : query.split("&", -1)) {
            if (part.startsWith(prefix)) {
                return decoded(part.substring(prefix.length()));
            }
        }
        return null;
    }

    /** Text that was percent-encoded. */
    static String decoded(String part) {
        try {
            return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException wrong) {
            throw new Refusal(400, "what is in the address is not percent-encoded as it should be");
        }
    }

    /** Every header of this name, given in lower case. */
    List<String> all(String name) {
        return headers.getOrDefault(name, List.of());
    }

    /** The first header of this name, given in lower case. */
    @Nullable
    String first(String name) {
        List<String> all = all(name);
        return all.isEmpty() ? null : all.get(0);
    }
}
