package io.lb4j.proxy;

import io.lb4j.access.AccessRules;
import io.lb4j.internal.relay.Endpoint;
import io.lb4j.internal.tls.TlsEndpoint;
import io.lb4j.tls.FrontendTls;
import java.net.InetAddress;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a frontend waits to hear of its clients before a backend is chosen for them. Immutable. */
final class Arrivals {
    /** Who sends headers; null when nobody does. */
    private final @Nullable AccessRules trusted;

    private final boolean refusesOthers;
    private final ConnectWhen connectWhen;

    /** Null when TLS is not spoken with them. */
    private final @Nullable FrontendTls tls;

    private Arrivals(
            @Nullable AccessRules trusted, boolean refusesOthers, ConnectWhen connectWhen, @Nullable FrontendTls tls) {
        this.trusted = trusted;
        this.refusesOthers = refusesOthers;
        this.connectWhen = connectWhen;
        this.tls = tls;
    }

    /** Null when that is nothing. */
    static @Nullable Arrivals of(EntryPolicy policy) {
        Optional<ProxyProtocolPolicy> headers = policy.proxyProtocol();
        if (headers.isEmpty() && policy.tls().isEmpty() && policy.connectWhen() == ConnectWhen.ACCEPTED) {
            return null;
        }
        boolean refusesOthers =
                headers.isPresent() && headers.get().untrusted() == ProxyProtocolPolicy.Untrusted.REFUSE;
        return new Arrivals(
                headers.map(ProxyProtocolPolicy::trustedOnly).orElse(null),
                refusesOthers,
                policy.tls().isPresent() ? ConnectWhen.CLIENT_HELLO : policy.connectWhen(),
                policy.tls().orElse(null));
    }

    /** Whether one who connects from there sends a header. */
    boolean isHeaderDue(InetAddress peer) {
        return trusted != null && trusted.allows(peer);
    }

    /** Whether one who sends no header is turned away. */
    boolean refusesOthers() {
        return refusesOthers;
    }

    ConnectWhen connectWhen() {
        return connectWhen;
    }

    @Nullable
    FrontendTls tls() {
        return tls;
    }

    /** The client's socket. Loads what it takes to speak TLS only where it is spoken. */
    static Endpoint endpoint(@Nullable Arrivals arrivals, ProxyConnection connection, SocketChannel channel) {
        boolean isSecure = arrivals != null && arrivals.tls != null;
        return isSecure ? new TlsEndpoint(connection, channel) : new Endpoint(connection, channel);
    }
}
