package io.lb4j.simulation;

import io.lb4j.backend.Backend;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionListener;
import io.lb4j.event.ConnectionOpened;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.internal.util.Platform;
import io.lb4j.internal.util.SteppedTask;
import io.lb4j.proxy.DrainResult;
import io.lb4j.proxy.Route;
import io.lb4j.proxy.TcpProxy;
import io.lb4j.selection.ClientConnection;
import io.lb4j.simulation.Plan.BackendPlan;
import io.lb4j.simulation.Plan.Incident;
import io.lb4j.simulation.Plan.Settings;
import io.lb4j.simulation.Talk.Attempt;
import io.lb4j.testing.EventOrder;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** One run of the real engine after a plan: in virtual time, on one thread, on a simulated network. */
final class Simulation {
    /** What came of a run. Two runs of the same plan have equal outcomes. */
    record Outcome(String objection, int connections, long events, long trace, List<Talk> talks, Exits exits) {
        boolean isViolation() {
            return objection != null;
        }
    }

    /** One that a connection may come from as well: only such a one can be connected to itself. */
    private static final int PORT = 40_000;

    private static final long EVENTS_PER_TALK = 500_000;
    private static final long SLOW_GUEST = TimeUnit.MILLISECONDS.toNanos(300);

    private final Plan plan;
    private final Verdict verdict = new Verdict();
    private final Timeline timeline;
    private final Exits exits;
    private final SimNet net;
    private final List<SimLoop> loops = new ArrayList<>();
    private final List<Talk> talks = new ArrayList<>();
    private final Map<InetSocketAddress, Talk> byClient = new HashMap<>();
    private final List<CompletionStage<DrainResult>> drains = new ArrayList<>();

    // Null when the start failed, as it may with the error that was thrown then.
    private final TcpProxy proxy;
    private final Oracles oracles;

    private Simulation(Plan plan, Exits exits) {
        this.plan = plan;
        this.exits = exits;
        timeline = new Timeline(plan.seed(), plan.settings().startTime());
        Faults faults = new Faults();
        faults.sharesPorts = plan.settings().sharesPort();
        net = new SimNet(timeline, faults, exits, this::dial);
        proxy = exits.orNull(this::start);
        plan.chances().applyTo(faults);
        oracles = proxy == null ? null : new Oracles(plan, proxy, net, verdict, talks, byClient);
        if (oracles != null) {
            net.witness(oracles);
        }
    }

    /** Runs a plan to its end, or to the first thing that must not be. */
    static Outcome run(Plan plan) {
        return run(plan, new Exits(null));
    }

    /** The same, and one of the engine's calls fails as {@code exits} says. */
    static Outcome run(Plan plan, Exits exits) {
        Simulation simulation = new Simulation(plan, exits);
        if (simulation.proxy == null) {
            simulation.judgeFailedStart();
        } else {
            simulation.run();
        }
        return new Outcome(
                simulation.verdict.objection(),
                plan.talks().size(),
                simulation.timeline.happened(),
                simulation.timeline.trace(),
                simulation.talks,
                exits);
    }

    private void judgeFailedStart() {
        runUntilNothingHappens();
        verdict.require(loops.stream().allMatch(SimLoop::isEnded), "a loop goes on after a start that failed", exits);
        verdict.require(net.openDescriptors() == 0, "descriptors left open by a start that failed", exits);
    }

    private TcpProxy start() {
        Settings settings = plan.settings();
        Platform platform = new Platform(net, this::clock, this::random, this::thread, new SimWorkers(timeline, exits));
        var builder = TcpProxy.builder()
                .platform(platform)
                .name("sim")
                .eventLoops(settings.loops())
                .limits(limits -> limits.connectAttempts(settings.attempts()))
                .timeouts(timeouts -> timeouts.connect(settings.connectTimeout())
                        .idle(settings.idleTimeout())
                        .halfClosed(settings.halfClosedTimeout())
                        .stall(settings.stallTimeout()))
                .router(this::route)
                .listener(new FailingListener(exits))
                .listener(new Listener())
                .listener(new EventOrder(what -> verdict.require(false, "events out of order", what)));
        plan.bandwidths().applyTo(builder);
        if (settings.maxConnections() > 0) {
            builder.limits(limits -> limits.connections(settings.maxConnections()));
        }
        return builder.start();
    }

    private long clock() {
        exits.call(Exit.CLOCK);
        return timeline.getAsLong();
    }

    private long random() {
        exits.call(Exit.RANDOM);
        return timeline.nextLong();
    }

    private Thread thread(Runnable body) {
        exits.call(Exit.NEW_THREAD);
        return new SimThread(body);
    }

    /** A thread that is never started: its body becomes events on the timeline. */
    private final class SimThread extends Thread {
        private final Runnable body;

        SimThread(Runnable body) {
            this.body = body;
        }

        @Override
        public void start() {
            exits.call(Exit.START_THREAD);
            SimLoop loop = new SimLoop((SteppedTask) body, net, verdict, Simulation.this::afterTurn);
            loops.add(loop);
            loop.wake();
        }
    }

    // ---- the run

    private void run() {
        for (int i = 0; i < plan.talks().size(); i++) {
            plan(i);
        }
        for (Incident incident : plan.incidents()) {
            timeline.after(incident.at(), () -> happen(incident));
        }
        runUntilNothingHappens();
        net.faults.descriptors = Integer.MAX_VALUE;
        oracles.nothingMoreHappens();
        if (!verdict.isGuilty() && oracles.isServing()) {
            exits.rest(true);
            probe();
            exits.rest(false);
        }
        if (!verdict.isGuilty()) {
            close();
            runUntilNothingHappens();
            oracles.closed(loops.stream().allMatch(SimLoop::isEnded));
            verdict.require(
                    drains.stream()
                            .allMatch(drain -> drain.toCompletableFuture().isDone()),
                    "a drain never completes",
                    drains);
        }
    }

    // ---- new clients, after all the others

    /** As many as there is room for at a time, if that is known, and then one for each listening socket. */
    private void probe() {
        Plan.Chances.NONE.applyTo(net.faults);
        int most = plan.settings().maxConnections();
        probe(most > 0 ? most : 2 * plan.settings().loops(), SimNet.ANY_LISTENER);
        for (int i = 0; i < net.listeners().size(); i++) {
            probe(1, i);
        }
    }

    private void probe(int count, int listener) {
        List<Talk> probes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Talk probe = talk(talks.size(), Probe.TALK);
            probes.add(probe);
            connect(probe, listener);
        }
        timeline.after(Probe.SERVED_AFTER, () -> {
            for (Talk probe : probes) {
                verdict.require(probe.relayed != null, "a new client is not served", probe);
            }
        });
        runUntilNothingHappens();
        for (Talk probe : probes) {
            verdict.require(
                    probe.summary != null && probe.summary.reason() == CloseReason.COMPLETED,
                    "a new client is not served to its end",
                    probe);
        }
        oracles.nothingMoreHappens();
    }

    private void runUntilNothingHappens() {
        long most = timeline.happened() + EVENTS_PER_TALK * (1 + talks.size());
        while (!verdict.isGuilty() && timeline.step()) {
            verdict.require(timeline.happened() < most, "no end of events", timeline.happened());
        }
    }

    private void afterTurn() {
        if (oracles == null) {
            return;
        }
        oracles.afterTurn();
        if (loops.stream().allMatch(SimLoop::isIdle)) {
            oracles.whileLoopsWait(loops.stream().allMatch(SimLoop::waitsForEver));
        }
    }

    private void plan(int index) {
        Talk talk = talk(index, plan.talks().get(index));
        timeline.after(talk.plan.begin(), () -> connect(talk, SimNet.ANY_LISTENER));
    }

    private Talk talk(int index, Plan.TalkPlan talkPlan) {
        InetSocketAddress from = new InetSocketAddress(address("10.200.", index), 1024 + index);
        Talk talk = new Talk(index, talkPlan, from, new SimPeer(timeline, talkPlan.client()));
        talks.add(talk);
        byClient.put(from, talk);
        return talk;
    }

    private void connect(Talk talk, int listener) {
        PeerPlan peer = talk.plan.client();
        TcpEnd client = new TcpEnd(timeline, "client", peer.buffer(), peer.buffer());
        TcpEnd accepted = new TcpEnd(timeline, "accepted", peer.engineBuffer(), peer.engineBuffer());
        net.connectFromOutside(80, listener, talk.clientAddress, client, accepted, talk.client);
    }

    private void happen(Incident incident) {
        switch (incident.kind()) {
            case FEW_DESCRIPTORS -> net.faults.descriptors = net.openDescriptors() + (int) incident.amount();
            case ENOUGH_DESCRIPTORS -> net.faults.descriptors = Integer.MAX_VALUE;
            case SLEEP -> sleep(incident.amount());
            case DRAIN -> drain(Duration.ofNanos(incident.amount()));
            case CLOSE -> close();
        }
    }

    private void sleep(long nanos) {
        timeline.lose(nanos);
        oracles.lost(nanos);
    }

    private void drain(Duration grace) {
        oracles.draining(grace.toNanos());
        exits.twice(() -> {
            CompletionStage<DrainResult> drained = proxy.drain(grace);
            drains.add(drained);
            drained.thenAccept((DrainResult result) -> oracles.drained(result));
        });
    }

    private void close() {
        oracles.closing();
        exits.twice(proxy::close);
    }

    // ---- backends

    /** The address of a backend says whose it is: three bytes for the connection and the attempt. */
    private static InetAddress address(String prefix, int number) {
        try {
            return InetAddress.getByName(prefix + (number >> 8) + "." + (number & 255));
        } catch (UnknownHostException notAnAddress) {
            throw new IllegalStateException(notAnAddress);
        }
    }

    private static String host(BackendPlan backend, int number) {
        return switch (backend.place()) {
            case HERE -> "127.1." + (number >> 8) + "." + (number & 255);
            case THERE -> "10.1." + (number >> 8) + "." + (number & 255);
            case THERE_IPV6 -> "fd00::" + Integer.toHexString(number);
        };
    }

    private Route route(ClientConnection connection, List<Route> failed) {
        Talk talk = byClient.get(connection.clientAddress());
        oracles.routing(talk, connection, failed);
        oracles.mayFail(talk, () -> exits.call(Exit.ROUTER));
        switch (talk.plan.router()) {
            case SLOW -> sleep(SLOW_GUEST);
            case THROWS -> throw new IllegalStateException("a router that throws");
            case REFUSES -> {
                return null;
            }
            case CLOSES_PROXY -> close();
            case DRAINS_PROXY -> drain(Duration.ofMillis(10));
            case GOOD -> {}
        }
        int next = talk.attempts.size();
        if (next == talk.plan.backends().size()) {
            return null;
        }
        BackendPlan backend = talk.plan.backends().get(next);
        Attempt[] self = new Attempt[1];
        TalkRoute route = new TalkRoute(
                verdict,
                exits,
                Backend.of(host(backend, 8 * talk.index + next), PORT),
                () -> oracles.connected(talk, self[0]));
        self[0] = new Attempt(backend, new SimPeer(timeline, backend.peer()), route);
        talk.attempts.add(self[0]);
        return route;
    }

    private void dial(SimSocketChannel channel, InetSocketAddress to, SimNet.ConnectAttempt attempt)
            throws IOException {
        byte[] address = to.getAddress().getAddress();
        int number = (address[address.length - 2] & 255) << 8 | (address[address.length - 1] & 255);
        Talk talk = talks.get(number / 8);
        Attempt dialled = talk.attempts.get(number % 8);
        oracles.dialling(talk, dialled, channel);
        BackendPlan backend = dialled.plan;
        switch (backend.dial()) {
            case NO_PORT -> throw new BindException("Cannot assign requested address");
            case NO_ROUTE -> throw new NoRouteToHostException("No route to host");
            case SILENT -> dialled.peer.refused();
            default -> answer(backend, dialled, attempt);
        }
    }

    /** On one machine the handshake is mostly over when connect returns. */
    private void answer(BackendPlan backend, Attempt dialled, SimNet.ConnectAttempt attempt) {
        Runnable answer = () -> {
            switch (backend.dial()) {
                case ACCEPTS -> establish(dialled, attempt);
                case REFUSES -> attempt.refused();
                default -> attempt.connectedToItself();
            }
        };
        if (backend.dial() != Plan.Dial.ACCEPTS) {
            dialled.peer.refused();
        }
        if (backend.place() == Plan.Place.HERE && backend.delay() == 0 && !timeline.oneIn(8)) {
            answer.run();
        } else {
            timeline.after(backend.delay() + timeline.moment(), answer);
        }
    }

    private void establish(Attempt dialled, SimNet.ConnectAttempt attempt) {
        PeerPlan peer = dialled.plan.peer();
        TcpEnd backend = new TcpEnd(timeline, "backend", peer.buffer(), peer.buffer());
        TcpEnd engine = new TcpEnd(timeline, "dialled", peer.engineBuffer(), peer.engineBuffer());
        TcpEnd.connect(backend, engine);
        dialled.established = true;
        attempt.established(engine);
        dialled.peer.established(backend);
    }

    private final class Listener implements ConnectionListener {
        @Override
        public void connectionOpened(ConnectionOpened event) {
            oracles.opened(byClient.get(event.clientAddress()), event);
            maybeThrow(event.clientAddress());
        }

        @Override
        public void connectionClosed(ConnectionSummary summary) {
            oracles.closed(byClient.get(summary.clientAddress()), summary);
            maybeThrow(summary.clientAddress());
        }

        private void maybeThrow(InetSocketAddress client) {
            if (byClient.get(client).plan.listenerThrows()) {
                throw new AssertionError("a listener that throws");
            }
        }
    }
}
