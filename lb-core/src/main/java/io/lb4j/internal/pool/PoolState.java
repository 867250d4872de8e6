package io.lb4j.internal.pool;

import io.lb4j.backend.BackendStatus;
import io.lb4j.event.BackendStatusChanged;
import io.lb4j.health.NoneHealthy;
import io.lb4j.internal.health.Health;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The one snapshot of a pool and how it is changed: read without a lock, written under it. What follows from a change
 * (events, aborted connections, checks) is set going under the lock too, so it comes in the order of the changes, and
 * happens elsewhere.
 */
final class PoolState {
    /** Whoever changes anything synchronizes on it, shortly: loops wait for it. */
    final Object lock = new Object();

    private final LongSupplier nanoClock;
    private final Announcer announcer;
    private final Consumer<PooledBackend> lost;

    /** Who is called what. Guarded by the lock. */
    private Map<String, PooledBackend> ids = new HashMap<>();

    private volatile PoolSettings settings;
    private volatile PoolSnapshot snapshot;

    /** @param lost is given, under the lock, who has gone down or was ejected while others can be chosen */
    PoolState(PoolSettings settings, Announcer announcer, LongSupplier nanoClock, Consumer<PooledBackend> lost) {
        this.settings = settings;
        this.announcer = announcer;
        this.lost = lost;
        this.nanoClock = nanoClock;
        snapshot = PoolSnapshot.of(List.of(), triesAll(settings));
    }

    private static boolean triesAll(PoolSettings settings) {
        return settings.noneHealthy() == NoneHealthy.TRY_ALL;
    }

    PoolSettings settings() {
        return settings;
    }

    void settings(PoolSettings changed) {
        synchronized (lock) {
            settings = changed;
            publish(snapshot.tryingAll(triesAll(changed)));
        }
    }

    long now() {
        return nanoClock.getAsLong();
    }

    PoolSnapshot snapshot() {
        return snapshot;
    }

    /** The snapshot, after backends that warm up got what is due to them: the first pick after that time sees to it. */
    PoolSnapshot snapshotNow() {
        PoolSnapshot current = snapshot;
        return current.isOutdated(nanoClock) ? nextStep() : current;
    }

    private PoolSnapshot nextStep() {
        synchronized (lock) {
            if (snapshot.isOutdated(nanoClock)) {
                publish(snapshot.at(now()));
            }
            return snapshot;
        }
    }

    // ---- under the lock

    /** Publishes what one member has become, and announces it if its status is another one. */
    void change(Member before, Member changed) {
        Member after = changed;
        boolean isNews = before.status() != changed.status();
        if (isNews) {
            after = changed.since(now());
            after = after.isUp() ? warmingUp(after) : after;
        }
        BackendStatusChanged event =
                new BackendStatusChanged(after.backend(), before.status(), after.status(), after.reason());
        publish(snapshot.with(after));
        if (isNews) {
            announcer.statusChanged(event, snapshot.census().up(), ids.size());
            tellIfLost(after);
        }
    }

    /** Who has no connection is passed over: ten thousand may go down one after the other, and each costs a look at all. */
    private void tellIfLost(Member changed) {
        BackendStatus status = changed.status();
        boolean isLost = status == BackendStatus.DOWN || status == BackendStatus.EJECTED;
        if (isLost && snapshot.census().eligible() > 0 && changed.place().activeConnections() > 0) {
            try {
                lost.accept(changed.place());
            } catch (Throwable exhausted) {
                // Then attempts go on until their time is up. What else is to follow from the change must follow.
            }
        }
    }

    // What needs memory comes first: without it nothing has changed.

    /** Publishes one more member, the last in the order. */
    void add(Member member) {
        PoolSnapshot next = snapshot.withMore(member);
        ids.put(member.backend().id(), member.place());
        publish(next);
    }

    void remove(Member member) {
        PoolSnapshot next = snapshot.without(member);
        ids.remove(member.backend().id());
        publish(next);
    }

    /** Publishes another list of members, all at once. */
    void replace(List<Member> members) {
        PoolSnapshot next = PoolSnapshot.of(members, triesAll(settings));
        Map<String, PooledBackend> nextIds = new HashMap<>();
        members.forEach(member -> nextIds.put(member.backend().id(), member.place()));
        ids = nextIds;
        publish(next);
    }

    private void publish(PoolSnapshot next) {
        PoolSnapshot before = snapshot;
        snapshot = next;
        next.refreshAll(before);
    }

    @Nullable
    Member find(String id) {
        PooledBackend place = ids.get(id);
        return place == null ? null : snapshot.find(place);
    }

    Member get(String id) {
        Member member = find(id);
        if (member == null) {
            throw new NoSuchElementException("backend id: " + id + " (expected: one of "
                    + snapshot.members().stream().map(one -> one.backend().id()).toList() + ")");
        }
        return member;
    }

    /** A new member, on its way to its whole share, if backends warm up. */
    Member newMember(PooledBackend place, Health health) {
        return warmingUp(Member.of(place, health, now()));
    }

    private Member warmingUp(Member member) {
        var time = settings.slowStart();
        long now = now();
        return time == null ? member : member.warmingUp(new WarmUp(now, time.toNanos()), now);
    }
}
