package io.lb4j.internal.pool;

import io.lb4j.health.OutlierPolicy;
import io.lb4j.internal.util.Preload;
import io.lb4j.internal.util.Scheduler;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/** Ejects backends for what their connections show, and ends that in time. */
final class Outliers {
    private static final double JITTER = 0.1;

    /** How often a backend was ejected in a series, and when the last of these ejections ended. */
    private record History(int ejections, long endedAt) {}

    private final PoolState state;
    private final Scheduler control;
    private final RandomGenerator random;

    /** Guarded by the pool's lock. */
    private final IdentityHashMap<PooledBackend, History> histories = new IdentityHashMap<>();

    Outliers(PoolState state, Scheduler control, RandomGenerator random) {
        this.state = state;
        this.control = control;
        this.random = random;
        control.audit(this::audit);
        Preload.classes(History.class);
    }

    void connectsFailed(PooledBackend backend, int inARow, Throwable cause) {
        OutlierPolicy policy = state.settings().outliers();
        if (policy != null && inARow % policy.consecutiveFailures() == 0) {
            eject(backend, policy, inARow + " failed connects in a row (" + cause.getMessage() + ")", true);
        }
    }

    void resetEarly(PooledBackend backend, int inARow) {
        OutlierPolicy policy = state.settings().outliers();
        if (policy != null && policy.countEarlyResets() && inARow % policy.consecutiveFailures() == 0) {
            eject(backend, policy, inARow + " connections in a row reset before the first byte", false);
        }
    }

    void endedEarly(PooledBackend backend, int inARow) {
        OutlierPolicy policy = state.settings().outliers();
        if (policy != null && policy.countEarlyEnds() && inARow % policy.consecutiveFailures() == 0) {
            eject(backend, policy, inARow + " connections in a row ended before the first byte", false);
        }
    }

    private void eject(PooledBackend backend, OutlierPolicy policy, String why, boolean forConnects) {
        synchronized (state.lock) {
            PoolSnapshot snapshot = state.snapshot();
            Member member = snapshot.find(backend);
            if (member == null || !mayEject(member, snapshot, policy)) {
                return;
            }
            long nanos = begin(backend, policy);
            String reason = "for " + rounded(TimeUnit.NANOSECONDS.toMillis(nanos)) + " after " + why;
            long now = state.now();
            Ejection ejection = new Ejection(reason, forConnects, now, now + nanos);
            backend.counters().ejected();
            state.change(member, member.with(ejection));
            control.later(() -> timeIsUp(backend, ejection), nanos);
        }
    }

    private static String rounded(long millis) {
        return millis < 1000 ? millis + " ms" : (millis + 500) / 1000 + " s";
    }

    /** Never one of the last that have to be there, and no more than the policy allows. */
    private boolean mayEject(Member member, PoolSnapshot snapshot, OutlierPolicy policy) {
        Census census = snapshot.census();
        int others = census.eligible() - (member.isEligible() ? 1 : 0);
        int all = snapshot.size();
        int needed = state.settings().minimumHealthy().of(census.worthATry());
        return member.isUp()
                && others >= needed
                && (census.ejected() + 1) * 100L <= (long) policy.maxEjectedPercent() * all;
    }

    /** Ends what is over, and nobody said so. */
    private void audit() {
        if (state.snapshot().census().ejected() > 0) {
            synchronized (state.lock) {
                long now = state.now();
                for (Member member : state.snapshot().members()) {
                    Ejection ejection = member.ejection();
                    if (ejection != null && ejection.isOver(now)) {
                        state.change(member, ended(member));
                    }
                }
            }
        }
    }

    private void timeIsUp(PooledBackend backend, Ejection ejection) {
        synchronized (state.lock) {
            Member member = state.snapshot().find(backend);
            if (member != null && ejection.equals(member.ejection())) {
                state.change(member, ended(member));
            }
        }
    }

    // ---- under the lock

    /** How long its next ejection lasts, in nanoseconds, which begins now. */
    private long begin(PooledBackend place, OutlierPolicy policy) {
        long now = state.now();
        History before = histories.get(place);
        long longest = policy.maxEjectionTime().toNanos();
        int ejections = before == null || now - before.endedAt() >= longest ? 1 : before.ejections() + 1;
        long time = Math.min(longest, saturated(policy.ejectionTime(), ejections));
        long jittered = time + (long) (time * JITTER * (2 * random.nextDouble() - 1));
        histories.put(place, new History(ejections, now + jittered));
        return jittered;
    }

    private static long saturated(Duration time, int times) {
        return times > Long.MAX_VALUE / time.toNanos() ? Long.MAX_VALUE : time.toNanos() * times;
    }

    /** The member without its ejection, which ends now, maybe before its time. */
    Member ended(Member member) {
        histories.computeIfPresent(member.place(), (any, history) -> new History(history.ejections(), state.now()));
        member.place().forgetFailures();
        return member.with((Ejection) null);
    }

    void forget(PooledBackend place) {
        histories.remove(place);
    }
}
