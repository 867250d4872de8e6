package io.lb4j.simulation;

import io.lb4j.LoadBalancer;
import io.lb4j.backend.Backend;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.proxy.DrainResult;
import io.lb4j.proxy.Frontend;
import io.lb4j.proxy.PortRange;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Frontends and pools beside those that a balancer began with: they come and go at any moment, while clients of theirs
 * come as well. Each pool has one backend, whose answer has a length of its own, so that an answer tells the pool.
 */
final class ComingAndGoing {
    private static final int FIRST_PORT = 8001;
    private static final int FRONTENDS = 3;
    private static final int POOLS = 3;
    private static final int REQUEST = 200;
    private static final long SLACK = TimeUnit.MILLISECONDS.toNanos(50);

    /** A frontend that was opened. */
    private static final class Front {
        final int pool;
        final boolean byFunction;
        Frontend frontend;
        boolean ends;
        long endsSince;

        Front(int pool, boolean byFunction) {
            this.pool = pool;
            this.byFunction = byFunction;
        }

        boolean isThere() {
            return frontend != null && !frontend.isClosed();
        }
    }

    /** One who was let in. */
    private record Client(SimPeer peer, Front front, long since, boolean wasPoolThere) {}

    private final Timeline timeline;
    private final SimNet net;
    private final Verdict verdict;
    private final Exits exits;
    private final Front[] fronts = new Front[FRONTENDS];
    private final boolean[] pools = new boolean[POOLS];

    /** When a pool was last closed, for clients of functions that led there. */
    private final long[] closedAt = new long[POOLS];

    private final List<SimPeer> peers = new ArrayList<>();
    private final List<Client> clients = new ArrayList<>();
    private final List<CompletableFuture<DrainResult>> drains = new ArrayList<>();
    private LoadBalancer balancer;
    private int opened;
    private int served;

    /** Of the frontends that come and go, those whose connections an operator had moved. */
    private int moved;

    ComingAndGoing(Timeline timeline, SimNet net, Verdict verdict, Exits exits) {
        this.timeline = timeline;
        this.net = net;
        this.verdict = verdict;
        this.exits = exits;
        Arrays.fill(closedAt, Long.MIN_VALUE);
    }

    /** How many clients had a whole answer. */
    int served() {
        return served;
    }

    /** How many frontends were opened. */
    int opened() {
        return opened;
    }

    void schedule(LoadBalancer running, long seed, long span) {
        balancer = running;
        running.addListener(new LoadBalancerListener() {
            @Override
            public void connectionClosed(ConnectionSummary summary) {
                if (summary.reason() == CloseReason.CLOSED_BY_OPERATOR
                        && summary.frontend().startsWith("f")) {
                    moved++;
                }
            }
        });
        SplittableRandom random = new SplittableRandom(seed);
        int acts = 5 + random.nextInt(40);
        for (int i = 0; i < acts; i++) {
            int act = random.nextInt(8);
            int front = random.nextInt(FRONTENDS);
            int pool = random.nextInt(POOLS);
            int number = random.nextInt(20);
            timeline.after(random.nextLong(span), () -> act(act, front, pool, number));
        }
        int knocks = random.nextInt(60);
        for (int i = 0; i < knocks; i++) {
            int index = i;
            int front = random.nextInt(FRONTENDS);
            timeline.after(random.nextLong(span), () -> connect(index, front));
        }
    }

    // ---- what an operator does

    private void act(int act, int front, int pool, int number) {
        switch (act) {
            case 0, 1, 2 -> addPool(pool);
            case 3, 4, 5 -> open(front, pool, number % 3 == 0);
            case 6 -> end(front, Duration.ofMillis(100L * number));
            default -> closePool(pool);
        }
    }

    private static String nameOf(int pool) {
        return "p" + pool;
    }

    private void addPool(int pool) {
        if (!pools[pool]) {
            exits.twice(() -> {
                if (!isTherePool(pool)) {
                    balancer.pool(nameOf(pool), setup -> setup.backend(
                                    Backend.of("10.3.0." + pool, 9).withId(nameOf(pool)))
                            .noHealthCheck());
                }
            });
            pools[pool] = true;
        }
    }

    private boolean isTherePool(int pool) {
        return exits.look(
                () -> balancer.pools().stream().anyMatch(one -> one.name().equals(nameOf(pool))));
    }

    private void open(int index, int pool, boolean byFunction) {
        Front before = fronts[index];
        boolean isTaken = before != null && exits.look(before::isThere);
        if (isTaken || (!pools[pool] && !byFunction)) {
            requireRefused(() -> listen(index, pool, byFunction), "a place or a pool that is not there was taken");
            return;
        }
        Front front = new Front(pool, byFunction);
        exits.twice(() -> {
            front.frontend = exits.look(() -> find(index));
            if (front.frontend == null) {
                front.frontend = listen(index, pool, byFunction);
            }
        });
        fronts[index] = front;
        opened++;
    }

    /** Of an attempt that failed after it had succeeded. */
    private Frontend find(int index) {
        return balancer.frontends().stream()
                .filter(one -> one.name().equals("f" + index))
                .findFirst()
                .orElse(null);
    }

    private Frontend listen(int index, int pool, boolean byFunction) {
        return balancer.listen("10.0.0.1", PortRange.of(FIRST_PORT + index), frontend -> {
            frontend.name("f" + index);
            if (byFunction) {
                frontend.route(connection -> pools[pool] ? nameOf(pool) : null);
            } else {
                frontend.pool(nameOf(pool));
            }
        });
    }

    private void requireRefused(Runnable wrong, String what) {
        try {
            wrong.run();
            verdict.require(false, what, this);
        } catch (IllegalArgumentException | IllegalStateException | NoSuchElementException refused) {
            return;
        } catch (Error struck) {
            if (!exits.isCauseOf(struck)) {
                throw struck;
            }
        }
    }

    private void end(int index, Duration grace) {
        Front front = fronts[index];
        if (front == null || front.ends || !exits.look(front::isThere)) {
            return;
        }
        front.ends = true;
        front.endsSince = timeline.getAsLong();
        List<CompletableFuture<DrainResult>> drained = new ArrayList<>();
        exits.twice(() -> drained.add(front.frontend.drain(grace)));
        drains.addAll(drained);
        var unused = drained.get(drained.size() - 1).whenComplete((result, failure) -> {
            long took = timeline.getAsLong() - front.endsSince;
            verdict.require(
                    exits.hasStruck() || took <= grace.toNanos() + SLACK, "a frontend drained late, after ns", took);
        });
    }

    private void closePool(int pool) {
        if (!pools[pool]) {
            return;
        }
        boolean isReached = Arrays.stream(fronts)
                .anyMatch(front ->
                        front != null && front.pool == pool && !front.byFunction && exits.look(front::isThere));
        if (isReached) {
            requireRefused(() -> balancer.pool(nameOf(pool)).close(), "a pool was closed that a frontend leads to");
            return;
        }
        // First: a function is not to lead there meanwhile.
        pools[pool] = false;
        closedAt[pool] = timeline.getAsLong();
        exits.twice(() -> {
            if (isTherePool(pool)) {
                balancer.pool(nameOf(pool)).close();
            }
        });
    }

    // ---- clients, and what they find

    private static int answerOf(int pool) {
        return 3000 + 100 * pool;
    }

    private void connect(int number, int index) {
        SimPeer peer = new SimPeer(
                timeline,
                new PeerPlan(
                        List.of(Act.send(REQUEST), Act.of(Act.Kind.FIN)),
                        List.of(Act.of(Act.Kind.READ_TO_END)),
                        16_384,
                        16_384));
        peers.add(peer);
        TcpEnd client = new TcpEnd(timeline, "guest", 16_384, 16_384);
        TcpEnd accepted = new TcpEnd(timeline, "accepted", 16_384, 16_384);
        InetSocketAddress from = new InetSocketAddress("10.201.0.1", 1024 + number);
        net.connectFromOutside(FIRST_PORT + index, from, client, accepted, new SimNet.ConnectAttempt() {
            @Override
            public void established(TcpEnd end) {
                Front front = fronts[index];
                boolean isOpen = front != null && (!front.ends || timeline.getAsLong() - front.endsSince <= moment());
                verdict.require(isOpen, "let in, and the frontend is not there", index);
                clients.add(new Client(peer, front, timeline.getAsLong(), front == null || pools[front.pool]));
                peer.established(end);
            }

            @Override
            public void refused() {
                Front front = fronts[index];
                // A function may lead to every pool there is, and these may all want their ports closed.
                verdict.require(
                        front == null || front.ends || front.byFunction,
                        "refused, and the frontend is there, and does not end",
                        index);
                peer.refused();
            }
        });
    }

    /** How long a port may be open after its end began: what was lost for want of memory is made good by an audit. */
    private long moment() {
        return exits.hasStruck() ? TimeUnit.SECONDS.toNanos(10) : SLACK;
    }

    /** Whether somebody dials a backend of these pools; then it answers, as soon as it has heard all. */
    boolean serves(InetSocketAddress to, SimNet.ConnectAttempt attempt) {
        String host = to.getAddress().getHostAddress();
        if (!host.startsWith("10.3.0.")) {
            return false;
        }
        int pool = Integer.parseInt(host.substring("10.3.0.".length()));
        timeline.after(timeline.moment(), () -> {
            TcpEnd backend = new TcpEnd(timeline, "backend of a pool", 16_384, 16_384);
            TcpEnd engine = new TcpEnd(timeline, "dialled", 16_384, 16_384);
            TcpEnd.connect(backend, engine);
            attempt.established(engine);
            new SimPeer(
                            timeline,
                            new PeerPlan(
                                    List.of(Act.of(Act.Kind.AWAIT_READER), Act.send(answerOf(pool))),
                                    List.of(Act.of(Act.Kind.READ_TO_END)),
                                    16_384,
                                    16_384))
                    .established(backend);
        });
        return true;
    }

    /** His frontend was drained, or the function that leads him has lost its pool. */
    private boolean mayBeReset(Client client) {
        Front front = client.front();
        boolean wasLost = !client.wasPoolThere() || closedAt[front.pool] >= client.since();
        return front.ends || (front.byFunction && wasLost);
    }

    /** When everybody has had the time to end. */
    void judge() {
        int lost = 0;
        for (SimPeer peer : peers) {
            verdict.require(peer.isFinished(), "a client of another frontend never ends", peer);
        }
        for (Client client : clients) {
            long received = client.peer().received();
            if (received == answerOf(client.front().pool)) {
                served++;
                continue;
            }
            verdict.require(
                    received < answerOf(client.front().pool) && client.peer().seen() == SimPeer.End.RESET,
                    "an answer that is not the pool's, of bytes",
                    received);
            lost += mayBeReset(client) ? 0 : 1;
        }
        verdict.require(lost <= moved + (exits.hasStruck() ? 1 : 0), "reset for no reason: clients", lost);
        long there = Arrays.stream(fronts)
                .filter(front -> front != null && !front.ends)
                .count();
        verdict.require(exits.look(() -> balancer.frontends()).size() == 1 + there, "frontends", balancer.frontends());
        for (int pool = 0; pool < POOLS; pool++) {
            verdict.require(isTherePool(pool) == pools[pool], "a pool is there, or not", pool);
        }
        verdict.require(drains.stream().allMatch(CompletableFuture::isDone), "a drain never completes", drains);
    }
}
