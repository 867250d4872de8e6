package io.lb4j.internal.discovery;

import io.lb4j.backend.Backend;
import io.lb4j.discovery.DiscoveryPolicy;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** What answers make of the list, and how it gets to the sink. Confined to the control thread. */
final class Delivery {
    private final DiscoveryPolicy policy;
    private final DiscoverySink sink;
    private final DiscoveryLog log;
    private final NextCall nextCall;
    private final LongSupplier nanoClock;
    private final KnownBackends known;

    /** An answer that is not yet handed over. */
    private @Nullable Answer owed;

    private @Nullable List<Backend> handedOver;

    Delivery(DiscoveryPolicy policy, DiscoverySink sink, DiscoveryLog log, NextCall nextCall, LongSupplier nanoClock) {
        this.policy = policy;
        this.sink = sink;
        this.log = log;
        this.nextCall = nextCall;
        this.nanoClock = nanoClock;
        known = new KnownBackends(policy.vanishedAfter().toNanos());
    }

    /** There is no answer. */
    void failed(String reason) {
        log.failed(reason, known.list());
    }

    /** A call has come back in time. */
    void returned(DiscoveryCall back) {
        Answer answer = back.answer();
        if (answer == null) {
            failed(back.reason());
        } else if (answer.backends().isEmpty() && policy.keepOnEmpty()) {
            log.ignoredEmpty(answer, known.list());
        } else {
            deliver(answer);
        }
    }

    private void deliver(Answer answer) {
        owed = answer;
        known.answered(answer.backends(), now());
        Long nanosToDrop = known.nanosToDrop(now());
        if (nanosToDrop != null) {
            nextCall.noLaterThanIn(nanosToDrop);
        }
        log.answered(answer);
        handOver(known.list());
        owed = null;
    }

    private void handOver(List<Backend> backends) {
        if (!backends.equals(handedOver)) {
            List<String> leftOut = sink.discovered(backends);
            log.taken(backends, leftOut);
            // Afterwards: a sink that fails is told again, and one that left somebody out with the next answer.
            handedOver = leftOut.isEmpty() ? backends : null;
        }
    }

    boolean isOwed() {
        return owed != null;
    }

    /** What was lost on its way is tried again. */
    void deliverOwed() {
        if (owed != null) {
            deliver(owed);
        }
    }

    private long now() {
        return nanoClock.getAsLong();
    }
}
