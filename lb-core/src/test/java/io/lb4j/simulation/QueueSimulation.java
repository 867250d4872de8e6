package io.lb4j.simulation;

import io.lb4j.LoadBalancer;
import io.lb4j.OnPlatform;
import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendStatus;
import io.lb4j.event.BackendSelected;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionAccepted;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.internal.util.ControlLoop;
import io.lb4j.internal.util.Platform;
import io.lb4j.internal.util.SteppedTask;
import io.lb4j.selection.BackendSelector;
import io.lb4j.stats.QueueStats;
import io.lb4j.testing.EventOrder;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A balancer in virtual time that has fewer places than clients: who comes when all are taken waits. What must not be: a
 * place that is free while somebody waits, one that is taken twice or never again, somebody who is overtaken, or who never
 * ends.
 */
final class QueueSimulation {
    /** What a client is like. */
    enum Kind {
        /** Sends at once. */
        EAGER,
        /** Waits to be spoken to. */
        SILENT,
        /** Sends and ends its stream at once. */
        BRIEF,
        /** Resets the connection after a while, having sent nothing. */
        IMPATIENT,
        /** Resets the connection after a while, having sent something. */
        EAGER_AND_IMPATIENT
    }

    /** @param patience after how long it resets, if it is of that kind; hold: how long the backend takes to answer */
    record Client(long at, Kind kind, long patience, long hold) {}

    /** Something is done to a backend: 0 disables, 1 enables it, more is its limit from then on. */
    record Change(long at, int backend, int what) {}

    /**
     * @param limits of each backend
     * @param timeout of a wait
     * @param maxWaiting 0 for no line
     * @param refusing whether the last backend refuses every connection
     */
    record Plan(
            long seed,
            int loops,
            List<Integer> limits,
            Duration timeout,
            int maxWaiting,
            boolean refusing,
            List<Client> clients,
            List<Change> changes) {}

    record Outcome(String objection, long waited, long trace, Exits exits) {}

    /** What is known of one connection. */
    private static final class Story {
        final int order;
        final SimPeer peer;
        boolean isOver;
        boolean selected;

        Story(int order, SimPeer peer) {
            this.order = order;
            this.peer = peer;
        }

        boolean isDecided() {
            return selected || isOver || peer == null || peer.isAborted();
        }
    }

    private static final long SLACK = TimeUnit.MILLISECONDS.toNanos(60);
    private static final long AUDITED = TimeUnit.MILLISECONDS.toNanos(1_500);
    private static final long TICK = TimeUnit.MILLISECONDS.toNanos(250);
    private static final int PORT = 9;

    private final Plan plan;
    private final Verdict verdict = new Verdict();
    private final Exits exits;
    private final Timeline timeline;
    private final SimNet net;
    private final List<SimLoop> loops = new ArrayList<>();
    private final List<SimControl> controls = new ArrayList<>();
    private final List<Integer> limits;
    private final List<SimPeer> clients = new ArrayList<>();
    private final Map<InetSocketAddress, Integer> byAddress = new HashMap<>();
    private final Map<InetSocketAddress, SimPeer> byClient = new HashMap<>();
    private final List<Long> holds = new ArrayList<>();
    private final Map<Long, Story> stories = new LinkedHashMap<>();
    private final LoadBalancer balancer;
    private long changedAt;
    private long roomSince = -1;
    private long lastHold;

    private QueueSimulation(Plan plan, Exits exits) {
        this.plan = plan;
        this.exits = exits;
        timeline = new Timeline(plan.seed(), plan.seed());
        changedAt = timeline.getAsLong() - TimeUnit.HOURS.toNanos(1);
        limits = new ArrayList<>(plan.limits());
        net = new SimNet(timeline, new Faults(), exits, this::dial);
        balancer = exits.orNull(this::start);
    }

    /** One of the engine's calls fails as {@code exits} says. */
    static Outcome run(Plan plan, Exits exits) {
        QueueSimulation simulation = new QueueSimulation(plan, exits);
        long waited = simulation.balancer == null ? 0 : simulation.run();
        return new Outcome(simulation.verdict.objection(), waited, simulation.timeline.trace(), exits);
    }

    private LoadBalancer start() {
        Platform platform =
                new Platform(net, this::clock, timeline::nextLong, this::thread, new SimWorkers(timeline, exits));
        var builder = OnPlatform.builder(platform)
                .name("sim")
                .listen("10.0.0.1", 80)
                .eventLoops(plan.loops())
                .noHealthCheck()
                .noOutlierDetection()
                .selector(watched(
                        plan.seed() % 2 == 0
                                ? BackendSelector.roundRobin()
                                : BackendSelector.sticky(client -> "" + client.clientAddress())))
                .queue(queue -> queue.timeout(plan.timeout()).maxWaiting(Math.max(1, plan.maxWaiting())))
                .listener(new FailingListener(exits))
                .listener(new Listener())
                .listener(new EventOrder(what -> verdict.require(false, "events out of order", what)));
        if (plan.maxWaiting() == 0) {
            builder.noQueue();
        }
        for (int i = 0; i < limits.size(); i++) {
            byAddress.put(new InetSocketAddress("10.2.0." + i, PORT), i);
            builder.backend(backend(i));
        }
        return builder.start();
    }

    private BackendSelector watched(BackendSelector selector) {
        return (candidates, connection) -> {
            exits.call(Exit.SELECTOR);
            return selector.select(candidates, connection);
        };
    }

    private Backend backend(int index) {
        return Backend.of("10.2.0." + index, PORT).withId("b" + index).withMaxConnections(limits.get(index));
    }

    private long clock() {
        exits.call(Exit.CLOCK);
        return timeline.getAsLong();
    }

    private Thread thread(Runnable body) {
        exits.call(Exit.NEW_THREAD);
        return new Thread(body) {
            @Override
            public void start() {
                exits.call(Exit.START_THREAD);
                if (body instanceof ControlLoop control) {
                    controls.add(new SimControl(control, timeline, net.exits, verdict));
                } else {
                    SimLoop loop = new SimLoop((SteppedTask) body, net, verdict, QueueSimulation.this::afterTurn);
                    loops.add(loop);
                    loop.wake();
                }
            }
        };
    }

    // ---- the run

    private long run() {
        long last = 0;
        for (Client client : plan.clients()) {
            last = Math.max(last, client.at());
            lastHold += client.hold();
            timeline.after(client.at(), () -> come(client));
        }
        for (Change change : plan.changes()) {
            last = Math.max(last, change.at());
            timeline.after(change.at(), () -> change(change));
        }
        tick();
        runFor(last + lastHold + plan.timeout().toNanos() + TimeUnit.SECONDS.toNanos(10));
        requireAllIsOver();
        exits.rest(true);
        probe();
        requireAllIsOver();
        exits.rest(false);
        long waited = exits.look(balancer::stats).queue().waits().total();
        exits.twice(balancer::close);
        runFor(TimeUnit.MINUTES.toNanos(1));
        verdict.require(loops.stream().allMatch(SimLoop::isEnded), "a loop goes on after close", balancer);
        verdict.require(net.openDescriptors() == 0, "descriptors left open", net.openDescriptors());
        verdict.require(net.openPipes() == 0, "pipes left open", net.openPipes());
        return waited;
    }

    private void runFor(long nanos) {
        boolean[] over = new boolean[1];
        timeline.after(nanos, () -> over[0] = true);
        while (!over[0] && !verdict.isGuilty() && timeline.step()) {
            controls.forEach(SimControl::look);
        }
    }

    private void requireAllIsOver() {
        clients.forEach(client -> verdict.require(client.isFinished(), "a client never ends", client));
        verdict.require(queue().waiting() == 0, "somebody waits for ever", queue());
        exits.look(() -> balancer.backends().list())
                .forEach(state -> verdict.require(state.activeConnections() == 0, "a place is lost", state));
    }

    private QueueStats queue() {
        return exits.look(() -> balancer.stats().queue());
    }

    private void come(Client client) {
        List<Act> acts = new ArrayList<>();
        if (client.kind() == Kind.EAGER || client.kind() == Kind.BRIEF || client.kind() == Kind.EAGER_AND_IMPATIENT) {
            acts.add(Act.send(300));
        }
        if (client.kind() == Kind.BRIEF) {
            acts.add(Act.of(Act.Kind.FIN));
        }
        if (client.kind() == Kind.IMPATIENT || client.kind() == Kind.EAGER_AND_IMPATIENT) {
            acts.add(Act.pause(Duration.ofNanos(client.patience())));
            acts.add(Act.of(Act.Kind.RESET));
        }
        connect(acts, client.hold());
    }

    private SimPeer connect(List<Act> acts, long hold) {
        SimPeer peer = new SimPeer(timeline, peer(acts));
        InetSocketAddress from = new InetSocketAddress("10.200.0.1", 1024 + clients.size());
        clients.add(peer);
        byClient.put(from, peer);
        holds.add(hold);
        TcpEnd client = new TcpEnd(timeline, "client", 16_384, 16_384);
        TcpEnd accepted = new TcpEnd(timeline, "accepted", 16_384, 16_384);
        net.connectFromOutside(80, SimNet.ANY_LISTENER, from, client, accepted, peer);
        return peer;
    }

    private static PeerPlan peer(List<Act> writer) {
        return new PeerPlan(writer, List.of(Act.of(Act.Kind.READ_TO_END)), 16_384, 16_384);
    }

    /** Not twice, as an operator would: with an error some of it has been done then. */
    private void change(Change change) {
        changedAt = timeline.getAsLong();
        exits.rest(true);
        if (change.what() <= 1) {
            if (change.what() == 0) {
                balancer.backends().disable("b" + change.backend());
            } else {
                balancer.backends().enable("b" + change.backend());
            }
        } else {
            limits.set(change.backend(), change.what() - 1);
            List<Backend> all = new ArrayList<>();
            for (int i = 0; i < limits.size(); i++) {
                all.add(backend(i));
            }
            balancer.backends().replaceAll(all);
        }
        exits.rest(false);
    }

    /** All places there are can be taken, at a time, and those who are too many come next. */
    private void probe() {
        changedAt = timeline.getAsLong();
        int places = 0;
        for (int i = 0; i < limits.size(); i++) {
            balancer.backends().enable("b" + i);
            places += plan.refusing() && i == limits.size() - 1 ? 0 : limits.get(i);
        }
        List<SimPeer> probes = new ArrayList<>();
        for (int i = 0; i < places; i++) {
            probes.add(connect(List.of(Act.send(1)), plan.timeout().toNanos() / 2));
        }
        runFor(plan.timeout().toNanos() * 2 + TimeUnit.SECONDS.toNanos(2));
        boolean served = plan.maxWaiting() > 0 || !plan.refusing();
        probes.forEach(one -> verdict.require(!served || one.received() == 100, "a new client is not served", one));
    }

    // ---- backends

    private void dial(SimSocketChannel channel, InetSocketAddress to, SimNet.ConnectAttempt attempt) {
        int index = byAddress.get(to);
        long delay = timeline.moment();
        if (plan.refusing() && index == limits.size() - 1) {
            timeline.after(delay, attempt::refused);
        } else {
            timeline.after(delay, () -> establish(attempt));
        }
    }

    private void establish(SimNet.ConnectAttempt attempt) {
        TcpEnd backend = new TcpEnd(timeline, "backend", 16_384, 16_384);
        TcpEnd engine = new TcpEnd(timeline, "dialled", 16_384, 16_384);
        TcpEnd.connect(backend, engine);
        attempt.established(engine);
        long hold = holds.get(timeline.between(0, holds.size() - 1));
        List<Act> acts = List.of(Act.pause(Duration.ofNanos(hold)), Act.send(100), Act.of(Act.Kind.FIN));
        new SimPeer(timeline, peer(acts)).established(backend);
    }

    // ---- what must not be

    private void afterTurn() {
        if (balancer != null && loops.stream().allMatch(SimLoop::isIdle) && !exits.hasStruck()) {
            verdict.require(!hasRoomWhileSomebodyWaits(), "a place is free, and somebody waits", queue());
        }
    }

    /** After an error the audit makes good for what was lost, once a second. */
    private void tick() {
        long now = timeline.getAsLong();
        roomSince = !hasRoomWhileSomebodyWaits() ? -1 : roomSince < 0 ? now : roomSince;
        verdict.require(
                roomSince < 0 || now - roomSince < AUDITED, "a place is free for long, and somebody waits", queue());
        if (!balancer.isClosed()) {
            timeline.after(TICK, this::tick);
        }
    }

    /** Who has failed at a backend waits for others while that one has room. */
    private boolean hasRoomWhileSomebodyWaits() {
        if (plan.refusing() || queue().waiting() == 0) {
            return false;
        }
        return exits.look(() -> balancer.backends().list()).stream()
                .anyMatch(state -> state.status() == BackendStatus.UP
                        && state.activeConnections()
                                < state.backend().maxConnections().orElseThrow());
    }

    private final class Listener implements LoadBalancerListener {
        @Override
        public void connectionAccepted(ConnectionAccepted event) {
            stories.put(event.id(), new Story(stories.size(), byClient.get(event.clientAddress())));
        }

        @Override
        public void backendSelected(BackendSelected event) {
            Story story = stories.get(event.id());
            if (story == null) {
                return;
            }
            story.selected = true;
            exits.look(() -> balancer.backends().list())
                    .forEach(state -> verdict.require(
                            state.activeConnections() <= most(state.backend()), "more connections than places", state));
            if (event.attempt() == 1) {
                long now = timeline.getAsLong();
                stories.values().stream()
                        .filter(other -> other.order < story.order && !other.isDecided())
                        .forEach(other -> timeline.after(SLACK, () -> requireDecided(other, story, now)));
            }
        }

        /** A limit that was lowered holds for those who come. */
        private int most(Backend backend) {
            return plan.changes().isEmpty() ? backend.maxConnections().orElseThrow() : Integer.MAX_VALUE;
        }

        /** His own call comes a moment after, if his loop was busy. */
        private void requireDecided(Story other, Story story, long now) {
            boolean changed = changedAt - (now - SLACK) >= 0;
            verdict.require(
                    other.isDecided() || changed || exits.hasStruck(),
                    "overtaken by " + story.order + ", after ns " + (timeline.getAsLong() - now),
                    other.order + " " + other.peer);
        }

        @Override
        public void connectionClosed(ConnectionSummary summary) {
            Story story = stories.get(summary.id());
            if (story == null) {
                return;
            }
            story.isOver = true;
            long timeout = plan.timeout().toNanos();
            long waited = summary.queueTime().toNanos();
            verdict.require(waited <= timeout + SLACK, "waited too long", summary);
            verdict.require(
                    summary.reason() != CloseReason.QUEUE_TIMEOUT || waited >= timeout, "timed out early", summary);
            verdict.require(
                    summary.reason() != CloseReason.QUEUE_FULL
                            || plan.maxWaiting() < plan.clients().size()
                            || exits.hasStruck(),
                    "the line was not full",
                    summary);
            verdict.require(
                    summary.reason() != CloseReason.INTERNAL_ERROR || exits.hasStruck(), "internal error", summary);
        }
    }
}
