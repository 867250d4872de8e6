package io.lb4j;

import io.lb4j.event.CloseReason;
import io.lb4j.internal.pool.Announcer;
import io.lb4j.internal.util.Preload;
import io.lb4j.internal.util.Scheduler;
import io.lb4j.proxy.TcpProxy;
import io.lb4j.stats.OpenConnection;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Ends a part of the connections, a few at a time, so that their clients connect anew. Confined to the control thread. */
final class Rebalancing {
    /*
     * A round goes from look to look: it asks for the open connections, ends some of those that have been silent longest,
     * and has a time for the next look. The time is in a field, and what was asked is in another; the tasks that bring
     * either may be missing, and then the audit makes the step.
     */
    private static final int MOST_LOOKS = 100;
    private static final long SHORTEST_STEP = TimeUnit.MILLISECONDS.toNanos(10);

    private final Supplier<@Nullable TcpProxy> proxy;
    private final Scheduler control;
    private final LongSupplier nanoClock;
    private final Announcer announcer;
    private final List<Round> underWay = new CopyOnWriteArrayList<>();

    Rebalancing(Supplier<@Nullable TcpProxy> proxy, Scheduler control, LongSupplier nanoClock, Announcer announcer) {
        this.proxy = proxy;
        this.control = control;
        this.nanoClock = nanoClock;
        this.announcer = announcer;
        Preload.classes(Round.class);
        control.audit(this::audit);
    }

    /**
     * Any thread. Completes with how many were ended.
     *
     * @param backend whose connections; null for those of all
     */
    CompletableFuture<Integer> begin(@Nullable String backend, int percent, Duration over) {
        Round round = new Round(backend, percent, over.toNanos(), nanoClock.getAsLong());
        control.execute(() -> {
            underWay.add(round);
            round.lookIfTime();
        });
        TcpProxy running = proxy.get();
        if (running == null || running.isClosed()) {
            // Nobody may look any more.
            round.result.complete(0);
        }
        return round.result;
    }

    /** Any thread: nothing more will come of those under way. */
    void end() {
        underWay.forEach(round -> round.result.complete(round.reset.get()));
    }

    private void audit() {
        if (underWay.isEmpty()) {
            return;
        }
        for (Round round : underWay) {
            round.answeredIfSo();
            round.lookIfTime();
        }
        underWay.removeIf(round -> round.result.isDone());
    }

    /** One call of {@link #begin}. */
    private final class Round {
        private final CompletableFuture<Integer> result = new CompletableFuture<>();
        private final AtomicInteger reset = new AtomicInteger();
        private final @Nullable String backend;
        private final int percent;
        private final long nanos;
        private final long beganAt;
        private boolean hasBegun;

        /** Those that were open when it began: who came later is one that has moved. */
        private final Set<Long> atFirst = new HashSet<>();

        private long step = SHORTEST_STEP;
        private long nextLookAt;
        private @Nullable CompletableFuture<List<OpenConnection>> asked;

        Round(@Nullable String backend, int percent, long nanos, long now) {
            this.backend = backend;
            this.percent = percent;
            this.nanos = nanos;
            beganAt = now;
            nextLookAt = now;
        }

        void lookIfTime() {
            TcpProxy running = proxy.get();
            if (asked != null || result.isDone() || nanoClock.getAsLong() - nextLookAt < 0) {
                return;
            }
            if (running == null || running.isClosed()) {
                result.complete(reset.get());
                return;
            }
            CompletableFuture<List<OpenConnection>> question = running.openConnections();
            asked = question;
            var unused = question.whenComplete((open, failure) -> control.execute(this::answeredIfSo));
        }

        void answeredIfSo() {
            CompletableFuture<List<OpenConnection>> question = asked;
            if (question == null || !question.isDone()) {
                return;
            }
            asked = null;
            long elapsed = nanoClock.getAsLong() - beganAt;
            // Before anything that can fail: the audit looks once more.
            nextLookAt = beganAt + Math.min(elapsed + step, Math.max(elapsed, nanos));
            if (!question.isCompletedExceptionally()) {
                answered(question.join(), elapsed);
            }
            if (!result.isDone()) {
                control.later(this::lookIfTime, nextLookAt - nanoClock.getAsLong());
            }
        }

        private void answered(List<OpenConnection> all, long elapsed) {
            List<OpenConnection> open = all.stream()
                    .filter(one -> one.backend() != null && (backend == null || Objects.equals(one.backend(), backend)))
                    .filter(one -> !hasBegun || atFirst.contains(one.id()))
                    .sorted(Comparator.comparing(OpenConnection::idle).reversed())
                    .toList();
            if (!hasBegun) {
                open.forEach(one -> atFirst.add(one.id()));
                hasBegun = true;
                begun();
            }
            boolean isLast = elapsed >= nanos;
            long share = isLast ? share() : (long) (share() * ((double) elapsed / nanos));
            Set<Long> chosen = open.stream()
                    .limit(Math.max(0, open.size() - (atFirst.size() - share)))
                    .map(OpenConnection::id)
                    .collect(Collectors.toSet());
            TcpProxy running = proxy.get();
            if (running != null && !chosen.isEmpty()) {
                var unused = running.abort(chosen, CloseReason.REBALANCED).thenAccept(count -> ended(count, isLast));
            } else if (isLast) {
                result.complete(reset.get());
            }
        }

        /** Rounded up: a share of one is one. */
        private long share() {
            return ((long) atFirst.size() * percent + 99) / 100;
        }

        private void begun() {
            step = Math.max(SHORTEST_STEP, nanos / Math.max(1, Math.min(MOST_LOOKS, share())));
            announcer.info("rebalancing: " + share() + " of " + atFirst.size() + " connections"
                    + (backend == null ? "" : " of backend " + backend) + " end within "
                    + Duration.ofNanos(nanos).toMillis() + " ms");
        }

        private void ended(int count, boolean isLast) {
            int total = reset.addAndGet(count);
            if (isLast) {
                result.complete(total);
            }
        }
    }
}
