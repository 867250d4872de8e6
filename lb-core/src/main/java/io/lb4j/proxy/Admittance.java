package io.lb4j.proxy;

import io.lb4j.access.Bandwidth;
import io.lb4j.internal.relay.Throttles;
import io.lb4j.internal.relay.TokenBuckets;
import io.lb4j.internal.util.Platform;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How one frontend lets clients in, as it is now. Of what is not set there is nothing: then a look at a field is all it
 * costs. Thread-safe.
 */
final class Admittance {
    private final Platform platform;

    /** One thing, so that nobody is judged by half of a change. */
    private volatile Terms terms;

    private volatile @Nullable RateGate rate;

    /** Once there are limits it stays: those who were counted in are to be counted out. */
    private @Nullable ClientTable clients;

    Admittance(EntryPolicy policy, Platform platform) {
        this.platform = platform;
        terms = terms(policy);
        rate = rate(policy.acceptRate());
    }

    /** What holds for a client who comes now. */
    Terms terms() {
        return terms;
    }

    /** What says when; null when at any time. */
    @Nullable
    RateGate rate() {
        return rate;
    }

    /**
     * What holds back a connection that begins now; null when nothing does.
     *
     * @param ofAll what all connections of the proxy share; null when they share none
     */
    @Nullable
    Throttles throttles(ClientPlace place, @Nullable TokenBuckets ofAll, long now) {
        Bandwidth own = terms.bandwidth();
        TokenBuckets ofClient = place.bandwidth();
        return own == null && ofClient == null && ofAll == null
                ? null
                : Throttles.of(Stream.of(own == null ? null : new TokenBuckets(own, now), ofClient, ofAll)
                        .filter(Objects::nonNull)
                        .toList());
    }

    /** Holds for whoever is accepted from now on. */
    synchronized void adopt(EntryPolicy policy) {
        Terms next = terms(policy);
        rate = rate(policy.acceptRate());
        terms = next;
    }

    private Terms terms(EntryPolicy policy) {
        boolean isOpen =
                policy.access().isAllowingAll() && policy.clientLimits().isEmpty();
        Gatekeeper gatekeeper = isOpen
                ? null
                : new Gatekeeper(policy.access(), policy.clientLimits().orElse(null), clients());
        if (policy.hasBandwidth()) {
            Throttles.load();
        }
        return new Terms(gatekeeper, Arrivals.of(policy), policy.bandwidth().orElse(null), policy.hasBandwidth());
    }

    private ClientTable clients() {
        ClientTable present = clients;
        if (present == null) {
            present = new ClientTable(platform.random().nextLong());
            clients = present;
        }
        return present;
    }

    private @Nullable RateGate rate(OptionalInt perSecond) {
        RateGate before = rate;
        if (perSecond.isEmpty()) {
            return null;
        }
        long now = platform.nanoClock().getAsLong();
        return before == null ? new RateGate(perSecond.getAsInt(), now) : before.with(perSecond.getAsInt(), now);
    }
}
