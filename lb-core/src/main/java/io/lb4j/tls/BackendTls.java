package io.lb4j.tls;

import io.lb4j.internal.util.Checks;
import io.lb4j.internal.util.Hosts;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
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

    /** Null when nobody is verified, or the context was given as it is. */
    private final @Nullable Trust trust;

    private final @Nullable TlsIdentity identity;

    /** Whether the context was given as it is. */
    private final boolean isGiven;

    private final boolean verifies;
    private final @Nullable String serverName;
    private final Truncation truncation;

    private BackendTls(
            SSLContext context,
            @Nullable Trust trust,
            @Nullable TlsIdentity identity,
            boolean isGiven,
            boolean verifies,
            @Nullable String serverName,
            Truncation truncation) {
        this.context = context;
        this.trust = trust;
        this.identity = identity;
        this.isGiven = isGiven;
        this.verifies = verifies;
        this.serverName = serverName;
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
        return new BackendTls(context(null, trust), trust, null, false, true, null, Truncation.RESET);
    }

    /**
     * Any backend, whatever its certificate says: the connection is encrypted, and nobody knows with whom. For tests, and for
     * networks in which nobody can stand between.
     */
    public static BackendTls unverified() {
        return new BackendTls(context(null, null), null, null, false, false, null, Truncation.RESET);
    }

    /**
     * With what this context trusts, its identities and its provider; names are verified. For contexts that others make.
     *
     * @throws IllegalStateException when it is not initialized
     */
    public static BackendTls of(SSLContext context) {
        // Now, and not when it is needed first: one that is not initialized makes none.
        Checks.notNull("context", context).createSSLEngine();
        return new BackendTls(context, null, null, true, true, null, Truncation.RESET);
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
        return new BackendTls(context, trust, identity, isGiven, verifies, checked, truncation);
    }

    /**
     * With this identity for backends that ask who we are. Default: none.
     *
     * @throws IllegalStateException when it was made {@link #of} a context, which brings its own
     */
    public BackendTls withIdentity(TlsIdentity identity) {
        Checks.notNull("identity", identity);
        if (isGiven) {
            throw new IllegalStateException("identity: those of the SSLContext are the ones to be used");
        }
        return new BackendTls(context(identity, trust), trust, identity, false, verifies, serverName, truncation);
    }

    /** With this as what it means when a backend's stream ends without a close_notify. Default: {@link Truncation#RESET}. */
    public BackendTls whenTruncated(Truncation other) {
        Checks.notNull("truncation", other);
        return new BackendTls(context, trust, identity, isGiven, verifies, serverName, other);
    }

    /** What a backend's stream that ends without a close_notify means. */
    public Truncation truncation() {
        return truncation;
    }

    /** Whether a backend has to show who it is. */
    public boolean isVerified() {
        return verifies;
    }

    /**
     * A new engine, the client's side of one connection. Never called by two threads at a time, as every engine.
     *
     * @param host the backend's
     * @param port the backend's; sessions are resumed by host and port
     */
    public SSLEngine newEngine(String host, int port) {
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
                && Objects.equals(serverName, that.serverName);
    }

    @Override
    public int hashCode() {
        return Objects.hash(trust, identity, verifies, serverName, truncation);
    }

    @Override
    public String toString() {
        return (verifies ? "verified" : "unverified") + (serverName == null ? "" : " as " + serverName);
    }
}
