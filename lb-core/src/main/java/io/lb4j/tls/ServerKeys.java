package io.lb4j.tls;

import io.lb4j.preface.ClientHello;
import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SNIMatcher;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.StandardConstants;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** Hands engines the keys that were chosen for their connections. One for each context; thread-safe. */
final class ServerKeys extends X509ExtendedKeyManager {
    /*
     * A context lives as long as its sessions are to be resumed, which is longer than its certificates. So what a connection may
     * show is chosen when its engine is made, and goes along with the engine, as one of its matchers of server names: the only
     * thing of ours that an engine carries. An engine asks for an alias, then for the key and the chain of that alias, all in one
     * task; the alias says nothing, and what it means is handed over in the thread.
     */
    private static final int SAN_DNS = 2;

    private static final ThreadLocal<TlsIdentity> CHOSEN = new ThreadLocal<>();

    /** Those that a client may be shown who has said this; empty when none has his name. */
    static List<TlsIdentity> named(List<TlsIdentity> identities, ClientHello hello) {
        Optional<String> name = hello.serverName().map(said -> said.toLowerCase(Locale.ROOT));
        return name.isEmpty()
                ? List.of()
                : identities.stream()
                        .filter(each -> names(each).stream().anyMatch(own -> matches(own, name.get())))
                        .toList();
    }

    /** The names of hosts that its certificate is for, in lower case: all that counts today (RFC 6125, 6.4.4). */
    static List<String> names(TlsIdentity identity) {
        try {
            Collection<List<?>> all = identity.certificate().getSubjectAlternativeNames();
            return all == null
                    ? List.of()
                    : all.stream()
                            .filter(name -> Integer.valueOf(SAN_DNS).equals(name.get(0)))
                            .map(name -> name.get(1).toString().toLowerCase(Locale.ROOT))
                            .toList();
        } catch (CertificateParsingException unreadable) {
            return List.of();
        }
    }

    /** A star stands for one whole label, the first (RFC 6125, 6.4.3). */
    private static boolean matches(String own, String asked) {
        if (!own.startsWith("*.")) {
            return own.equals(asked);
        }
        int dot = asked.indexOf('.');
        return dot > 0 && asked.substring(dot).equals(own.substring(1));
    }

    /** Goes along with an engine: what it may show. */
    static SNIMatcher showing(List<TlsIdentity> identities) {
        return new Shown(identities);
    }

    private static final class Shown extends SNIMatcher {
        private final List<TlsIdentity> identities;

        Shown(List<TlsIdentity> identities) {
            super(StandardConstants.SNI_HOST_NAME);
            this.identities = identities;
        }

        /** Which names are known was decided before. */
        @Override
        public boolean matches(SNIServerName serverName) {
            return true;
        }
    }

    @Override
    public @Nullable String chooseEngineServerAlias(String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
        for (SNIMatcher matcher : engine.getSSLParameters().getSNIMatchers()) {
            if (matcher instanceof Shown shown) {
                for (TlsIdentity identity : shown.identities) {
                    if (identity.certificate().getPublicKey().getAlgorithm().equals(keyType)) {
                        CHOSEN.set(identity);
                        return "chosen";
                    }
                }
            }
        }
        return null;
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        TlsIdentity identity = CHOSEN.get();
        return identity == null ? null : identity.chain().toArray(X509Certificate[]::new);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        TlsIdentity identity = CHOSEN.get();
        return identity == null ? null : identity.key();
    }

    // ---- what nobody asks of an engine on the server's side

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, Socket socket) {
        return null;
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseClientAlias(String[] keyTypes, Principal @Nullable [] issuers, Socket socket) {
        return null;
    }
}
