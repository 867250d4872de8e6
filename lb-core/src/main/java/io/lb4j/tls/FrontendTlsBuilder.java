package io.lb4j.tls;

import io.lb4j.internal.util.Alpn;
import io.lb4j.internal.util.Checks;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Collects the parts. {@code certificate} adds up, {@code replace} replaces; of anything else the last value wins. */
public final class FrontendTlsBuilder {
    final @Nullable FrontendTls before;
    final List<TlsIdentity> identities;
    final Map<PemFiles, TlsIdentity> files = new LinkedHashMap<>();
    boolean strict;
    List<TlsVersion> versions = List.of(TlsVersion.values());
    List<String> applicationProtocols = List.of();
    ClientCertificate clientCertificate = ClientCertificate.NONE;

    @Nullable
    Trust trust;

    Duration handshakeTimeout = Duration.ofSeconds(10);
    Duration sessionLifetime = Duration.ofMinutes(5);
    Truncation truncation = Truncation.RESET;

    @Nullable
    TlsEngines engines;

    FrontendTlsBuilder(@Nullable FrontendTls before) {
        this.before = before;
        identities = new ArrayList<>(before == null ? List.of() : before.identities);
        if (before != null) {
            files.putAll(before.files);
            strict = before.strict;
            versions = Arrays.stream(TlsVersion.values())
                    .filter(each -> before.versions.contains(each.protocol()))
                    .toList();
            applicationProtocols = before.applicationProtocols;
            clientCertificate = before.clientCertificate;
            trust = before.trust;
            handshakeTimeout = before.handshakeTimeout;
            sessionLifetime = before.sessionLifetime;
            truncation = before.truncation;
            engines = before.engines;
        }
    }

    /**
     * One more certificate, with its key. A client is shown the one that is for the name he asks for, an exact one or one with a
     * star; the first one, where no name is known. There may be several of one name with keys of different kinds. One that
     * is not valid now is taken, and said. There is no default.
     */
    public FrontendTlsBuilder certificate(TlsIdentity identity) {
        identities.add(Checks.notNull("tls certificate", identity));
        return this;
    }

    /**
     * One more certificate, that of these files, as {@link TlsIdentity#pem} takes them. They are looked at once a second: what is
     * in them then holds for whoever connects from then on. As long as they are missing or wrong, or one of the two is not the
     * other's, what was read last stays, and the log says so once.
     *
     * @throws IllegalArgumentException as {@link TlsIdentity#pem}
     */
    public FrontendTlsBuilder certificateFiles(Path chain, Path key) {
        PemFiles pair = new PemFiles(chain, key);
        TlsIdentity identity = pair.read();
        files.put(pair, identity);
        return certificate(identity);
    }

    void reread(PemFiles from, TlsIdentity present, TlsIdentity fresh) {
        identities.set(identities.indexOf(present), fresh);
        files.put(from, fresh);
    }

    /** In place of those that are for one of its names, or of the first one, where none is. */
    public FrontendTlsBuilder replace(TlsIdentity identity) {
        List<String> names = ServerKeys.names(Checks.notNull("tls certificate", identity));
        String kind = identity.certificate().getPublicKey().getAlgorithm();
        int at = 0;
        for (int i = identities.size() - 1; i >= 0; i--) {
            TlsIdentity each = identities.get(i);
            boolean isSame = each.certificate().getPublicKey().getAlgorithm().equals(kind)
                    && ServerKeys.names(each).stream().anyMatch(names::contains);
            if (isSame) {
                identities.remove(i);
                at = i;
            }
        }
        identities.add(at, identity);
        return this;
    }

    /**
     * A client who asks for no name, or for one that no certificate is for, is turned away. Default: he is shown the first. Whoever
     * asks for what is no host name to the JDK, as it has an underscore or ends with a dot, is turned away by its engine in any case.
     */
    public FrontendTlsBuilder strictServerName() {
        strict = true;
        return this;
    }

    /**
     * The versions that are spoken. Default: 1.3 and 1.2.
     *
     * @throws IllegalArgumentException when there is none
     */
    public FrontendTlsBuilder protocols(TlsVersion... versions) {
        if (versions.length == 0) {
            throw new IllegalArgumentException("tls protocols: none (expected: TLS_1_3, TLS_1_2)");
        }
        this.versions = List.of(versions);
        return this;
    }

    /**
     * The protocols spoken within TLS, the preferred one first (ALPN, RFC 7301). A client who offers only others is turned away.
     * Default: none, any is as good.
     *
     * @throws IllegalArgumentException when one is empty, or longer than 255 bytes
     */
    public FrontendTlsBuilder alpn(String... protocols) {
        applicationProtocols = Alpn.checked(protocols);
        return this;
    }

    /** Whether clients show a certificate, and whose are believed. Default: {@link ClientCertificate#NONE}. */
    public FrontendTlsBuilder clientCertificate(ClientCertificate wanted, Trust trusted) {
        clientCertificate = Checks.notNull("tls clientCertificate", wanted);
        trust = wanted == ClientCertificate.NONE ? null : Checks.notNull("tls trust", trusted);
        return this;
    }

    /**
     * How long a handshake may take, from a whole hello on. Default: 10 s.
     *
     * @throws IllegalArgumentException when it is not positive
     */
    public FrontendTlsBuilder handshakeTimeout(Duration timeout) {
        handshakeTimeout = Checks.positive("tls handshakeTimeout", timeout);
        return this;
    }

    /**
     * How long a session may be resumed, which saves the costly part of a handshake. Default: 5 min.
     *
     * @throws IllegalArgumentException when it is less than a second
     */
    public FrontendTlsBuilder sessionLifetime(Duration lifetime) {
        Checks.range("tls sessionLifetime, s", lifetime.toSeconds(), 1, Integer.MAX_VALUE);
        sessionLifetime = lifetime;
        return this;
    }

    /** What it means when the stream of a client ends without a close_notify. Default: {@link Truncation#RESET}. */
    public FrontendTlsBuilder whenTruncated(Truncation truncation) {
        this.truncation = Checks.notNull("tls whenTruncated", truncation);
        return this;
    }

    /** Engines of another maker, in place of the JDK's; they know their own certificates, names and protocols. */
    public FrontendTlsBuilder engines(TlsEngines engines) {
        this.engines = Checks.notNull("tls engines", engines);
        return this;
    }
}
