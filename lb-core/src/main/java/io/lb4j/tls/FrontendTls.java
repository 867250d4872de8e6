package io.lb4j.tls;

import io.lb4j.internal.util.Checks;
import io.lb4j.preface.ClientHello;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * How TLS is spoken with the clients of a frontend: their bytes arrive encrypted, and go to backends as they are, unless TLS is
 * spoken to these, too. By the JDK's engine, unless {@linkplain FrontendTlsBuilder#engines others} are handed in. Immutable.
 *
 * <p>Two that were made one of the other share their sessions, so that clients resume them when a certificate was replaced;
 * unless they ask for other certificates of clients (CVE-2025-23419 is of those who share them all the same). From JDK 25 on
 * a session that is kept in a ticket is resumed only as long as its certificate is shown (JDK-8357033): after a replacement
 * each client makes one whole handshake.
 */
public final class FrontendTls {
    final List<TlsIdentity> identities;
    final Map<PemFiles, TlsIdentity> files;
    final boolean strict;
    final List<String> versions;
    final List<String> applicationProtocols;
    final ClientCertificate clientCertificate;
    final @Nullable Trust trust;
    final Duration handshakeTimeout;
    final Duration sessionLifetime;
    final Truncation truncation;
    final @Nullable TlsEngines engines;
    private final SSLContext context;

    private FrontendTls(FrontendTlsBuilder builder) {
        identities = List.copyOf(builder.identities);
        files = new LinkedHashMap<>(builder.files);
        files.values().retainAll(identities);
        strict = builder.strict;
        versions = builder.versions.stream().map(TlsVersion::protocol).toList();
        applicationProtocols = builder.applicationProtocols;
        clientCertificate = builder.clientCertificate;
        trust = builder.trust;
        handshakeTimeout = builder.handshakeTimeout;
        sessionLifetime = builder.sessionLifetime;
        truncation = builder.truncation;
        engines = builder.engines;
        if (engines == null && identities.isEmpty()) {
            throw new IllegalArgumentException("tls: no certificate (expected: certificate, or engines)");
        }
        refuseWhatNobodyGets();
        FrontendTls before = builder.before;
        context = before != null && before.clientCertificate == clientCertificate && Objects.equals(before.trust, trust)
                ? before.context
                : newContext();
        context.getServerSessionContext().setSessionTimeout((int) sessionLifetime.toSeconds());
    }

    private void refuseWhatNobodyGets() {
        Set<String> known = new HashSet<>();
        for (int i = 0; i < identities.size(); i++) {
            TlsIdentity identity = identities.get(i);
            List<String> names = ServerKeys.names(identity);
            if (names.isEmpty() && (i > 0 || strict)) {
                throw new IllegalArgumentException("tls certificate: " + identity + " (expected: one with names of"
                        + " hosts, subjectAltName=DNS:..., or nobody is shown it)");
            }
            String kind = identity.certificate().getPublicKey().getAlgorithm();
            for (String name : names) {
                if (!known.add(kind + " " + name)) {
                    throw new IllegalArgumentException(
                            "tls certificate: two of kind " + kind + " are for " + name + " (expected: one)");
                }
            }
        }
    }

    private SSLContext newContext() {
        try {
            SSLContext fresh = SSLContext.getInstance("TLS");
            // None, not null: that would be what the JVM trusts.
            TrustManager[] trusted = trust == null ? new TrustManager[0] : trust.managers();
            fresh.init(new KeyManager[] {new ServerKeys()}, trusted, null);
            return fresh;
        } catch (GeneralSecurityException noTls) {
            throw new IllegalStateException("this JVM has no TLS", noTls);
        }
    }

    /** What {@code settings} makes of a builder that holds the defaults. */
    public static FrontendTls of(Consumer<FrontendTlsBuilder> settings) {
        return new FrontendTls(Checks.filled("tls", settings, new FrontendTlsBuilder(null)));
    }

    /** What {@code settings} makes of a builder that holds this one's values. */
    public FrontendTls with(Consumer<FrontendTlsBuilder> settings) {
        return new FrontendTls(Checks.filled("tls", settings, new FrontendTlsBuilder(this)));
    }

    /** Whether a client who says this is turned away, with the alert {@code unrecognized_name}. */
    public boolean isUnknown(ClientHello hello) {
        return strict && engines == null && ServerKeys.named(identities, hello).isEmpty();
    }

    /**
     * A new engine, the server's side of one connection. Never called by two threads at a time, as every engine.
     *
     * @param hello what the client has said of himself
     */
    public SSLEngine newEngine(ClientHello hello) {
        if (engines != null) {
            return engines.newEngine(hello);
        }
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(false);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(versions.toArray(String[]::new));
        parameters.setUseCipherSuitesOrder(true);
        List<TlsIdentity> named = ServerKeys.named(identities, hello);
        parameters.setSNIMatchers(List.of(ServerKeys.showing(named.isEmpty() ? identities : named)));
        parameters.setApplicationProtocols(applicationProtocols.toArray(String[]::new));
        switch (clientCertificate) {
            case NONE -> {}
            case WANTED -> parameters.setWantClientAuth(true);
            case REQUIRED -> parameters.setNeedClientAuth(true);
        }
        engine.setSSLParameters(parameters);
        return engine;
    }

    /** The certificates that clients may be shown, the first for those who name nobody; unmodifiable. */
    public List<TlsIdentity> identities() {
        return identities;
    }

    /** When the first of its certificates is not valid any more; empty when it has none. */
    public Optional<Instant> expiry() {
        return identities.stream()
                .map(each -> each.certificate().getNotAfter().toInstant())
                .min(Comparator.naturalOrder());
    }

    /** The files that certificates are read from again and again, in no order; unmodifiable. */
    public Set<PemFiles> files() {
        return Collections.unmodifiableSet(files.keySet());
    }

    /**
     * For the library itself: this is in these files now. Returns this one where that is no news.
     *
     * @hidden
     */
    public FrontendTls read(PemFiles from, TlsIdentity fresh) {
        TlsIdentity present = files.get(from);
        return present == null || present.chain().equals(fresh.chain())
                ? this
                : with(changed -> changed.reread(from, present, fresh));
    }

    /** How long a handshake may take. */
    public Duration handshakeTimeout() {
        return handshakeTimeout;
    }

    /** What a stream of a client that ends without a close_notify means. */
    public Truncation truncation() {
        return truncation;
    }

    /** Whether clients have to show who they are. */
    public ClientCertificate clientCertificate() {
        return clientCertificate;
    }

    /** What it shows, and whom it asks for what. */
    @Override
    public String toString() {
        return engines == null
                ? identities
                        + (clientCertificate == ClientCertificate.NONE
                                ? ""
                                : ", client certificates " + clientCertificate)
                : "engines of another maker";
    }
}
