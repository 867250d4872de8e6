package io.lb4j;

import io.lb4j.internal.util.Checks;
import io.lb4j.internal.util.Plain;
import io.lb4j.preface.ClientHello;
import io.lb4j.selection.ClientConnection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Which pool a client gets, by what he says first. Immutable. */
@SuppressWarnings("exports") // of the annotations, which nobody needs at run time
public final class Routes {
    private final Map<String, String> byProtocol;
    private final Map<String, String> byName;

    /** By what is behind the star: {@code .example.com}. */
    private final Map<String, String> byDomain;

    private final @Nullable String notTls;
    private final @Nullable String otherwise;

    /** Those they lead to. */
    private final Set<String> pools = new TreeSet<>();

    private Routes(Builder builder) {
        byProtocol = Map.copyOf(builder.byProtocol);
        byName = Map.copyOf(builder.byName);
        byDomain = Map.copyOf(builder.byDomain);
        notTls = builder.notTls;
        otherwise = builder.otherwise;
        List.of(byProtocol, byName, byDomain).forEach(rules -> pools.addAll(rules.values()));
        Stream.of(notTls, otherwise).filter(Objects::nonNull).forEach(pools::add);
    }

    static Routes of(Consumer<Builder> rules) {
        Builder builder = Checks.filled("routes", rules, new Builder());
        Routes routes = new Routes(builder);
        if (routes.pools.isEmpty()) {
            throw new IllegalArgumentException("routes: none (expected: one rule at least)");
        }
        return routes;
    }

    /** The pools they lead to. */
    Set<String> pools() {
        return Collections.unmodifiableSet(pools);
    }

    boolean hasNotTls() {
        return notTls != null;
    }

    /** The pool for this connection; null for none. */
    @Nullable
    String poolOf(ClientConnection connection) {
        Optional<ClientHello> hello = connection.clientHello();
        return hello.isEmpty() ? notTls : poolOf(hello.get());
    }

    private @Nullable String poolOf(ClientHello hello) {
        List<String> protocols = hello.applicationProtocols();
        for (int i = 0; i < protocols.size() && !byProtocol.isEmpty(); i++) {
            String pool = byProtocol.get(protocols.get(i));
            if (pool != null) {
                return pool;
            }
        }
        String name = hello.serverName().orElse(null);
        String pool = name == null ? null : poolOf(name);
        return pool == null ? otherwise : pool;
    }

    private @Nullable String poolOf(String name) {
        String pool = byName.get(name);
        for (int dot = name.indexOf('.'); pool == null && dot >= 0; dot = name.indexOf('.', dot + 1)) {
            pool = byDomain.get(name.substring(dot));
        }
        return pool;
    }

    /** For people. */
    @Override
    public String toString() {
        return "routes to " + String.join(", ", pools);
    }

    /**
     * Collects rules. For a client of TLS those for protocols are asked first, then those for names: a whole name before a domain, a
     * longer domain before a shorter one, and {@code otherwise} last. Where no rule leads, the client is reset. Each rule is there
     * once: whoever sets it again is refused.
     */
    public static final class Builder {
        private static final Pattern NAME =
                Pattern.compile("(?!-)[a-z0-9_-]{1,63}(?<!-)(\\.(?!-)[a-z0-9_-]{1,63}(?<!-))*");

        private final Map<String, String> byProtocol = new HashMap<>();
        private final Map<String, String> byName = new HashMap<>();
        private final Map<String, String> byDomain = new HashMap<>();
        private @Nullable String notTls;
        private @Nullable String otherwise;

        private Builder() {}

        /**
         * Clients of TLS that ask for this host (SNI; RFC 6066, 3) get that pool.
         *
         * @param name a host name in ASCII, in upper or lower case; or {@code *.} and one, for all that are below it, at any
         *     depth, but not for itself
         * @param pool a pool of this balancer; whether it is there is checked when the frontend begins to listen
         * @throws IllegalArgumentException when it is no such name, as one in another script than Latin, which is to be given as
         *     {@link java.net.IDN#toASCII} has it; or when there is a rule for it already
         */
        public Builder serverName(String name, String pool) {
            String lower = Checks.notNull("serverName", name).toLowerCase(Locale.ROOT);
            boolean isDomain = lower.startsWith("*.");
            String bare = isDomain ? lower.substring(2) : lower;
            if (bare.length() > 255 || !NAME.matcher(bare).matches()) {
                throw new IllegalArgumentException("serverName: " + Plain.value(name)
                        + " (expected: a host name in ASCII, perhaps with *. before it)");
            }
            put(isDomain ? byDomain : byName, isDomain ? "." + bare : bare, pool, "serverName");
            return this;
        }

        /**
         * Clients of TLS that offer this protocol (ALPN, RFC 7301) get that pool; of one who offers several, the first in his
         * order that there is a rule for counts.
         *
         * @param protocol its name, 1..255 characters of ISO-8859-1, as in {@code h2} and {@code acme-tls/1}
         * @param pool as with {@link #serverName}
         * @throws IllegalArgumentException when it is no such name, or there is a rule for it already
         */
        public Builder alpn(String protocol, String pool) {
            put(byProtocol, Checks.word("alpn", protocol), pool, "alpn");
            return this;
        }

        /**
         * Clients who do not speak TLS get this pool: those whose first byte is of something else, and those who say nothing for
         * as long as they have to say something ({@code timeouts preface}), because they wait for the server to begin.
         *
         * @param pool as with {@link #serverName}
         */
        public Builder notTls(String pool) {
            notTls = once("notTls", notTls, pool);
            return this;
        }

        /**
         * Clients of TLS for whom there is no other rule get this pool; those who name no host are among them.
         *
         * @param pool as with {@link #serverName}
         */
        public Builder otherwise(String pool) {
            otherwise = once("otherwise", otherwise, pool);
            return this;
        }

        private static void put(Map<String, String> rules, String key, String pool, String rule) {
            rules.put(key, once(rule + " " + key, rules.get(key), pool));
        }

        private static String once(String rule, @Nullable String present, String pool) {
            Checks.word("pool", pool);
            if (present != null) {
                throw new IllegalArgumentException(
                        rule + ": " + pool + " (expected: one rule; it leads to " + present + " already)");
            }
            return pool;
        }
    }
}
