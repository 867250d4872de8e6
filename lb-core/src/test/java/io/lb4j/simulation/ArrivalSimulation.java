package io.lb4j.simulation;

import io.lb4j.backend.Backend;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionListener;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.preface.ProxyHeader;
import io.lb4j.preface.ProxyVersion;
import io.lb4j.proxy.ConnectWhen;
import io.lb4j.proxy.ProxyProtocolPolicy.Untrusted;
import io.lb4j.proxy.Route;
import io.lb4j.proxy.TcpProxy;
import io.lb4j.selection.ClientConnection;
import io.lb4j.testing.EventOrder;
import io.lb4j.testing.Insides;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A proxy in virtual time whose clients have to say something first: a header, if they are trusted, and whatever the frontend
 * waits for. What must not be: a backend that is asked for before all of it was said, or for one who said it wrong, or under
 * another address than the one that was said by somebody who may; a byte at a backend that is not the next one of what it is to
 * get; a client who has more time than he may have, or less; a connection that never ends.
 */
final class ArrivalSimulation {
    /** How a client ends when he has said all that he says. */
    enum Then {
        FIN,
        SILENCE,
        RESET
    }

    /**
     * @param said what he says
     * @param preface how much of it is a header, if he is trusted
     * @param whole how much of it he has to say before a backend is chosen; more than he says, if he never says all of it
     * @param wrongAt so much of it is wrong, whatever follows; 0 when nothing is
     * @param source whom the header names; null when nobody
     * @param cuts where what he says is cut into segments
     * @param pause between two segments, in nanoseconds
     */
    record Client(
            long at,
            boolean isTrusted,
            byte[] said,
            int preface,
            int whole,
            int wrongAt,
            InetSocketAddress source,
            List<Integer> cuts,
            long pause,
            Then then) {
        boolean isAllSaid() {
            return wrongAt == 0 && whole <= said.length;
        }
    }

    /** @param out in which version backends are told of clients; null when they are not */
    record Plan(
            long seed,
            int loops,
            Untrusted untrusted,
            ConnectWhen connectWhen,
            ProxyVersion out,
            Duration time,
            int shortTransfers,
            int zeroWrites,
            List<Client> clients) {}

    record Outcome(String objection, Map<CloseReason, Integer> ends, long trace, Exits exits) {}

    private static final long SLACK = TimeUnit.MILLISECONDS.toNanos(50);
    private static final int PORT = 9;
    private static final int BUFFER = 65_536;
    private static final InetSocketAddress HERE = new InetSocketAddress("10.0.0.1", 80);

    /** What became of one client's connection. */
    private static final class Talk {
        final Client client;
        final InetSocketAddress from;
        long acceptedAt = -1;
        int read;
        boolean sawEnd;
        boolean isRouted;
        long heardAllAt = -1;
        SimPeer backend;
        final ByteArrayOutputStream atBackend = new ByteArrayOutputStream();

        Talk(Client client, InetSocketAddress from) {
            this.client = client;
            this.from = from;
        }

        @Override
        public String toString() {
            return client + " from " + from + " read " + read + " of " + client.said().length + " routed " + isRouted;
        }
    }

    private final Plan plan;
    private final SimHost host;
    private final Exits exits;
    private final Verdict verdict;
    private final Timeline timeline;
    private final Map<InetSocketAddress, Talk> byPeer = new HashMap<>();
    private final Map<CloseReason, Integer> ends = new HashMap<>();
    private Talk routed;
    private final TcpProxy proxy;

    private ArrivalSimulation(Plan plan, Exits exits) {
        this.plan = plan;
        this.exits = exits;
        Faults faults = new Faults();
        faults.shortTransfers = plan.shortTransfers();
        faults.zeroWrites = plan.zeroWrites();
        host = new SimHost(plan.seed(), faults, exits, this::dial);
        host.net.witness(new Witness());
        verdict = host.verdict;
        timeline = host.timeline;
        proxy = exits.orNull(this::start);
    }

    /** One of the engine's calls fails as {@code exits} says. */
    static Outcome run(Plan plan, Exits exits) {
        ArrivalSimulation simulation = new ArrivalSimulation(plan, exits);
        if (simulation.proxy != null) {
            simulation.run();
        }
        return new Outcome(simulation.verdict.objection(), simulation.ends, simulation.timeline.trace(), exits);
    }

    private TcpProxy start() {
        return TcpProxy.builder()
                .platform(host.platform())
                .name("sim")
                .listen("10.0.0.1", 80, frontend -> frontend.proxyProtocol(
                                proxies -> proxies.trust("10.200.0.0/16").untrusted(plan.untrusted()))
                        .connectWhen(plan.connectWhen())
                        .proxyTlvs(tlvs -> tlvs.serverName().checksum()))
                .timeouts(timeouts -> timeouts.preface(plan.time()))
                .eventLoops(plan.loops())
                .router(this::route)
                .listener(new FailingListener(exits))
                .listener(new Listener())
                .listener(new EventOrder(what -> verdict.require(false, "events out of order", what)))
                .start();
    }

    // ---- the run

    private void run() {
        long last = 0;
        for (Client client : plan.clients()) {
            last = Math.max(last, client.at() + (client.cuts().size() + 1) * client.pause());
            timeline.after(client.at(), () -> come(client));
        }
        host.runFor(last + 4 * plan.time().toNanos() + TimeUnit.SECONDS.toNanos(20));
        host.clients()
                .forEach(peer -> verdict.require(peer.isFinished() || exits.hasStruck(), "a client never ends", peer));
        verdict.require(proxy.stats().active() == 0, "a connection never ends", proxy.stats());
        if (plan.seed() % 10 == 0) {
            requireNothingHeld();
        }
        byPeer.values().forEach(this::judge);
        host.end(proxy);
    }

    /** What was heard of clients is given back, whatever became of them. */
    private void requireNothingHeld() {
        long held = Insides.bytesHeld(proxy);
        verdict.require(held == 0, "bytes are held for nobody", held);
    }

    private void come(Client client) {
        List<Act> acts = new ArrayList<>();
        int sent = 0;
        for (int cut : client.cuts()) {
            acts.add(Act.send(cut - sent));
            acts.add(Act.pause(Duration.ofNanos(client.pause())));
            sent = cut;
        }
        if (sent < client.said().length) {
            acts.add(Act.send(client.said().length - sent));
        }
        switch (client.then()) {
            case FIN -> acts.add(Act.of(Act.Kind.FIN));
            case RESET -> acts.add(Act.of(Act.Kind.RESET));
            case SILENCE -> acts.add(Act.of(Act.Kind.AWAIT_READER));
        }
        InetSocketAddress from =
                new InetSocketAddress(client.isTrusted() ? "10.200.0.9" : "10.100.0.9", host.nextPort());
        byPeer.put(from, new Talk(client, from));
        host.come(from, acts, BUFFER);
    }

    // ---- backends

    private Route route(ClientConnection connection, List<Route> failed) {
        exits.call(Exit.ROUTER);
        Talk talk = byPeer.get(connection.peerAddress());
        Client client = talk.client;
        verdict.require(
                client.isTrusted() || plan.untrusted() == Untrusted.DIRECT, "a stranger got as far as a backend", talk);
        boolean isLate = (client.then() == Then.SILENCE || talk.sawEnd)
                && plan.connectWhen() == ConnectWhen.CLIENT_HELLO_OR_SILENCE
                && talk.read == client.preface();
        verdict.require(isLate || (client.isAllSaid() && talk.read >= client.whole()), "not all was said", talk);
        InetSocketAddress expected = client.isTrusted() && client.source() != null ? client.source() : talk.from;
        verdict.require(connection.clientAddress().equals(expected), "another address", connection.clientAddress());
        talk.isRouted = true;
        routed = talk;
        Backend backend = Backend.of("10.2.0.1", PORT);
        Backend told = plan.out() == null ? backend : backend.withProxyProtocol(plan.out());
        return failed.isEmpty() ? () -> told : null;
    }

    private void dial(SimSocketChannel channel, InetSocketAddress to, SimNet.ConnectAttempt attempt) {
        Talk talk = routed;
        channel.truth(talk);
        timeline.after(
                timeline.moment(),
                () -> talk.backend = host.answer(attempt, List.of(Act.send(100), Act.of(Act.Kind.FIN)), BUFFER));
    }

    /** What the backend is to get in all, if the client says all that he has to say. */
    private byte[] expected(Talk talk) {
        Client client = talk.client;
        byte[] said =
                Arrays.copyOfRange(client.said(), client.isTrusted() ? client.preface() : 0, client.said().length);
        if (plan.out() == null) {
            return said;
        }
        InetSocketAddress source = client.isTrusted() && client.source() != null ? client.source() : talk.from;
        InetSocketAddress destination = client.isTrusted() && client.source() != null ? ArrivalPlans.DESTINATION : HERE;
        ProxyHeader header = ProxyHeader.of(plan.out(), source, destination);
        Optional<byte[]> name = ArrivalPlans.nameIn(client, plan.connectWhen());
        if (plan.out() == ProxyVersion.V2 && name.isPresent()) {
            header = header.with(io.lb4j.preface.ProxyTlv.of(io.lb4j.preface.ProxyTlv.AUTHORITY, name.get()));
        }
        byte[] told = plan.out() == ProxyVersion.V2 ? header.toBytesWithChecksum() : header.toBytes();
        byte[] all = Arrays.copyOf(told, told.length + said.length);
        System.arraycopy(said, 0, all, told.length, said.length);
        return all;
    }

    // ---- what must not be

    private final class Witness implements SimNet.Witness {
        @Override
        public void accepted(SimSocketChannel channel) {
            Talk talk = byPeer.get(channel.remote());
            talk.acceptedAt = timeline.getAsLong();
            channel.truth(talk);
        }

        @Override
        public void read(SimSocketChannel channel, ByteBuffer into, int size) {
            Talk talk = (Talk) channel.truth();
            if (!talk.from.equals(channel.remote())) {
                into.position(into.position() + size);
                return;
            }
            into.put(talk.client.said(), talk.read, size);
            talk.read += size;
            if (talk.heardAllAt < 0 && talk.read >= talk.client.preface()) {
                talk.heardAllAt = timeline.getAsLong();
            }
        }

        @Override
        public void wrote(SimSocketChannel channel, ByteBuffer bytes) {
            Talk talk = (Talk) channel.truth();
            byte[] written = new byte[bytes.remaining()];
            bytes.get(written);
            if (!talk.from.equals(channel.remote())) {
                talk.atBackend.writeBytes(written);
                byte[] all = talk.atBackend.toByteArray();
                byte[] expected = expected(talk);
                verdict.require(
                        all.length <= expected.length && Arrays.equals(all, Arrays.copyOf(expected, all.length)),
                        "the backend got other bytes than it is to get",
                        talk);
            }
        }

        @Override
        public void ended(SimSocketChannel channel) {
            Talk talk = (Talk) channel.truth();
            talk.sawEnd |= talk.from.equals(channel.remote());
        }
    }

    private void judge(Talk talk) {
        Client client = talk.client;
        boolean sawEnd = talk.backend != null && talk.backend.seen() == SimPeer.End.EOF;
        verdict.require(
                !sawEnd || client.then() != Then.RESET || exits.hasStruck(),
                "a backend thinks that a client who was reset has ended",
                talk);
        boolean isLetIn = client.isTrusted() || plan.untrusted() == Untrusted.DIRECT;
        boolean isServed = isLetIn && client.isAllSaid() && client.then() == Then.FIN && isInTime(client);
        if (isServed && !exits.hasStruck()) {
            verdict.require(
                    talk.atBackend.size() == expected(talk).length,
                    "a client who did all that he has to was not served: " + talk.atBackend.size(),
                    talk);
        }
    }

    /** Each thing that he has to say was said long before its time was over. */
    private boolean isInTime(Client client) {
        return (client.cuts().size() + 1) * client.pause() < plan.time().toNanos() - SLACK;
    }

    private final class Listener implements ConnectionListener {
        @Override
        public void connectionClosed(ConnectionSummary summary) {
            Talk talk = byPeer.get(summary.peerAddress());
            ends.merge(summary.reason(), 1, Integer::sum);
            switch (summary.reason()) {
                case PREFACE_TIMEOUT -> requireLate(talk);
                case PREFACE_INVALID ->
                    verdict.require(
                            talk.client.wrongAt() > 0 || (talk.sawEnd && talk.read < talk.client.whole()),
                            "nothing was wrong",
                            talk);
                case PEER_NOT_TRUSTED ->
                    verdict.require(
                            !talk.client.isTrusted() && plan.untrusted() == Untrusted.REFUSE && talk.read == 0,
                            "he may come in",
                            talk);
                case INTERNAL_ERROR -> verdict.require(exits.hasStruck(), "internal error", summary);
                default -> {}
            }
        }

        /** Of the header and of what follows it, each has the same time. */
        private void requireLate(Talk talk) {
            long now = timeline.getAsLong();
            boolean wantsHeader = talk.client.isTrusted() && talk.client.preface() > 0;
            long since = wantsHeader && talk.heardAllAt >= 0 ? talk.heardAllAt : talk.acceptedAt;
            long late = now - since - plan.time().toNanos();
            verdict.require(talk.read < talk.client.whole(), "he had said all of it", talk);
            verdict.require(late >= 0 && late <= SLACK, "too late or too early by " + late, talk);
        }
    }
}
