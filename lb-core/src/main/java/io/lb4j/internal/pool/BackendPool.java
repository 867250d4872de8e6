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
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
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
    private final @Nullable Duration slowStart;
    private final @Nullable LoadBalancerListener listener;
    private final RateLimitedLog guestLog;
    private final Object lock = new Object();
    private volatile PoolSnapshot snapshot;

    public BackendPool(
            String name,
            List<Backend> backends,
            String initialReason,
            BackendSelector selector,
            @Nullable Duration slowStart,
            @Nullable LoadBalancerListener listener,
            LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        log = new NamedLog(LoggerFactory.getLogger(BackendPool.class), name);
        this.selector = selector;
        this.slowStart = slowStart;
        this.listener = listener;
        guestLog = new RateLimitedLog(log, nanoClock);
        snapshot = PoolSnapshot.of(backends, initialReason, nanoClock);
    }

    /**
     * The selector's choice among those that are eligible, are not full and have not failed for this connection; it has
     * one connection more when this returns. Throws what the selector throws.
     */
    @Override
    public @Nullable Route next(ClientConnection connection, List<Route> failed) {
        while (true) {
            CandidateList candidates = snapshotNow().candidates(failed);
            PooledBackend choice = candidates.size() == 0 ? null : choose(candidates, connection);
            if (choice == null || choice.reserve()) {
                return choice;
            }
            // Another loop was quicker to take its last place: choose again, without it.
        }
    }

    PoolSnapshot snapshotNow() {
        PoolSnapshot current = snapshot;
        return current.isOutdated(nanoClock) ? nextStep() : current;
    }

    /** Backends that warm up get a larger share from time to time: the first pick after that time sees to it. */
    private PoolSnapshot nextStep() {
        synchronized (lock) {
            if (snapshot.isOutdated(nanoClock)) {
                snapshot = snapshot.at(nanoClock.getAsLong());
            }
            return snapshot;
        }
    }

    private @Nullable PooledBackend choose(CandidateList candidates, ClientConnection connection) {
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
            stats.put(member.backend().id(), member.place().stats());
        }
        return stats;
    }

    /**
     * Adds a backend; it warms up, if backends do.
     *
     * @throws IllegalArgumentException when there is one of this id
     */
    public void add(Backend backend, String reason) {
        synchronized (lock) {
            if (snapshot.find(backend.id()) != null) {
                throw new IllegalArgumentException(
                        "backend id: " + backend.id() + " (expected: one that no backend of this balancer has)");
            }
            PooledBackend place = new PooledBackend(backend, nanoClock);
            snapshot = snapshot.and(warmingUp(Member.of(place, backend, BackendStatus.UP, reason)));
        }
    }

    /**
     * Removes a backend: when this returns, no connection goes there any more. Those it has go on.
     *
     * @throws NoSuchElementException when there is none of this id
     */
    public void remove(String id) {
        synchronized (lock) {
            Member member = get(id);
            // In this order: whoever finds it closed and looks again does not find it again.
            snapshot = snapshot.without(member);
            member.place().close();
        }
    }

    /**
     * Gives a backend another weight.
     *
     * @throws IllegalArgumentException when the weight is out of range
     * @throws NoSuchElementException when there is none of this id
     */
    public void weight(String id, int weight) {
        synchronized (lock) {
            Member member = get(id);
            Backend changed = member.backend().withWeight(weight);
            member.place().become(changed);
            snapshot = snapshot.with(member.with(changed));
        }
    }

    private Member get(String id) {
        Member member = snapshot.find(id);
        if (member == null) {
            throw new NoSuchElementException("backend id: " + id + " (expected: one of "
                    + snapshot.members().stream().map(one -> one.backend().id()).toList() + ")");
        }
        return member;
    }

    @Override
    public void checked(Backend backend, BackendStatus status, String reason) {
        BackendStatusChanged event;
        PoolSnapshot next;
        synchronized (lock) {
            Member before = snapshot.find(backend.id());
            if (before == null || (before.status() == status && before.reason().equals(reason))) {
                return;
            }
            next = snapshot.with(after(before, status, reason));
            snapshot = next;
            event = new BackendStatusChanged(backend, before.status(), status, reason);
        }
        if (event.from() != event.to()) {
            int all = next.members().size();
            log.info("backend " + backend + " " + status + " " + reason + ", " + next.up() + " of " + all + " up");
            tell(event);
        }
    }

    private Member after(Member before, BackendStatus status, String reason) {
        Member after = before.with(status, reason);
        boolean cameUp = before.status() != BackendStatus.UP && status == BackendStatus.UP;
        return cameUp ? warmingUp(after) : after;
    }

    private Member warmingUp(Member member) {
        if (slowStart == null) {
            return member;
        }
        long now = nanoClock.getAsLong();
        return member.warmingUp(new WarmUp(now, slowStart.toNanos()), now);
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
