package io.lb4j.backend;

import io.lb4j.preface.ProxyVersion;
import io.lb4j.tls.BackendTls;
import java.util.Collections;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is to be known of a backend besides its name and its place. Immutable.
 *
 * @param proxyVersion in which version it is told who its clients are; null when it is not
 * @param tls how TLS is spoken to it; null when it is not
 * @param labels sorted by key, unmodifiable
 */
record Profile(
        int weight,
        int priority,
        int maxConnections,
        @Nullable ProxyVersion proxyVersion,
        @Nullable BackendTls tls,
        Map<String, String> labels) {
    /** Stands for "no limit"; no backend of ours will ever have so many connections. */
    static final int UNLIMITED = Integer.MAX_VALUE;

    static final Profile DEFAULT = new Profile(1, 0, UNLIMITED, null, null, Map.of());

    OptionalInt limit() {
        return maxConnections == UNLIMITED ? OptionalInt.empty() : OptionalInt.of(maxConnections);
    }

    Profile withWeight(int other) {
        return new Profile(other, priority, maxConnections, proxyVersion, tls, labels);
    }

    Profile withPriority(int other) {
        return new Profile(weight, other, maxConnections, proxyVersion, tls, labels);
    }

    Profile withMaxConnections(int other) {
        return new Profile(weight, priority, other, proxyVersion, tls, labels);
    }

    Profile withProxyVersion(@Nullable ProxyVersion other) {
        return new Profile(weight, priority, maxConnections, other, tls, labels);
    }

    Profile withTls(@Nullable BackendTls other) {
        return new Profile(weight, priority, maxConnections, proxyVersion, other, labels);
    }

    Profile withLabel(String key, String value) {
        Map<String, String> changed = new TreeMap<>(labels);
        changed.put(key, value);
        return new Profile(weight, priority, maxConnections, proxyVersion, tls, Collections.unmodifiableMap(changed));
    }
}
