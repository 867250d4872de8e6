package io.lb4j.simulation;

import io.lb4j.access.AccessRules;
import io.lb4j.access.ClientLimits;
import io.lb4j.backend.Backend;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionListener;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.proxy.Frontend;
import io.lb4j.proxy.FrontendReconfiguration;
import io.lb4j.proxy.Route;
import io.lb4j.proxy.TcpProxy;
import io.lb4j.selection.ClientConnection;
import io.lb4j.testing.EventOrder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A proxy in virtual time that lets in some and not others, and not too many at a time or in a time. What must not be: a
 * backend that is asked for somebody who is denied; a client with more connections, or more often, than he may; more accepted
 * than the rate allows; a place that is lost; somebody who waits for ever.
 */
final class EntrySimulation {
    /** @param address which of the clients; hold: how long his backend takes to answer; resets: he resets after that long */
    record Client(long at, int address, long hold, boolean resets) {}

    /**
     * @param denied which clients may not come in
     * @param most connections of a client at a time; 0 for any number
     * @param rate how often a client may connect in a tenth of a second; 0 for as often as he likes
     * @param maxClients how many clients are remembered
     * @param acceptRate of all, in a second; 0 for any
     * @param refusing whether the backend refuses every other connection
     */
    record Plan(
            long seed,
            int loops,
            Set<Integer> denied,
            int most,
            int rate,
            int maxClients,
            int acceptRate,
            boolean refusing,
            List<Client> clients) {}

    record Outcome(String objection, Map<CloseReason, Integer> ends, long trace, Exits exits) {}

    private static final long SLACK = TimeUnit.SECONDS.toNanos(3);
    private static final Duration RATE_PER = Duration.ofMillis(100);
    private static final int PORT = 9;
    private static final int BUFFER = 16_384;

    private final Plan plan;
    private final SimHost host;
    private final Exits exits;
    private final Verdict verdict;
    private final Timeline timeline;
    private final Map<InetSocketAddress, Client> byClient = new HashMap<>();
    private final List<Long> accepted = new ArrayList<>();
    private final Map<Integer, List<Long>> letIn = new HashMap<>();
    private final Map<Integer, Integer> open = new HashMap<>();
    private final Set<InetSocketAddress> inside = new HashSet<>();
    private final Map<CloseReason, Integer> ends = new HashMap<>();
    private final TcpProxy proxy;
    private int dialled;

    private EntrySimulation(Plan plan, Exits exits) {
        this.plan = plan;
        this.exits = exits;
        host = new SimHost(plan.seed(), new Faults(), exits, (channel, to, attempt) -> dial(attempt));
        verdict = host.verdict;
        timeline = host.timeline;
        host.net.witness(new SimNet.Witness() {
            @Override
            public void accepted(SimSocketChannel channel) {
                accepted.add(timeline.getAsLong());
            }
        });
        proxy = exits.orNull(this::start);
    }

    /** One of the engine's calls fails as {@code exits} says. */
    static Outcome run(Plan plan, Exits exits) {
        EntrySimulation simulation = new EntrySimulation(plan, exits);
        if (simulation.proxy != null) {
            simulation.run();
        }
        return new Outcome(simulation.verdict.objection(), simulation.ends, simulation.timeline.trace(), exits);
    }

    private TcpProxy start() {
        return TcpProxy.builder()
                .platform(host.platform())
                .name("sim")
                .listen("10.0.0.1", 80, frontend -> {
                    frontend.access(rules());
                    if (plan.most() > 0 || plan.rate() > 0) {
                        frontend.clientLimits(this::limits);
                    }
                    if (plan.acceptRate() > 0) {
                        frontend.acceptRate(plan.acceptRate());
                    }
                })
                .eventLoops(plan.loops())
                .router(this::route)
                .listener(new FailingListener(exits))
                .listener(new Listener())
                .listener(new EventOrder(what -> verdict.require(false, "events out of order", what)))
                .start();
    }

    private AccessRules rules() {
        AccessRules.Builder rules = AccessRules.builder();
        plan.denied().forEach(number -> rules.deny(host(number)));
        return rules.build();
    }

    private void limits(ClientLimits.Builder limits) {
        limits.maxClients(plan.maxClients());
        if (plan.most() > 0) {
            limits.maxConnections(plan.most());
        }
        if (plan.rate() > 0) {
            limits.connectRate(plan.rate(), RATE_PER);
        }
    }

    /** Three of one IPv6 prefix are one client: he has the number of the first. */
    private static String host(int number) {
        return number < 3 ? "10.200.0." + (1 + number) : "fd00:0:0:" + number + "::1";
    }

    // ---- the run

    private void run() {
        long last = 0;
        for (Client client : plan.clients()) {
            last = Math.max(last, client.at() + client.hold());
            timeline.after(client.at(), () -> come(client));
        }
        long waiting = plan.acceptRate() == 0
                ? 0
                : TimeUnit.SECONDS.toNanos(plan.clients().size()) / plan.acceptRate();
        host.runFor(last + waiting + TimeUnit.SECONDS.toNanos(20));
        requireAllIsOver();
        exits.rest(true);
        probe();
        exits.rest(false);
        requireRateOfAll();
        requireRateOfEach();
        host.end(proxy);
    }

    private void requireAllIsOver() {
        host.clients().forEach(peer -> verdict.require(peer.isFinished(), "a client never ends", peer));
        verdict.require(proxy.stats().active() == 0, "a connection never ends", proxy.stats());
    }

    private SimPeer come(Client client) {
        List<Act> acts = client.resets()
                ? List.of(Act.send(100), Act.pause(Duration.ofNanos(client.hold())), Act.of(Act.Kind.RESET))
                : List.of(Act.send(100), Act.of(Act.Kind.FIN));
        InetSocketAddress from = new InetSocketAddress(address(client.address()), host.nextPort());
        byClient.put(from, client);
        return host.come(from, acts, BUFFER);
    }

    private static InetAddress address(int number) {
        try {
            return InetAddress.getByName(host(number));
        } catch (java.net.UnknownHostException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** As many as he may have, of a client who had some: all are served if no place of his was lost. */
    private void probe() {
        Frontend frontend = proxy.frontends().get(0);
        frontend.reconfigure(FrontendReconfiguration::noAcceptRate);
        frontend.reconfigure(change -> change.access(AccessRules.allowAll()));
        List<SimPeer> probes = new ArrayList<>();
        int each = plan.most() > 0 ? plan.most() : 2;
        each = plan.rate() > 0 ? Math.min(each, plan.rate()) : each;
        int clients = Math.min(5, plan.most() > 0 || plan.rate() > 0 ? plan.maxClients() : 5);
        for (int address = 0; address < clients; address++) {
            for (int i = 0; i < each; i++) {
                probes.add(come(new Client(0, address, TimeUnit.SECONDS.toNanos(1), false)));
            }
        }
        dialled = plan.refusing() ? Integer.MIN_VALUE : 0;
        host.runFor(SLACK);
        probes.forEach(probe -> verdict.require(probe.received() == 100, "a place is lost", probe));
        requireAllIsOver();
    }

    // ---- backends

    private Route route(ClientConnection connection, List<Route> failed) {
        exits.call(Exit.ROUTER);
        Client client = byClient.get(connection.clientAddress());
        verdict.require(
                !plan.denied().contains(client.address()) || isProbing(),
                "a denied client got as far as a backend",
                client);
        if (inside.add(connection.clientAddress())) {
            letIn.computeIfAbsent(client.address(), any -> new ArrayList<>()).add(timeline.getAsLong());
            int now = open.merge(client.address(), 1, Integer::sum);
            verdict.require(
                    plan.most() == 0 || now <= plan.most(), "more connections than he may have: " + now, client);
        }
        return failed.isEmpty() ? () -> Backend.of("10.2.0.1", PORT) : null;
    }

    private boolean isProbing() {
        return proxy.frontends().get(0).config().entry().access().isAllowingAll();
    }

    private void dial(SimNet.ConnectAttempt attempt) {
        dialled++;
        if (plan.refusing() && dialled > 0 && dialled % 2 == 0) {
            timeline.after(timeline.moment(), attempt::refused);
        } else {
            timeline.after(timeline.moment(), () -> establish(attempt));
        }
    }

    private void establish(SimNet.ConnectAttempt attempt) {
        List<Client> all = plan.clients();
        long hold = all.get(timeline.between(0, all.size() - 1)).hold();
        host.answer(attempt, List.of(Act.pause(Duration.ofNanos(hold)), Act.send(100), Act.of(Act.Kind.FIN)), BUFFER);
    }

    // ---- what must not be

    /** Of a call that fails the engine may have taken a slot for nobody, never one too few. */
    private void requireRateOfAll() {
        if (plan.acceptRate() > 0) {
            long interval = (TimeUnit.SECONDS.toNanos(1) + plan.acceptRate() - 1) / plan.acceptRate();
            int beforeProbe = Math.min(plan.clients().size(), accepted.size());
            requireRate(accepted.subList(0, beforeProbe), Math.max(1, plan.acceptRate() / 10), interval);
        }
    }

    private void requireRateOfEach() {
        // Who was forgotten because there were too many may come again.
        if (plan.rate() > 0 && plan.maxClients() > 10) {
            letIn.values().forEach(times -> requireRate(times, plan.rate(), RATE_PER.toNanos() / plan.rate()));
        }
    }

    /** A loop looks at the clock once a turn: what it lets in then may be told a moment later. */
    private void requireRate(List<Long> times, int burst, long interval) {
        for (int from = 0; from < times.size(); from++) {
            for (int to = from + burst; to < times.size(); to++) {
                long took = times.get(to) - times.get(from) + TimeUnit.MILLISECONDS.toNanos(1);
                verdict.require(
                        took >= (to - from + 1 - burst) * interval,
                        "too many in a time: " + (to - from + 1) + " in ns " + took,
                        times);
            }
        }
    }

    private final class Listener implements ConnectionListener {
        @Override
        public void connectionClosed(ConnectionSummary summary) {
            Client client = byClient.get(summary.clientAddress());
            ends.merge(summary.reason(), 1, Integer::sum);
            if (inside.remove(summary.clientAddress())) {
                open.merge(client.address(), -1, Integer::sum);
            }
            boolean isDenied = plan.denied().contains(client.address()) && !isProbing();
            verdict.require(
                    isDenied == (summary.reason() == CloseReason.ACCESS_DENIED) || exits.hasStruck(),
                    "denied, or not",
                    summary);
            verdict.require(
                    summary.reason() != CloseReason.CLIENT_LIMIT || plan.most() > 0 || plan.rate() > 0,
                    "no limit",
                    summary);
            verdict.require(summary.reason() != CloseReason.CLIENT_RATE || plan.rate() > 0, "no rate", summary);
            verdict.require(
                    summary.reason() != CloseReason.INTERNAL_ERROR || exits.hasStruck(), "internal error", summary);
        }
    }
}
