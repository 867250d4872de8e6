package io.lb4j.internal.pool;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendStatus;
import io.lb4j.event.BackendStatusChanged;
import io.lb4j.internal.health.Health;
import java.util.Collection;
import java.util.List;
import java.util.NoSuchElementException;
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
    private final Consequences consequences;

    /** Taken before a backend is published, released when it is gone. */
    final Claims claims;

    /** What is known of a backend that was there from the begin, before its first check. Guarded by the lock. */
    private Health initial = Health.unchecked(true, "not checked");

    private final Leader leader;
    private Runnable onOtherCandidates = () -> {};
    private volatile PoolRules settings;
    private volatile PoolSnapshot snapshot;

    PoolState(
            PoolRules settings,
            Announcer announcer,
            BackendIds.OfPool ownIds,
            LongSupplier nanoClock,
            Consequences consequences) {
        this.settings = settings;
        claims = new Claims(ownIds);
        this.announcer = announcer;
        this.consequences = consequences;
        leader = new Leader(consequences);
        this.nanoClock = nanoClock;
        snapshot = PoolSnapshot.of(rules());
    }

    private OfferRules rules() {
        return OfferRules.of(settings, initial.up());
    }

    Health initial() {
        return initial;
    }

    /** Once, before anything else: these are the members, and this is known of one that has not been checked. */
    void begin(List<Member> members, Health unchecked) {
        initial = unchecked;
        snapshot = snapshot.with(rules());
        replace(members, () -> {});
    }

    /** Before anything is published: is called when other backends can be chosen, or the same on other terms. */
    void onOtherCandidates(Runnable task) {
        onOtherCandidates = task;
    }

    PoolRules settings() {
        return settings;
    }

    void settings(PoolRules changed) {
        synchronized (lock) {
            settings = changed;
            publish(snapshot.with(rules()));
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
        if (before.status() == changed.status()) {
            publish(snapshot.with(changed));
            return;
        }
        Member after = beginning(changed);
        BackendStatusChanged event = event(before, after);
        publish(snapshot.with(after));
        announcer.statusChanged(event, snapshot.census().up(), snapshot.size());
        tellIfLost(after);
    }

    /** With a status that it gets now. */
    private Member beginning(Member changed) {
        Member after = changed.since(now());
        return after.isUp() ? warmingUp(after) : after;
    }

    private static BackendStatusChanged event(Member before, Member after) {
        return new BackendStatusChanged(after.backend(), before.status(), after.status(), after.reason());
    }

    /** After it was published. */
    void announce(Member before, Member after) {
        if (before.status() != after.status()) {
            announcer.statusChanged(event(before, after), snapshot.census().up(), snapshot.size());
        }
    }

    /** Who has no connection is passed over: ten thousand may go down one after the other, and each costs a look at all. */
    private void tellIfLost(Member changed) {
        BackendStatus status = changed.status();
        boolean isLost = status == BackendStatus.DOWN || status == BackendStatus.EJECTED;
        if (isLost && snapshot.census().eligible() > 0) {
            consequences.lost(changed.place());
        }
    }

    // What needs memory comes first: without it nothing has changed.

    /** Publishes one more member, the last in the order. */
    void add(Member member) {
        PoolSnapshot next = snapshot.withMore(member);
        claims.put(member);
        publish(next);
    }

    /** Publishes that this one gets no new connections for good; announces nothing. */
    Member leave(Member member) {
        Member leaving = member.leaving(now());
        publish(snapshot.with(leaving));
        return leaving;
    }

    /** Publishes the pool without these, who leave, after it has noted them. */
    void remove(List<Member> leaving, Collection<Member> noted) {
        PoolSnapshot next = snapshot.without(leaving);
        noted.addAll(leaving);
        claims.removeAll(leaving);
        publish(next);
    }

    /** Publishes that one that left is here again, the last in the order; announces nothing. */
    Member comeBack(Member leaving, Backend told) {
        Member back = back(leaving, told);
        PoolSnapshot next = snapshot.without(List.of(leaving)).withMore(back);
        claims.move(leaving, back);
        // Before it can be chosen again: who finds it closed looks again.
        back.place().open(told);
        publish(next);
        return back;
    }

    /** What one that leaves is when a list has it again: what is known of it still holds, but for what operators said. */
    Member back(Member leaving, Backend told) {
        return beginning(leaving.with(told).with(Admin.ENABLED));
    }

    /** Publishes that one that leaves has another id; the one it had stays claimed, for who comes under it. */
    Member rename(Member leaving, Backend renamed) {
        Member after = leaving.with(renamed);
        PoolSnapshot next = snapshot.with(after);
        claims.move(leaving, after);
        publish(next);
        return after;
    }

    /** Publishes another list of members, all at once; before that, when nothing can fail any more, {@code settle} is called. */
    void replace(List<Member> members, Runnable settle) {
        PoolSnapshot next = snapshot.replaced(members);
        claims.replace(members);
        settle.run();
        publish(next);
    }

    private void publish(PoolSnapshot next) {
        PoolSnapshot before = snapshot;
        snapshot = next;
        next.refreshAll(before);
        if (next.candidates() != before.candidates()) {
            onOtherCandidates.run();
            leader.follow(before, next, settings.onRecovery());
        }
        if (next.isOpen() != before.isOpen()) {
            consequences.open(next.isOpen());
        }
    }

    @Nullable
    Member find(String id) {
        return snapshot.find(claims.place(id));
    }

    Member get(String id) {
        Member member = find(id);
        if (member == null) {
            throw new NoSuchElementException("backend id: " + id + " (expected: one of "
                    + snapshot.members().stream().map(one -> one.backend().id()).toList() + ")");
        }
        return member;
    }

    /** One that does not leave. */
    Member present(String id) {
        Member member = get(id);
        if (member.isLeaving()) {
            throw new NoSuchElementException("backend id: " + id + " (expected: not one that was removed)");
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
