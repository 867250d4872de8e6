package io.lb4j.backend;

import io.lb4j.internal.util.Checks;
import io.lb4j.internal.util.Hosts;
import io.lb4j.preface.ProxyVersion;
import io.lb4j.tls.BackendTls;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One place connections can go: host, port, and what is to be known about it. Immutable; {@code with} methods return copies.
 *
 * <p>The host is kept as given, but for an IPv6 address, which has one spelling however it was given: that of RFC 5952,
 * as in {@code 2001:db8::1}. A host name is looked up when a connection is made, never once for ever.
 */
public final class Backend {
    /** The name of the pool that is set up on the balancer's builder itself. */
    public static final String DEFAULT_POOL = "default";

    /** The largest weight. */
    public static final int MAX_WEIGHT = 1000;

    /** The largest priority, which is the last resort. */
    public static final int MAX_PRIORITY = 100;

    private final String pool;
    private final String id;
    private final String host;
    private final int port;
    private final Profile profile;

    private Backend(String pool, String id, String host, int port, Profile profile) {
        this.pool = pool;
        this.id = id;
        this.host = host;
        this.port = port;
        this.profile = profile;
    }

    /**
     * A backend of weight 1 whose id is {@code host:port}, as {@link #hostAndPort} has it.
     *
     * @param host a host name, an IPv4 address, or an IPv6 address with or without brackets
     * @param port 1..65535
     * @throws IllegalArgumentException when the host is empty or holds blanks or control characters; when it has a
     *     colon and is not an IPv6 address; when it is all digits and dots and not four numbers; or when the port is
     *     out of range
     */
    public static Backend of(String host, int port) {
        String bare = Hosts.withoutBrackets(Checks.word("backend host", host));
        Checks.range("backend port", port, 1, 65535);
        return new Backend(DEFAULT_POOL, Hosts.join(bare, port), bare, port, Profile.DEFAULT);
    }

    /**
     * A backend of weight 1 that is written as one word: {@code 10.0.0.1:9000}, {@code db.example.org:5432},
     * {@code [2001:db8::1]:9000}.
     *
     * @throws IllegalArgumentException when it is not a host, a colon and a port, an IPv6 address in brackets; and as
     *     {@link #of}
     */
    public static Backend parse(String place) {
        Place parsed = Place.parse(Checks.notNull("backend", place));
        return of(parsed.host(), parsed.port());
    }

    /** The pool it is in, {@value #DEFAULT_POOL} unless it was put into another one: each pool does so with what it is given. */
    public String pool() {
        return pool;
    }

    /**
     * The name this backend has in events, stats and logs; unique within a balancer. Default: {@code host:port}, and in a
     * pool {@code api} it is {@code api/host:port}.
     */
    public String id() {
        return id;
    }

    /** The host name or address, an IPv6 address without brackets and in its one spelling. */
    public String host() {
        return host;
    }

    /** The port, 1..65535. */
    public int port() {
        return port;
    }

    /** The share of connections relative to other backends, 0..1000. 0: no new connections. Default: 1. */
    public int weight() {
        return profile.weight();
    }

    /**
     * The tier this backend is in, 0..100: it gets connections only while no backend with a smaller number is eligible.
     * Default: 0.
     */
    public int priority() {
        return profile.priority();
    }

    /** How many connections it may have at a time; empty when it has no limit of its own. Default: empty. */
    public OptionalInt maxConnections() {
        return profile.limit();
    }

    /** In which version of the PROXY protocol it is told who its clients are; empty when it is not. Default: empty. */
    public Optional<ProxyVersion> proxyProtocol() {
        return Optional.ofNullable(profile.proxyVersion());
    }

    /** How TLS is spoken to it; empty when its clients' bytes go to it as they are. Default: empty. */
    public Optional<BackendTls> tls() {
        return Optional.ofNullable(profile.tls());
    }

    /** Free key-value pairs for selectors and people, sorted by key; unmodifiable. Default: none. */
    public Map<String, String> labels() {
        return profile.labels();
    }

    /** Host and port as one word, an IPv6 address in brackets. */
    public String hostAndPort() {
        return Hosts.join(host, port);
    }

    /**
     * This backend under another id.
     *
     * @throws IllegalArgumentException when the id is empty, longer than 255, or holds blanks or control characters
     */
    public Backend withId(String id) {
        return new Backend(pool, Checks.word("backend id", id), host, port, profile);
    }

    /**
     * For the library itself: this backend in another pool. An id that is not its own word for host and port stays.
     *
     * @hidden
     */
    public Backend inPool(String other) {
        if (other.equals(pool)) {
            return this;
        }
        String changed = id.equals(defaultId(pool)) ? defaultId(other) : id;
        return new Backend(other, changed, host, port, profile);
    }

    private String defaultId(String pool) {
        String place = hostAndPort();
        return pool.equals(DEFAULT_POOL) ? place : pool + "/" + place;
    }

    /**
     * This backend with another weight, 0..1000; 0 means no new connections.
     *
     * @throws IllegalArgumentException when the weight is out of range
     */
    public Backend withWeight(int weight) {
        return with(profile.withWeight(Checks.range("weight", weight, 0, MAX_WEIGHT)));
    }

    /**
     * This backend in another tier, 0..100; 0 comes first. HAProxy's {@code backup} is a priority of 1.
     *
     * @throws IllegalArgumentException when the priority is out of range
     */
    public Backend withPriority(int priority) {
        return with(profile.withPriority(Checks.range("priority", priority, 0, MAX_PRIORITY)));
    }

    /**
     * This backend with a limit of its own. While it has so many connections, those being opened included, it is not offered to
     * selectors: others get the new ones, those of the next tier when all of this tier are full. When nobody is left, clients
     * wait for a place in the order in which they came ({@code queue} and {@code noQueue} of the builder).
     *
     * @throws IllegalArgumentException when it is less than 1
     */
    public Backend withMaxConnections(int connections) {
        Checks.range("maxConnections", connections, 1, Integer.MAX_VALUE);
        return with(profile.withMaxConnections(connections));
    }

    /**
     * This backend is told who its clients are, by a header of the PROXY protocol before a client's first byte (HAProxy,
     * doc/proxy-protocol.txt): it has to expect one. Where the client's address is one of IPv4 and the one he connected to is
     * one of IPv6, version 1 cannot say it, and says {@code UNKNOWN}. The built-in health checks send a header, too: version 2
     * has one for that ({@code LOCAL}), version 1 names the check's own addresses. A frontend's {@code proxyTlvs} are told, too.
     */
    public Backend withProxyProtocol(ProxyVersion version) {
        return with(profile.withProxyVersion(Checks.notNull("proxyProtocol", version)));
    }

    /** This backend is not told who its clients are: the default. */
    public Backend withoutProxyProtocol() {
        return with(profile.withProxyVersion(null));
    }

    /**
     * TLS is spoken to this backend: its clients' bytes go to it encrypted, and its own come back. Its handshake is a part of
     * the attempt to connect, and when it fails another backend is tried. The built-in health checks speak TLS then, too. A
     * header of the PROXY protocol goes before it. To be made once and used for all backends, which then share sessions.
     */
    public Backend withTls(BackendTls tls) {
        return with(profile.withTls(Checks.notNull("tls", tls)));
    }

    /** TLS is not spoken to this backend: the default. */
    public Backend withoutTls() {
        return with(profile.withTls(null));
    }

    /**
     * This backend with one label added or replaced.
     *
     * @throws IllegalArgumentException when key or value is empty, longer than 255, or holds blanks or control characters
     */
    public Backend withLabel(String key, String value) {
        return with(profile.withLabel(Checks.word("label key", key), Checks.word("label value", value)));
    }

    private Backend with(Profile other) {
        return new Backend(pool, id, host, port, other);
    }

    /** Two backends are equal when all their parts are. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Backend that
                && pool.equals(that.pool)
                && id.equals(that.id)
                && host.equals(that.host)
                && port == that.port
                && profile.equals(that.profile);
    }

    @Override
    public int hashCode() {
        return Objects.hash(pool, id, host, port, profile);
    }

    /** The id, and host:port behind it where the id says something else. */
    @Override
    public String toString() {
        return id.equals(defaultId(pool)) ? id : id + " (" + hostAndPort() + ")";
    }
}
