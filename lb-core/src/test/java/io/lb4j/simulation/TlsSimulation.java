package io.lb4j.simulation;

import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionListener;
import io.lb4j.event.ConnectionOpened;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.proxy.DrainResult;
import io.lb4j.proxy.Route;
import io.lb4j.proxy.TcpProxy;
import io.lb4j.selection.ClientConnection;
import io.lb4j.simulation.Conversation.Attempt;
import io.lb4j.simulation.TlsPlan.BackendPlan;
import io.lb4j.simulation.TlsPlan.Incident;
import io.lb4j.simulation.TlsPlan.Side;
import io.lb4j.testing.Insides;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A proxy in virtual time that speaks TLS with clients and backends, or not, each of which speaks it by an engine of its
 * own, or not. {@link TlsOracles} say what must not be.
 */
final class TlsSimulation {
    record Outcome(
            @Nullable String objection, Map<CloseReason, Integer> ends, long trace, int connections, Exits exits) {}

    private static final int MOST_ATTEMPTS = 8;

    private final TlsPlan plan;
    private final SimHost host;
    private final Exits exits;
    private final Verdict verdict;
    private final Timeline timeline;
    private final List<Conversation> conversations = new ArrayList<>();
    private final Map<InetSocketAddress, Conversation> byClient = new HashMap<>();
    private final Map<CloseReason, Integer> ends = new HashMap<>();
    private final List<CompletionStage<DrainResult>> drains = new ArrayList<>();
    private final TlsPeers peers;
    private final TlsProxy ours;
    private final TlsOracles oracles;
    private final TcpProxy proxy;

    private TlsSimulation(TlsPlan plan, Exits exits) {
        this.plan = plan;
        this.exits = exits;
        Faults faults = new Faults();
        host = new SimHost(plan.seed(), faults, exits, this::dial);
        verdict = host.verdict;
        timeline = host.timeline;
        peers = new TlsPeers(timeline, verdict);
        oracles = new TlsOracles(plan, host, conversations);
        ours = new TlsProxy(plan, host, conversations);
        proxy = exits.orNull(() -> ours.start(this::route, new Listener()));
        plan.chances().applyTo(faults);
        host.net.witness(new WireWitness(timeline, byClient));
        host.afterTurns(oracles::afterTurn, oracles::whileLoopsWait);
    }

    /** One of the engine's calls fails as {@code exits} says. */
    static Outcome run(TlsPlan plan, Exits exits) {
        TlsSimulation simulation = new TlsSimulation(plan, exits);
        if (simulation.proxy != null) {
            simulation.run();
        }
        return new Outcome(
                simulation.verdict.objection(),
                simulation.ends,
                simulation.timeline.trace(),
                plan.talks().size(),
                exits);
    }

    // ---- the run

    private void run() {
        for (int i = 0; i < plan.talks().size(); i++) {
            plan(i);
        }
        for (Incident incident : plan.incidents()) {
            timeline.after(incident.at(), () -> happen(incident));
        }
        host.runToTheEnd();
        if (verdict.isGuilty()) {
            return;
        }
        oracles.nothingMoreHappens();
        verdict.require(proxy.stats().active() == 0, "a connection never ends", proxy.stats());
        if (plan.seed() % 3 == 0) {
            requireNothingHeld();
        }
        verdict.require(
                drains.stream().allMatch(drain -> drain.toCompletableFuture().isDone()),
                "a drain never completes",
                drains);
        if (!verdict.isGuilty()) {
            oracles.closing();
            host.end(proxy);
        }
    }

    private void requireNothingHeld() {
        List<String> budgets = Insides.of(proxy).stream()
                .filter(line -> line.startsWith("BufferBudget#"))
                .toList();
        verdict.require(
                budgets.size() == 1 && budgets.get(0).contains("used=0 "), "bytes are held for nobody", budgets);
    }

    private void happen(Incident incident) {
        switch (incident.kind()) {
            case DRAIN -> {
                oracles.draining();
                exits.twice(() -> drains.add(proxy.drain(Duration.ofNanos(incident.amount()))));
            }
            case CLOSE -> {
                oracles.closing();
                exits.twice(proxy::close);
            }
            case SLEEP -> {
                timeline.lose(incident.amount());
                oracles.lost(incident.amount());
            }
            case LEAVE -> onRoute(incident, route -> proxy.abort(route, CloseReason.BACKEND_DRAINED));
            case GIVE_UP -> onRoute(incident, proxy::giveUpAttempts);
        }
    }

    private void onRoute(Incident incident, Consumer<Route> what) {
        int index = (int) incident.amount() % conversations.size();
        List<Attempt> attempts = conversations.get(index).attempts;
        if (!attempts.isEmpty()) {
            exits.twice(() -> what.accept(attempts.get(attempts.size() - 1).route));
        }
    }

    private void plan(int index) {
        Conversation one = peers.client(index, plan.talks().get(index));
        conversations.add(one);
        byClient.put(one.clientAddress, one);
        timeline.after(one.plan.begin(), () -> connect(one));
    }

    private void connect(Conversation one) {
        Side side = one.plan.client();
        PeerPlan script = side.script();
        TcpEnd client = new TcpEnd(timeline, "client", script.buffer(), script.buffer());
        TcpEnd accepted = new TcpEnd(timeline, "accepted", script.engineBuffer(), script.engineBuffer());
        host.net.connectFromOutside(TlsProxy.port(side), one.clientAddress, client, accepted, one.client.peer);
    }

    // ---- backends

    private Route route(ClientConnection connection, List<Route> failed) {
        exits.call(Exit.ROUTER);
        Conversation one = byClient.get(connection.clientAddress());
        int next = one.attempts.size();
        oracles.routing(one);
        if (next == one.plan.backends().size()) {
            return null;
        }
        BackendPlan backend = one.plan.backends().get(next);
        Attempt[] self = new Attempt[1];
        TalkRoute route = new TalkRoute(verdict, exits, ours.place(backend, MOST_ATTEMPTS * one.index + next), () -> {
            oracles.connected(one, self[0]);
            one.relayed = self[0];
        });
        self[0] = new Attempt(backend, route, peers.backend(one, backend));
        one.attempts.add(self[0]);
        return route;
    }

    private void dial(SimSocketChannel channel, InetSocketAddress to, SimNet.ConnectAttempt attempt) {
        byte[] address = to.getAddress().getAddress();
        int number = (address[2] & 255) << 8 | (address[3] & 255);
        Attempt dialled = conversations.get(number / MOST_ATTEMPTS).attempts.get(number % MOST_ATTEMPTS);
        dialled.line.channel = channel;
        channel.truth(dialled.line);
        switch (dialled.plan.dial()) {
            case ACCEPTS -> timeline.after(timeline.moment(), () -> establish(dialled, attempt));
            case REFUSES ->
                timeline.after(timeline.moment(), () -> {
                    dialled.line.peer.refused();
                    attempt.refused();
                });
            default -> dialled.line.peer.refused();
        }
    }

    private void establish(Attempt dialled, SimNet.ConnectAttempt attempt) {
        PeerPlan peer = dialled.plan.side().script();
        TcpEnd backend = new TcpEnd(timeline, "backend", peer.buffer(), peer.buffer());
        TcpEnd engine = new TcpEnd(timeline, "dialled", peer.engineBuffer(), peer.engineBuffer());
        TcpEnd.connect(backend, engine);
        dialled.established = true;
        attempt.established(engine);
        dialled.line.peer.established(backend);
    }

    private final class Listener implements ConnectionListener {
        @Override
        public void connectionOpened(ConnectionOpened event) {
            byClient.get(event.clientAddress()).opened = true;
        }

        @Override
        public void connectionClosed(ConnectionSummary summary) {
            ends.merge(summary.reason(), 1, Integer::sum);
            oracles.closed(byClient.get(summary.clientAddress()), summary);
        }
    }
}
