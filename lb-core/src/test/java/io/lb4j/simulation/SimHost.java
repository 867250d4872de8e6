package io.lb4j.simulation;

import io.lb4j.internal.util.Platform;
import io.lb4j.internal.util.SteppedTask;
import io.lb4j.proxy.TcpProxy;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What a proxy in virtual time runs on, and clients that come from outside. */
final class SimHost {
    private static final int MOST_EVENTS = 10_000_000;

    final Exits exits;
    final Verdict verdict = new Verdict();
    final Timeline timeline;
    final SimNet net;
    private final List<SimLoop> loops = new ArrayList<>();
    private final List<SimPeer> clients = new ArrayList<>();
    private Runnable always = () -> {};
    private Runnable whenIdle = () -> {};

    SimHost(long seed, Faults faults, Exits exits, SimNet.Outside outside) {
        this.exits = exits;
        timeline = new Timeline(seed, seed * 7919);
        net = new SimNet(timeline, faults, exits, outside);
    }

    Platform platform() {
        return new Platform(net, this::clock, timeline::nextLong, this::thread, new SimWorkers(timeline, exits));
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
                SimLoop loop = new SimLoop((SteppedTask) body, net, verdict, SimHost.this::afterTurn);
                loops.add(loop);
                loop.wake();
            }
        };
    }

    /**
     * From now on this is done after every turn of a loop.
     *
     * @param whenIdle if all loops wait for something to happen
     */
    void afterTurns(Runnable always, Runnable whenIdle) {
        this.always = always;
        this.whenIdle = whenIdle;
    }

    private void afterTurn() {
        always.run();
        if (loops.stream().allMatch(SimLoop::isIdle)) {
            whenIdle.run();
        }
    }

    /** Until there is nothing that can happen. */
    void runToTheEnd() {
        while (!verdict.isGuilty() && timeline.step()) {
            verdict.require(timeline.happened() < MOST_EVENTS, "no end of events", timeline.happened());
        }
    }

    void runFor(long nanos) {
        boolean[] over = new boolean[1];
        timeline.after(nanos, () -> over[0] = true);
        while (!over[0] && !verdict.isGuilty() && timeline.step()) {
            verdict.require(timeline.happened() < MOST_EVENTS, "no end of events", timeline.happened());
        }
    }

    /** All who have come so far. */
    List<SimPeer> clients() {
        return clients;
    }

    /** The port that the next one connects from. */
    int nextPort() {
        return 1025 + clients.size();
    }

    /** One who does this connects to port 80 now, and reads to the end. */
    SimPeer come(InetSocketAddress from, List<Act> acts, int buffer) {
        SimPeer client = new SimPeer(timeline, reading(acts, buffer));
        clients.add(client);
        TcpEnd end = new TcpEnd(timeline, "client", buffer, buffer);
        TcpEnd accepted = new TcpEnd(timeline, "accepted", buffer, buffer);
        net.connectFromOutside(80, SimNet.ANY_LISTENER, from, end, accepted, client);
        return client;
    }

    /** A backend that does this, and reads to the end, answers this attempt. */
    SimPeer answer(SimNet.ConnectAttempt attempt, List<Act> acts, int buffer) {
        TcpEnd backend = new TcpEnd(timeline, "backend", buffer, buffer);
        TcpEnd engine = new TcpEnd(timeline, "dialled", buffer, buffer);
        TcpEnd.connect(backend, engine);
        attempt.established(engine);
        SimPeer peer = new SimPeer(timeline, reading(acts, buffer));
        peer.established(backend);
        return peer;
    }

    private static PeerPlan reading(List<Act> acts, int buffer) {
        return new PeerPlan(acts, List.of(Act.of(Act.Kind.READ_TO_END)), buffer, buffer);
    }

    /** The proxy is closed, and leaves nothing. */
    void end(TcpProxy proxy) {
        exits.twice(proxy::close);
        runFor(TimeUnit.MINUTES.toNanos(1));
        verdict.require(loops.stream().allMatch(SimLoop::isEnded), "a loop goes on after close", proxy);
        verdict.require(net.openDescriptors() == 0, "descriptors left open", net.openDescriptors());
    }
}
