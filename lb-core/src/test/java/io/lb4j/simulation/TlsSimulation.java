package io.lb4j.simulation;

import io.lb4j.backend.Backend;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionListener;
import io.lb4j.event.ConnectionOpened;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.preface.ClientHello;
import io.lb4j.preface.ProxyHeader;
import io.lb4j.proxy.DrainResult;
import io.lb4j.proxy.Route;
import io.lb4j.proxy.TcpProxy;
import io.lb4j.selection.ClientConnection;
import io.lb4j.simulation.Conversation.Attempt;
import io.lb4j.simulation.Conversation.Line;
import io.lb4j.simulation.TlsPlan.BackendPlan;
import io.lb4j.simulation.TlsPlan.Incident;
import io.lb4j.simulation.TlsPlan.Leg;
import io.lb4j.simulation.TlsPlan.Manner;
import io.lb4j.simulation.TlsPlan.Reception;
import io.lb4j.simulation.TlsPlan.Side;
import io.lb4j.simulation.TlsPlan.TalkPlan;
import io.lb4j.testing.EventOrder;
import io.lb4j.testing.Insides;
import io.lb4j.tls.BackendTls;
import io.lb4j.tls.Truncation;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * A proxy in virtual time that speaks TLS with clients and backends, or not, each of which speaks it by an engine of its own, or
 * not. {@link TlsOracles} say what must not be.
 */
final class TlsSimulation {
    record Outcome(
            @Nullable String objection, Map<CloseReason, Integer> ends, long trace, int connections, Exits exits) {}

    private static final String HERE = "10.0.0.1";
    private static final int PLAIN = 80;
    private static final int TLS = 443;

    /** Where a bare end is an end. */
    private static final int LENIENT_TLS = 444;

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
    private final ToyTls toy;
    private final SSLContext engines;
    private final SSLContext refusing;
    private final SSLContext trusting;
    private final SSLContext distrusting;
    private final TlsOracles oracles;
    private final TcpProxy proxy;

    private TlsSimulation(TlsPlan plan, Exits exits) {
        this.plan = plan;
        this.exits = exits;
        toy = ToyTls.of(plan.seed());
        ToyTls ours = toy.withLargestContent(plan.settings().record()).withReckoning(this::reckon);
        engines = ours.context();
        refusing = ours.refusing().context();
        trusting = ours.context();
        distrusting = ours.distrusting().context();
        Faults faults = new Faults();
        host = new SimHost(plan.seed(), faults, exits, this::dial);
        verdict = host.verdict;
        timeline = host.timeline;
        oracles = new TlsOracles(plan, host, conversations);
        proxy = exits.orNull(this::start);
        plan.chances().applyTo(faults);
        host.net.witness(new Witness());
        host.whenIdle(oracles::whileLoopsWait);
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

    private TcpProxy start() {
        TlsPlan.Settings settings = plan.settings();
        return TcpProxy.builder()
                .platform(host.platform())
                .name("sim")
                .listen(HERE, PLAIN, frontend -> frontend.name("plain"))
                .listen(HERE, TLS, frontend -> frontend.name("tls")
                        .tls(tls -> tls.engines(this::engine).handshakeTimeout(settings.handshake())))
                .listen(HERE, LENIENT_TLS, frontend -> frontend.name("lenient").tls(tls -> tls.engines(this::engine)
                        .handshakeTimeout(settings.handshake())
                        .whenTruncated(Truncation.END)))
                .eventLoops(settings.loops())
                .limits(limits -> {
                    limits.connectAttempts(settings.attempts()).bufferedBytes(settings.bufferedBytes());
                    if (settings.bandwidth() > 0) {
                        limits.bandwidth(
                                all -> all.toBackend(settings.bandwidth()).toClient(settings.bandwidth()));
                    }
                })
                .timeouts(timeouts -> timeouts.preface(settings.preface())
                        .connect(settings.connect())
                        .idle(settings.idle())
                        .halfClosed(settings.halfClosed())
                        .stall(settings.stall()))
                .router(this::route)
                .listener(new FailingListener(exits))
                .listener(new Listener())
                .listener(new EventOrder(what -> verdict.require(false, "events out of order", what)))
                .start();
    }

    /** On a thread of the proxy's. */
    private void reckon() {
        try {
            if (plan.settings().reckoning() > 0) {
                SimWorkers.sleep(timeline.between(0, (int) plan.settings().reckoning()));
            }
        } catch (InterruptedException closed) {
            // It is not asked any more.
        }
    }

    /** The proxy's side of a client's handshake. */
    private SSLEngine engine(ClientHello hello) {
        String name = hello.serverName().orElseThrow();
        Conversation one = conversations.get(Integer.parseInt(name.substring(1, name.indexOf('.'))));
        one.heardAt = timeline.getAsLong();
        if (one.plan.reception() == Reception.HAS_NO_ENGINE) {
            throw new IllegalStateException("no engine for " + name);
        }
        SSLEngine engine = (one.plan.reception() == Reception.REFUSES ? refusing : engines).createSSLEngine();
        engine.setUseClientMode(false);
        return engine;
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
        requireNothingHeld();
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
        TalkPlan talk = plan.talks().get(index);
        InetSocketAddress from = new InetSocketAddress("10.200.0.9", 1025 + index);
        Wire up = new Wire(talk.client().leg().isTls());
        Wire down = new Wire(false);
        ToyEngine engine = engine(talk.client(), talk.client().manner() == Manner.REFUSES ? toy.distrusting() : toy);
        if (engine != null) {
            engine.setUseClientMode(true);
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName("c" + index + ".example")));
            engine.setSSLParameters(parameters);
        }
        Speech speech = new Speech(timeline, verdict, engine, 2 * index, 2 * index + 1, up, down, new byte[0]);
        Speaker client = new Speaker(timeline, verdict, talk.client(), speech);
        Conversation one = new Conversation(index, talk, from, client, down, up);
        conversations.add(one);
        byClient.put(from, one);
        timeline.after(talk.begin(), () -> connect(one));
    }

    private @Nullable ToyEngine engine(Side side, ToyTls speaking) {
        if (!side.leg().isTls()) {
            return null;
        }
        // Another one for each, so that each has another seed.
        ToyTls own = new ToyTls(
                timeline.nextLong(), "*", 500, speaking.refuses(), speaking.trusts(), side.record(), () -> {});
        ToyEngine engine = (ToyEngine) own.context().createSSLEngine();
        engine.setEnabledProtocols(new String[] {side.leg().protocol.name});
        return engine;
    }

    private void connect(Conversation one) {
        Side side = one.plan.client();
        PeerPlan script = side.script();
        int port = side.leg() == Leg.PLAIN ? PLAIN : side.truncation() == Truncation.END ? LENIENT_TLS : TLS;
        TcpEnd client = new TcpEnd(timeline, "client", script.buffer(), script.buffer());
        TcpEnd accepted = new TcpEnd(timeline, "accepted", script.engineBuffer(), script.engineBuffer());
        host.net.connectFromOutside(port, one.clientAddress, client, accepted, one.client.peer);
    }

    // ---- backends

    private Route route(ClientConnection connection, List<Route> failed) {
        exits.call(Exit.ROUTER);
        Conversation one = byClient.get(connection.clientAddress());
        int next = one.attempts.size();
        verdict.require(one.relayed == null, "asked for a route after one was connected", one);
        if (next == one.plan.backends().size()) {
            return null;
        }
        BackendPlan backend = one.plan.backends().get(next);
        Attempt[] self = new Attempt[1];
        TalkRoute route = new TalkRoute(verdict, exits, place(backend, MOST_ATTEMPTS * one.index + next), () -> {
            verdict.require(self[0].established, "connected to nobody", one);
            one.relayed = self[0];
        });
        self[0] = new Attempt(backend, route, line(one, backend));
        one.attempts.add(self[0]);
        return route;
    }

    private Backend place(BackendPlan backend, int number) {
        Backend place = Backend.of("10.1." + (number >> 8) + "." + (number & 255), TLS);
        if (backend.told() != null) {
            place = place.withProxyProtocol(backend.told());
        }
        Side side = backend.side();
        return side.leg().isTls()
                ? place.withTls(BackendTls.of(backend.trusted() ? trusting : distrusting)
                        .whenTruncated(side.truncation()))
                : place;
    }

    private Line line(Conversation one, BackendPlan backend) {
        Side side = backend.side();
        ToyEngine engine = engine(side, side.manner() == Manner.REFUSES ? toy.refusing() : toy);
        if (engine != null) {
            engine.setUseClientMode(false);
        }
        byte[] told = backend.told() == null
                ? new byte[0]
                : ProxyHeader.of(backend.told(), one.clientAddress, one.client.channel.localAddress())
                        .toBytes();
        Wire up = new Wire(false);
        Wire down = new Wire(side.leg().isTls());
        Speech speech = new Speech(timeline, verdict, engine, one.toClient(), one.toBackend(), down, up, told);
        return new Line(one, new Speaker(timeline, verdict, side, speech), up, down);
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

    // ---- what the engine does

    private final class Witness implements SimNet.Witness {
        @Override
        public void accepted(SimSocketChannel channel) {
            Conversation one = byClient.get(channel.remote());
            one.acceptedAt = timeline.getAsLong();
            one.client.channel = channel;
            channel.truth(one.client);
        }

        @Override
        public void read(SimSocketChannel channel, ByteBuffer into, int size) {
            ((Line) channel.truth()).in.take(into, size);
        }

        @Override
        public void wrote(SimSocketChannel channel, ByteBuffer bytes) {
            ((Line) channel.truth()).out.put(bytes.slice());
        }

        @Override
        public void writeFailed(SimSocketChannel channel) {
            ((Line) channel.truth()).writeFailed = true;
        }

        @Override
        public void ended(SimSocketChannel channel) {
            ((Line) channel.truth()).sawEnd = true;
        }
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
