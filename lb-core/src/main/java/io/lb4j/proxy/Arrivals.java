package io.lb4j.proxy;

import io.lb4j.access.AccessRules;
import java.net.InetAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a frontend waits to hear of its clients before a backend is chosen for them. Immutable. */
final class Arrivals {
    /** Who sends headers; null when nobody does. */
    private final @Nullable AccessRules trusted;

    private final boolean refusesOthers;
    private final ConnectWhen connectWhen;

    private Arrivals(@Nullable AccessRules trusted, boolean refusesOthers, ConnectWhen connectWhen) {
        this.trusted = trusted;
        this.refusesOthers = refusesOthers;
        this.connectWhen = connectWhen;
    }

    /** Null when that is nothing. */
    static @Nullable Arrivals of(EntryPolicy policy) {
        Optional<ProxyProtocolPolicy> headers = policy.proxyProtocol();
        if (headers.isEmpty() && policy.connectWhen() == ConnectWhen.ACCEPTED) {
            return null;
        }
        boolean refusesOthers =
                headers.isPresent() && headers.get().untrusted() == ProxyProtocolPolicy.Untrusted.REFUSE;
        return new Arrivals(
                headers.map(ProxyProtocolPolicy::trustedOnly).orElse(null), refusesOthers, policy.connectWhen());
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
}
