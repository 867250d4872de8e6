package io.lb4j.simulation;

import io.lb4j.LoadBalancer;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionAccepted;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.stats.OpenConnection;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Somebody who looks at the open connections at any moment, and ends one of them now and then. */
final class Onlooker implements LoadBalancerListener {
    private static final int MOST_LOOKS = 20;
    private static final long AT_ONCE = TimeUnit.MILLISECONDS.toNanos(20);

    private final Timeline timeline;
    private final Verdict verdict;
    private final Exits exits;
    private final SplittableRandom random;
    private final Set<Long> open = new HashSet<>();
    private final Set<Long> closed = new HashSet<>();
    private final List<CompletableFuture<?>> asked = new ArrayList<>();
    private int told;
    private int ended;

    Onlooker(long seed, Timeline timeline, Verdict verdict, Exits exits) {
        this.timeline = timeline;
        this.verdict = verdict;
        this.exits = exits;
        random = new SplittableRandom(seed ^ 0x5eed);
    }

    /** At moments of so many nanoseconds from now on. */
    void begin(LoadBalancer balancer, long span) {
        int looks = random.nextInt(MOST_LOOKS);
        for (int i = 0; i < looks; i++) {
            timeline.after(random.nextLong(span), () -> unlessExhausted(() -> look(balancer)));
        }
    }

    /** Somebody whose call fails with the error that was thrown looks another time. */
    private void unlessExhausted(Runnable look) {
        try {
            look.run();
        } catch (Error failed) {
            if (!exits.isCauseOf(failed)) {
                throw failed;
            }
        }
    }

    private void look(LoadBalancer balancer) {
        boolean endsOne = random.nextInt(4) == 0;
        Set<Long> closedBefore = Set.copyOf(closed);
        Set<Long> openBefore = Set.copyOf(open);
        CompletableFuture<List<OpenConnection>> seen = balancer.connections().list();
        asked.add(seen);
        var unused = seen.thenAccept(list -> {
            list.forEach(this::check);
            judge(list.stream().map(OpenConnection::id).toList(), openBefore, closedBefore);
            if (endsOne && !list.isEmpty()) {
                long id = list.get(random.nextInt(list.size())).id();
                timeline.after(random.nextLong(1_000_000), () -> unlessExhausted(() -> end(balancer, id)));
            }
        });
    }

    /** Each loop tells of another moment between the question and now. */
    private void judge(List<Long> listed, Set<Long> openBefore, Set<Long> closedBefore) {
        verdict.require(Set.copyOf(listed).size() == listed.size(), "a connection is listed twice", listed);
        verdict.require(listed.stream().noneMatch(closedBefore::contains), "listed, and not open", listed);
        List<Long> missing = openBefore.stream()
                .filter(id -> open.contains(id) && !listed.contains(id))
                .toList();
        // Those had ended, and their sockets were about to be closed.
        timeline.after(
                AT_ONCE,
                () -> verdict.require(
                        exits.hasStruck() || missing.stream().noneMatch(open::contains),
                        "open, and not listed",
                        missing));
    }

    private void check(OpenConnection one) {
        verdict.require(
                !one.idle().isNegative() && one.idle().compareTo(one.age()) <= 0, "idle for longer than it is", one);
        verdict.require(one.backend() != null || one.bytesToBackend() == 0, "bytes to nobody", one);
    }

    private void end(LoadBalancer balancer, long id) {
        CompletableFuture<Boolean> closed = balancer.connections().close(id);
        asked.add(closed);
        var unused = closed.thenAccept(was -> told += was ? 1 : 0);
    }

    @Override
    public void connectionAccepted(ConnectionAccepted event) {
        open.add(event.id());
    }

    @Override
    public void connectionClosed(ConnectionSummary summary) {
        open.remove(summary.id());
        closed.add(summary.id());
        ended += summary.reason() == CloseReason.CLOSED_BY_OPERATOR ? 1 : 0;
    }

    /** When the balancer has ended. Returns how many connections were ended. */
    int judge() {
        verdict.require(
                exits.hasStruck() || asked.stream().allMatch(CompletableFuture::isDone),
                "a question is not answered",
                asked);
        verdict.require(
                exits.hasStruck() || told == ended, "ended by the operator, and told otherwise", told + ", " + ended);
        return ended;
    }
}
