package io.lb4j.proxy;

import io.lb4j.access.Bandwidth;
import io.lb4j.internal.relay.Throttles;
import io.lb4j.internal.relay.TokenBuckets;
import io.lb4j.internal.util.Platform;
import java.net.InetAddress;
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

    /** Who says which clients are let in; null when all are. */
    private volatile @Nullable Gatekeeper gatekeeper;

    /** What is to be heard of clients; null when that is nothing. */
    private volatile @Nullable Arrivals arrivals;

    private volatile @Nullable RateGate rate;

    private volatile boolean hasBandwidth;

    /** Of each connection. */
    private volatile @Nullable Bandwidth bandwidth;

    /** Once there are limits it stays: those who were counted in are to be counted out. */
    private @Nullable ClientTable clients;

    Admittance(EntryPolicy policy, Platform platform) {
        this.platform = platform;
        adopt(policy);
    }

    /** A place for a client who has just come, or why he gets none. Allocates what a table of clients needs and no more. */
    ClientPlace admit(InetAddress client, long now) {
        Gatekeeper present = gatekeeper;
        return present == null ? ClientPlace.UNCOUNTED : present.admit(client, now);
    }

    /** What is to be heard of clients before backends are chosen for them; null when that is nothing. */
    @Nullable
    Arrivals arrivals() {
        return arrivals;
    }

    /** What says when; null when at any time. */
    @Nullable
    RateGate rate() {
        return rate;
    }

    /** Whether bytes are counted: of connections, or of clients. */
    boolean hasBandwidth() {
        return hasBandwidth;
    }

    /**
     * What holds back a connection that begins now; null when nothing does.
     *
     * @param ofAll what all connections of the proxy share; null when they share none
     */
    @Nullable
    Throttles throttles(ClientPlace place, @Nullable TokenBuckets ofAll, long now) {
        Bandwidth own = bandwidth;
        TokenBuckets ofClient = place.bandwidth();
        return own == null && ofClient == null && ofAll == null
                ? null
                : Throttles.of(Stream.of(own == null ? null : new TokenBuckets(own, now), ofClient, ofAll)
                        .filter(Objects::nonNull)
                        .toList());
    }

    /** Holds for whoever is accepted from now on. */
    synchronized void adopt(EntryPolicy policy) {
        boolean isOpen =
                policy.access().isAllowingAll() && policy.clientLimits().isEmpty();
        Gatekeeper next = isOpen
                ? null
                : new Gatekeeper(policy.access(), policy.clientLimits().orElse(null), clients());
        RateGate nextRate = rate(policy.acceptRate());
        if (policy.hasBandwidth()) {
            Throttles.load();
        }
        gatekeeper = next;
        arrivals = Arrivals.of(policy);
        hasBandwidth = policy.hasBandwidth();
        bandwidth = policy.bandwidth().orElse(null);
        rate = nextRate;
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
