package io.lb4j.proxy;

import io.lb4j.internal.util.Platform;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * How one frontend lets clients in, as it is now. Of what is not set there is nothing: then a look at a field is all it
 * costs. Thread-safe.
 */
final class Admittance {
    private final Platform platform;
    private volatile @Nullable Gatekeeper gatekeeper;
    private volatile @Nullable RateGate rate;

    /** Once there are limits it stays: those who were counted in are to be counted out. */
    private @Nullable ClientTable clients;

    Admittance(EntryPolicy policy, Platform platform) {
        this.platform = platform;
        adopt(policy);
    }

    /** Who says which clients are let in; null when all are. */
    @Nullable
    Gatekeeper gatekeeper() {
        return gatekeeper;
    }

    /** What says when; null when at any time. */
    @Nullable
    RateGate rate() {
        return rate;
    }

    /** Holds for whoever is accepted from now on. */
    synchronized void adopt(EntryPolicy policy) {
        boolean isOpen =
                policy.access().isAllowingAll() && policy.clientLimits().isEmpty();
        Gatekeeper next = isOpen
                ? null
                : new Gatekeeper(policy.access(), policy.clientLimits().orElse(null), clients());
        RateGate nextRate = rate(policy.acceptRate());
        gatekeeper = next;
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
