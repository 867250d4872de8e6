package io.lb4j.internal.pool;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendState;
import io.lb4j.backend.BackendStatus;
import io.lb4j.event.BackendStatusChanged;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.internal.health.HealthSink;
import io.lb4j.internal.pool.PoolSnapshot.Member;
import io.lb4j.internal.util.NamedLog;
import io.lb4j.internal.util.RateLimitedLog;
import io.lb4j.proxy.Route;
import io.lb4j.proxy.Router;
import io.lb4j.selection.BackendSelector;
import io.lb4j.selection.Candidate;
import io.lb4j.selection.ClientConnection;
import io.lb4j.stats.BackendStats;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The backends of one balancer. Read without locks through one volatile snapshot; written under a lock, one writer at a
 * time; listeners are called after the lock.
 */
public final class BackendPool implements Router, HealthSink {
    private static final long SLOW = TimeUnit.MILLISECONDS.toNanos(200);

    private final NamedLog log;
    private final LongSupplier nanoClock;
    private final BackendSelector selector;
    private final @Nullable LoadBalancerListener listener;
    private final RateLimitedLog guestLog;
    private final Object lock = new Object();
    private volatile PoolSnapshot snapshot;

    public BackendPool(
            String name,
            List<Backend> backends,
            String initialReason,
            BackendSelector selector,
            @Nullable LoadBalancerListener listener,
            LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        log = new NamedLog(LoggerFactory.getLogger(BackendPool.class), name);
        this.selector = selector;
        this.listener = listener;
        guestLog = new RateLimitedLog(log, nanoClock);
        snapshot = PoolSnapshot.of(backends, initialReason);
    }

    /** The selector's choice among those that are eligible and have not failed for this connection. Throws what it throws. */
    @Override
    public @Nullable Route next(ClientConnection connection, List<Route> failed) {
        CandidateList eligible = snapshot.eligible();
        CandidateList candidates = failed.isEmpty() ? eligible : eligible.without(failed);
        return candidates.size() == 0 ? null : choose(candidates, connection);
    }

    private @Nullable Route choose(CandidateList candidates, ClientConnection connection) {
        Candidate choice = selector.select(candidates, connection);
        if (choice == null) {
            return null;
        }
        if (!isOneOf(candidates, choice)) {
            // It may have kept one from an earlier call that has gone down since: once more, with who is here now.
            choice = selector.select(candidates, connection);
        }
        if (choice == null || isOneOf(candidates, choice)) {
            return (PooledBackend) choice;
        }
        throw new IllegalStateException("selector " + selector + " chose " + choice + ", which is no candidate");
    }

    private static boolean isOneOf(CandidateList candidates, @Nullable Candidate choice) {
        return choice instanceof PooledBackend backend && candidates.contains(backend);
    }

    /** What is known of every backend, in the order in which they were added. */
    public List<BackendState> states() {
        return snapshot.members().stream().map(Member::state).toList();
    }

    /** The counters of every backend by its id, in the order in which they were added. */
    public Map<String, BackendStats> stats() {
        Map<String, BackendStats> stats = new LinkedHashMap<>();
        for (Member member : snapshot.members()) {
            stats.put(member.backend().backend().id(), member.backend().stats());
        }
        return stats;
    }

    @Override
    public void checked(Backend backend, BackendStatus status, String reason) {
        BackendStatusChanged event;
        PoolSnapshot next;
        synchronized (lock) {
            Member before = find(backend);
            if (before == null || (before.status() == status && before.reason().equals(reason))) {
                return;
            }
            next = snapshot.with(new Member(before.backend(), status, reason));
            snapshot = next;
            event = new BackendStatusChanged(backend, before.status(), status, reason);
        }
        if (event.from() != event.to()) {
            int all = next.members().size();
            log.info("backend " + backend + " " + status + " " + reason + ", " + next.up() + " of " + all + " up");
            tell(event);
        }
    }

    private @Nullable Member find(Backend backend) {
        for (Member member : snapshot.members()) {
            if (member.backend().backend().equals(backend)) {
                return member;
            }
        }
        return null;
    }

    private void tell(BackendStatusChanged event) {
        if (listener == null) {
            return;
        }
        long began = nanoClock.getAsLong();
        try {
            listener.backendStatusChanged(event);
        } catch (Throwable failure) {
            guestLog.warn("listener", "failed", failure);
        }
        long took = nanoClock.getAsLong() - began;
        if (took > SLOW) {
            guestLog.warn(
                    "listener", "took " + TimeUnit.NANOSECONDS.toMillis(took) + " ms; health checks waited", null);
        }
    }
}
