package io.lb4j.tls;

import io.lb4j.internal.util.Checks;
import io.lb4j.internal.util.Hosts;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * How TLS is spoken with a backend. Immutable; each method returns a changed copy.
 *
 * <p>Unless it is {@link #unverified}, a backend has to show a certificate that is trusted, valid now, and for its name (RFC
 * 6125): the host that it is configured with, or {@link #withServerName}. The name is told to it (SNI, RFC 6066) unless it is an
 * address.
 */
public final class BackendTls {
    private static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");

    private final SSLContext context;

    /** Whether the context was given as it is. */
    private final boolean isGiven;

    /** Null when nobody is verified, or the context was given. */
    private final @Nullable Trust trust;

    private final @Nullable TlsIdentity identity;

    private final boolean verifies;
    private final @Nullable String serverName;
    private final BackendAlpn alpn;
    private final Truncation truncation;

    private BackendTls(
            SSLContext context,
            @Nullable Trust trust,
            @Nullable TlsIdentity identity,
            boolean isGiven,
            boolean verifies,
            @Nullable String serverName,
            BackendAlpn alpn,
            Truncation truncation) {
        this.context = context;
        this.trust = trust;
        this.identity = identity;
        this.isGiven = isGiven;
        this.verifies = verifies;
        this.serverName = serverName;
        this.alpn = alpn;
        this.truncation = truncation;
    }

    /**
     * {@link #verified(Trust)} with {@link Trust#system}.
     *
     * @throws IllegalStateException when the JVM's trust store cannot be read
     */
    public static BackendTls verified() {
        return verified(Trust.system());
    }

    /** A backend whose certificate these vouch for. */
    public static BackendTls verified(Trust trust) {
        Checks.notNull("trust", trust);
        return new BackendTls(context(null, trust), trust, null, false, true, null, BackendAlpn.NONE, Truncation.RESET);
    }

    /**
     * Any backend, whatever its certificate says: the connection is encrypted, and nobody knows with whom. For tests, and for
     * networks in which nobody can stand between.
     */
    public static BackendTls unverified() {
        return new BackendTls(context(null, null), null, null, false, false, null, BackendAlpn.NONE, Truncation.RESET);
    }

    /**
     * With what this context trusts, its identities and its provider; names are verified. For contexts that others make.
     *
     * @throws IllegalStateException when it is not initialized
     */
    public static BackendTls of(SSLContext context) {
        // Now, and not when it is needed first: one that is not initialized makes none.
        Checks.notNull("context", context).createSSLEngine();
        return new BackendTls(context, null, null, true, true, null, BackendAlpn.NONE, Truncation.RESET);
    }

    private static SSLContext context(@Nullable TlsIdentity identity, @Nullable Trust trust) {
        KeyManager[] ours = identity == null ? null : identity.keyManagers();
        TrustManager[] managers = trust == null ? new TrustManager[] {new TrustEverybody()} : trust.managers();
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(ours, managers, null);
            return context;
        } catch (GeneralSecurityException noTls) {
            throw new IllegalStateException("this JVM has no TLS", noTls);
        }
    }

    /**
     * With this name of the backend, told to it and expected in its certificate. Default: the backend's host.
     *
     * @param name a host name in ASCII, or an address, which is expected in the certificate and told to nobody
     * @throws IllegalArgumentException when it is neither
     */
    public BackendTls withServerName(String name) {
        String checked = withoutDot(Checks.notNull("serverName", name));
        boolean isAscii = checked.chars().allMatch(c -> c < 0x80);
        if (Hosts.literal(checked) == null && (!isAscii || serverNames(checked).isEmpty())) {
            throw new IllegalArgumentException("serverName: \"" + name + "\" (expected: a host name or an address)");
        }
        return new BackendTls(context, trust, identity, isGiven, verifies, checked, alpn, truncation);
    }

    /**
     * With this identity for backends that ask who we are. Default: none. By TLS 1.3 a backend that does not accept it says so
     * when the handshake is through: the connection ends with {@link io.lb4j.event.CloseReason#BACKEND_TLS_FAILED}, and no other
     * backend is tried.
     *
     * @throws IllegalStateException when it was made {@link #of} a context, which brings its own
     */
    public BackendTls withIdentity(TlsIdentity identity) {
        Checks.notNull("identity", identity);
        if (isGiven) {
            throw new IllegalStateException("identity: those of the SSLContext are the ones to be used");
        }
        return new BackendTls(context(identity, trust), trust, identity, false, verifies, serverName, alpn, truncation);
    }

    /**
     * With these protocols within TLS offered to the backend, the preferred one first (ALPN, RFC 7301). A backend that agrees to
     * none of them is a failed attempt, or check, unless {@code http/1.1} is among them: that is what is spoken without ALPN. A
     * check by {@link io.lb4j.health.HealthChecker#http HTTP} offers {@code http/1.1} instead, which is what it speaks. Default:
     * none is offered.
     *
     * @param protocols as they are registered with IANA, such as {@code h2}; none to offer none
     * @throws IllegalArgumentException when one is empty, or longer than 255 bytes
     */
    public BackendTls withAlpn(String... protocols) {
        BackendAlpn other = BackendAlpn.of(protocols);
        return new BackendTls(context, trust, identity, isGiven, verifies, serverName, other, truncation);
    }

    /**
     * With the protocol offered to the backend that was agreed on with the client whose TLS ends here, and no other: as {@link
     * #withAlpn}. Nothing is offered when there is none, nor by checks.
     */
    public BackendTls withClientAlpn() {
        return new BackendTls(context, trust, identity, isGiven, verifies, serverName, BackendAlpn.CLIENTS, truncation);
    }

    /** With this as what it means when a backend's stream ends without a close_notify. Default: {@link Truncation#RESET}. */
    public BackendTls whenTruncated(Truncation other) {
        Checks.notNull("truncation", other);
        return new BackendTls(context, trust, identity, isGiven, verifies, serverName, alpn, other);
    }

    /** What a backend's stream that ends without a close_notify means. */
    public Truncation truncation() {
        return truncation;
    }

    /** The protocols within TLS that are offered to any backend; empty when it is none, or that of the client. */
    public List<String> alpn() {
        return alpn.protocols();
    }

    /** Whether a backend has to show who it is. */
    public boolean isVerified() {
        return verifies;
    }

    /** The same for no client, or for one with whom no protocol is agreed on. */
    public SSLEngine newEngine(String host, int port) {
        return newEngine(host, port, Optional.empty());
    }

    /**
     * A new engine, the client's side of one connection. Never called by two threads at a time, as every engine.
     *
     * @param host the backend's
     * @param port the backend's; sessions are resumed by host and port
     * @param agreed the protocol within TLS that the client speaks
     */
    public SSLEngine newEngine(String host, int port, Optional<String> agreed) {
        String name = serverName == null ? withoutDot(Checks.notNull("host", host)) : serverName;
        SSLEngine engine = context.createSSLEngine(name, port);
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(Arrays.stream(parameters.getProtocols())
                .filter(PROTOCOLS::contains)
                .toArray(String[]::new));
        if (verifies) {
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
        }
        parameters.setServerNames(serverNames(name));
        parameters.setApplicationProtocols(alpn.offered(agreed));
        engine.setSSLParameters(parameters);
        return engine;
    }

    private static String withoutDot(String host) {
        return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    }

    /** SNI has no place for an address, nor for what is not a name to DNS, such as one with an underscore. */
    private static List<SNIServerName> serverNames(String name) {
        if (Hosts.literal(name) != null) {
            return List.of();
        }
        try {
            return List.of(new SNIHostName(name));
        } catch (IllegalArgumentException notForSni) {
            return List.of();
        }
    }

    /** Two are equal when all their parts are; those {@link #of} a context, when it is the same one. */
    @Override
    public boolean equals(Object other) {
        return other instanceof BackendTls that
                && isGiven == that.isGiven
                && (!isGiven || context.equals(that.context))
                && Objects.equals(trust, that.trust)
                && Objects.equals(identity, that.identity)
                && verifies == that.verifies
                && truncation == that.truncation
                && alpn.equals(that.alpn)
                && Objects.equals(serverName, that.serverName);
    }

    @Override
    public int hashCode() {
        return Objects.hash(trust, identity, verifies, serverName, alpn, truncation);
    }

    @Override
    public String toString() {
        return (verifies ? "verified" : "unverified") + (serverName == null ? "" : " as " + serverName);
    }
}
