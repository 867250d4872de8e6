package io.lb4j.admin;

import io.lb4j.LoadBalancer;
import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendState;
import io.lb4j.backend.BackendStatus;
import io.lb4j.event.BackendStatusChanged;
import io.lb4j.event.DrainBegan;
import io.lb4j.event.DrainEnded;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.internal.util.Telling;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The last events of one balancer. Told by the control thread, and of an operator's acts by the admin thread. */
final class EventLog implements LoadBalancerListener, Telling.OfBackends {
    static final int KEPT = 200;

    /** Longer texts are cut: a message of a health check can be of any length. */
    private static final int LONGEST_TEXT = 300;

    private final AdminClock clock;

    // Guarded by this, as everything below.
    private final ArrayDeque<PastEvent> last = new ArrayDeque<>(KEPT + 1);

    /** When each backend got the status it has, on the nano clock. */
    private final Map<String, Long> since = new HashMap<>();

    private long count;

    EventLog(AdminClock clock) {
        this.clock = clock;
    }

    /** What began before it was listening. */
    synchronized void begin(LoadBalancer balancer) {
        for (BackendState state : Shown.states(balancer)) {
            long millis = Math.max(0, clock.nowMillis() - state.since().toEpochMilli());
            since.putIfAbsent(state.backend().id(), clock.nowNanos() - TimeUnit.MILLISECONDS.toNanos(millis));
        }
    }

    @Override
    public synchronized void backendAdded(Backend backend) {
        since.put(backend.id(), clock.nowNanos());
        add("ADDED", backend.id(), "at " + backend.hostAndPort());
    }

    @Override
    public synchronized void backendRemoved(Backend backend) {
        since.remove(backend.id());
        add("REMOVED", backend.id(), "");
    }

    @Override
    public synchronized void backendStatusChanged(BackendStatusChanged event) {
        String id = event.backend().id();
        long now = clock.nowNanos();
        Long began = since.put(id, now);
        long lasted = began == null ? 0 : TimeUnit.NANOSECONDS.toMillis(now - began);
        if (event.to() == BackendStatus.DRAINING) {
            // That it began to drain says more.
            return;
        }
        add(new PastEvent(
                clock.nowMillis(),
                event.to().name(),
                id,
                cut(event.reason()),
                event.from().name(),
                lasted));
    }

    @Override
    public synchronized void drainBegan(DrainBegan event) {
        Duration grace = event.grace();
        String limit = grace == null ? "for as long as they like" : "reset after " + seconds(grace);
        add("DRAIN_BEGAN", idOf(event.backend()), event.connections() + " connections, " + limit);
    }

    @Override
    public synchronized void drainEnded(DrainEnded event) {
        add("DRAIN_ENDED", idOf(event.backend()), event.finished() + " finished, " + event.aborted() + " reset");
    }

    @Override
    public void reconfigured() {
        add("RECONFIGURED", null, "the settings changed");
    }

    /** An operator did something here. */
    void operated(@Nullable String backend, String text) {
        add("OPERATOR", backend, text);
    }

    /** Accepting paused so often since the last time this was asked. */
    void acceptPaused(long times) {
        add(
                "ACCEPT_PAUSED",
                null,
                times + (times == 1 ? " time" : " times") + " in the last seconds: at its limit, or short");
    }

    private synchronized void add(String what, @Nullable String backend, String text) {
        add(new PastEvent(clock.nowMillis(), what, backend, cut(text), null, 0));
    }

    private void add(PastEvent event) {
        if (last.size() == KEPT) {
            last.remove();
        }
        last.add(event);
        count++;
    }

    /** The oldest first. */
    synchronized List<PastEvent> all() {
        return List.copyOf(last);
    }

    /** How many there have been. */
    synchronized long count() {
        return count;
    }

    private static @Nullable String idOf(@Nullable Backend backend) {
        return backend == null ? null : backend.id();
    }

    private static String seconds(Duration time) {
        return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
    }

    private static String cut(String text) {
        return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT) + "…";
    }
}
