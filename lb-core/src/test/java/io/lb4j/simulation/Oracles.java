package io.lb4j.simulation;

import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionOpened;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.proxy.DrainResult;
import io.lb4j.proxy.Route;
import io.lb4j.proxy.TcpProxy;
import io.lb4j.selection.ClientConnection;
import io.lb4j.simulation.Talk.Attempt;
import io.lb4j.simulation.Talk.Side;
import io.lb4j.simulation.Talk.Stream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Watches what the engine does while it runs. What a whole connection came to is judged by {@link FinalJudgement}. */
final class Oracles implements SimNet.Witness {
    /** One direction of a connection holds at most one read, and that is at most a loop's buffer. */
    private static final int MOST_HELD = 512 * 1024;

    /** Of a client for whom no backend is connected yet. */
    private static final int MOST_READ_AHEAD = 2 * 1024;

    /** Select takes milliseconds and rounds up; a busy loop is some events late. */
    private static final long SLACK = TimeUnit.MILLISECONDS.toNanos(50);

    /** How long after an error all must be as if it had not been. */
    private static final long HEALED_AFTER = TimeUnit.SECONDS.toNanos(2);

    private final Plan plan;
    private final TcpProxy proxy;
    private final SimNet net;
    private final Verdict verdict;
    private final List<Talk> talks;
    private final Map<InetSocketAddress, Talk> byClient;
    private final FinalJudgement judgement;
    private final Exits exits;
    private final BandwidthOracle bandwidths;

    private int open;
    private int accepted;
    private int closed;
    private long lost;
    private boolean draining;

    /** The drain came before any close: what ends from then on is in its result. */
    private boolean counting;

    private long drainUntil;
    private long drainSpreadFrom;
    private boolean closing;
    private long closedAt;
    private long abortedInDrain;
    private long endedInDrain;

    /** The connection that an injected error struck; only this one may suffer from it. */
    private Talk victim;

    private boolean struck;
    private boolean settled = true;

    Oracles(
            Plan plan,
            TcpProxy proxy,
            SimNet net,
            Verdict verdict,
            List<Talk> talks,
            Map<InetSocketAddress, Talk> byClient) {
        this.plan = plan;
        this.proxy = proxy;
        this.net = net;
        this.verdict = verdict;
        this.talks = talks;
        this.byClient = byClient;
        exits = net.exits;
        bandwidths = new BandwidthOracle(plan.bandwidths(), verdict);
        judgement = new FinalJudgement(plan, verdict);
    }

    private long now() {
        return net.timeline.getAsLong();
    }

    // ---- what the engine does with its sockets

    @Override
    public void accepted(SimSocketChannel channel) {
        accepted++;
        Talk talk = byClient.get(channel.remote());
        talk.acceptedAt = now();
        talk.accepted = new Side(talk, channel, talk.toBackend, talk.toClient);
        channel.truth(talk.accepted);
    }

    @Override
    public void lost(InetSocketAddress client) {
        victim(byClient.get(client));
    }

    @Override
    public void failed(SimSocketChannel channel) {
        if (channel.truth() instanceof Side side) {
            victim(side.talk);
        }
    }

    @Override
    public void read(SimSocketChannel channel, ByteBuffer into, int size) {
        Side side = (Side) channel.truth();
        Stream stream = side.in;
        verdict.require(
                side.talk.relayed != null || stream.read + size <= MOST_READ_AHEAD,
                "much of the client was read before a backend was connected",
                side.talk);
        StreamBytes.put(into, stream.number, stream.read, size);
        stream.read += size;
        stream.progressAt = now();
        side.talk.movedAt = now();
        bandwidths.read(side.talk, stream, size, now(), talks.size());
        if (stream.held() > MOST_HELD) {
            verdict.require(false, "holds " + stream.held() + " bytes of one direction", side.talk);
        }
    }

    @Override
    public void wrote(SimSocketChannel channel, ByteBuffer bytes) {
        Side side = (Side) channel.truth();
        Stream stream = side.out;
        int size = bytes.remaining();
        if (stream.written + size > stream.read || !StreamBytes.match(bytes, stream.number, stream.written)) {
            verdict.require(false, "wrote bytes that are not the stream's next ones", side.talk);
        }
        stream.written += size;
        stream.progressAt = now();
        side.talk.movedAt = now();
    }

    @Override
    public void writeFailed(SimSocketChannel channel) {
        Side side = (Side) channel.truth();
        side.out.sinkLost = true;
        side.talk.movedAt = now();
    }

    @Override
    public void ended(SimSocketChannel channel) {
        Side side = (Side) channel.truth();
        side.sawEnd = true;
        side.sawCleanEnd = channel.end().isFinReceived();
        side.talk.movedAt = now();
        if (!side.sawCleanEnd) {
            // Who was reset takes nothing more either.
            side.out.sinkLost = true;
        }
    }

    // ---- an injected error

    /** Does something for a connection which suffers if that fails. */
    void mayFail(Talk talk, Runnable call) {
        try {
            call.run();
        } catch (Error injected) {
            victim(talk);
            throw injected;
        }
    }

    private void victim(Talk talk) {
        verdict.require(
                victim == null || victim == talk, "one error, and two connections suffer", victim + " and " + talk);
        victim = talk;
    }

    /** An error was thrown since the last turn: it may take a moment until all is as before. */
    private void noticeError() {
        if (exits.hasStruck() && !struck) {
            struck = true;
            settled = false;
            net.timeline.after(HEALED_AFTER, () -> settled = true);
        }
    }

    /** Accepted, and closed before anybody was told of it. */
    private void noticeUnserved(Talk talk) {
        boolean untold = !talk.accepted.channel.isOpen()
                && talk.attempts.isEmpty()
                && proxy.stats().accepted() < accepted;
        if (struck && untold) {
            victim(talk);
            talk.unserved = true;
            accepted--;
        }
    }

    // ---- connecting

    void routing(Talk talk, ClientConnection connection, List<Route> failed) {
        verdict.require(talk.relayed == null, "asked for a route after one was connected", talk);
        verdict.require(
                !talk.accepted.sawEnd || talk.accepted.sawCleanEnd,
                "asked for a route for a client who was seen to be gone",
                talk);
        verdict.require(connection.attempt() == talk.attempts.size() + 1, "wrong attempt", connection.attempt());
        verdict.require(
                failed.equals(
                        talk.attempts.stream().map(attempt -> attempt.route).toList()),
                "wrong list of failed routes",
                failed);
        verdict.require(failed.size() < plan.settings().attempts(), "too many attempts", failed);
    }

    void dialling(Talk talk, Attempt attempt, SimSocketChannel channel) {
        verdict.require(attempt.side == null, "dialled twice", talk);
        verdict.require(talk.relayed == null, "dialled after the relay had begun", talk);
        attempt.side = new Side(talk, channel, talk.toClient, talk.toBackend);
        channel.truth(attempt.side);
    }

    void connected(Talk talk, Attempt attempt) {
        verdict.require(attempt.established, "connected to nobody", talk);
        verdict.require(talk.relayed == null, "connected to a second backend", talk);
        talk.relayed = attempt;
        // If it was seen ahead, it is read once more.
        talk.accepted.sawEnd = false;
        talk.accepted.sawCleanEnd = false;
        talk.accepted.channel.tellEndAgain();
        talk.movedAt = now();
        talk.toBackend.progressAt = now();
        talk.toClient.progressAt = now();
    }

    // ---- what listeners are told

    void opened(Talk talk, ConnectionOpened event) {
        verdict.require(talk.relayed != null && !talk.opened, "opened out of order", talk);
        verdict.require(event.attempts() == talk.attempts.size(), "wrong number of attempts", event);
        talk.opened = true;
    }

    void closed(Talk talk, ConnectionSummary summary) {
        verdict.require(talk.summary == null, "closed twice", talk);
        talk.summary = summary;
        if (exits.isCauseOf(summary.cause())) {
            victim(talk);
        }
        closed++;
        endedInDrain += counting ? 1 : 0;
        checkReason(talk, summary);
    }

    private void checkReason(Talk talk, ConnectionSummary summary) {
        CloseReason reason = summary.reason();
        long shortage = net.faults.shortages;
        switch (reason) {
            case IDLE_TIMEOUT ->
                overdue(talk, talk.movedAt, plan.settings().idleTimeout().toNanos());
            case HALF_CLOSED_TIMEOUT ->
                overdue(talk, talk.movedAt, plan.settings().halfClosedTimeout().toNanos());
            case STALL_TIMEOUT ->
                overdue(talk, stalledSince(talk), plan.settings().stallTimeout().toNanos());
            case CONNECT_FAILED, NO_BACKEND -> verdict.require(talk.relayed == null, "had a backend", talk);
            case LOCAL_SHORTAGE ->
                verdict.require(
                        shortage > 0
                                || talk == victim
                                || talk.attempts.stream().anyMatch(a -> a.plan.dial() == Plan.Dial.NO_PORT),
                        "nothing was short",
                        talk);
            case DRAIN_DEADLINE -> {
                abortedInDrain += counting ? 1 : 0;
                verdict.require(
                        draining && now() - drainSpreadFrom >= 0, "aborted before the last third of the drain", talk);
                soonAfter(drainUntil, talk);
            }
            case BALANCER_CLOSED -> {
                abortedInDrain += counting ? 1 : 0;
                verdict.require(closing, "nobody closed the proxy", talk);
                soonAfter(closedAt, talk);
            }
            case INTERNAL_ERROR ->
                verdict.require(talk == victim, "internal error", Exits.trace(summary.cause()) + "\n" + talk);
            default -> {}
        }
        if (talk.relayed == null) {
            long since =
                    plan.settings().connectTimeout().toNanos() * plan.settings().attempts();
            verdict.require(
                    now() - talk.acceptedAt <= since + lost + SLACK || closing || draining,
                    "connecting took too long",
                    talk);
        }
    }

    private void soonAfter(long time, Talk talk) {
        verdict.require(now() - time <= lost + SLACK, "ended long after it should", talk);
    }

    /** A timeout must fire when its time has come, and not before. */
    private void overdue(Talk talk, long since, long timeout) {
        long late = now() - since - timeout;
        boolean maybeHeldBack = !plan.bandwidths().areNone();
        if (late < -lost || (late > lost + SLACK && !maybeHeldBack)) {
            verdict.require(false, "timed out " + late + " ns after it was due", talk);
        }
        verdict.require(
                !(talk.accepted.sawCleanEnd && talk.relayed.side.sawCleanEnd && nothingHeld(talk)),
                "timed out although both sides had ended",
                talk);
    }

    private static boolean nothingHeld(Talk talk) {
        return talk.toBackend.held() == 0 && talk.toClient.held() == 0;
    }

    private static long stalledSince(Talk talk) {
        boolean up = talk.toBackend.held() > 0;
        boolean down = talk.toClient.held() > 0;
        if (up && down) {
            return talk.toBackend.progressAt - talk.toClient.progressAt < 0
                    ? talk.toBackend.progressAt
                    : talk.toClient.progressAt;
        }
        return up ? talk.toBackend.progressAt : talk.toClient.progressAt;
    }

    // ---- what happens to the whole proxy

    /**
     * The machine, or a guest on a loop, stood still for so long. Deadlines may be that late; and as a loop looks at the
     * clock once a turn, that early for what was done in the same turn after a guest that was slow.
     */
    void lost(long nanos) {
        lost += nanos;
    }

    void draining(long grace) {
        long until = now() + grace;
        long spreadFrom = until - grace / 3;
        drainSpreadFrom = draining && drainSpreadFrom - spreadFrom < 0 ? drainSpreadFrom : spreadFrom;
        drainUntil = draining && drainUntil - until < 0 ? drainUntil : until;
        counting |= !draining && !closing;
        draining = true;
    }

    void closing() {
        closedAt = closing ? closedAt : now();
        closing = true;
    }

    void drained(DrainResult result) {
        verdict.require(result.aborted() == abortedInDrain, "aborted in drain, other than " + abortedInDrain, result);
        verdict.require(
                result.finished() + result.aborted() <= endedInDrain,
                "more ended in drain than " + endedInDrain,
                result);
    }

    // ---- after every turn of a loop: what happens elsewhere changes nothing in the engine

    void afterTurn() {
        noticeError();
        long active = proxy.stats().active();
        open = 0;
        for (Talk talk : talks) {
            if (struck && talk.accepted != null && talk.summary == null && !talk.unserved) {
                noticeUnserved(talk);
            }
            if (talk.accepted != null && talk.summary == null && !talk.unserved) {
                open++;
                checkInterest(talk);
            }
        }
        if (active != open) {
            verdict.require(false, active + " connections are active, but open are", open);
        }
        verdict.require(
                plan.settings().maxConnections() == 0 || open <= plan.settings().maxConnections(),
                "too many open",
                open);
        boolean drainIsOver = draining && now() - drainUntil > lost + SLACK;
        verdict.require(open == 0 || !drainIsOver, "connections after the drain deadline", open);
        int fixed = 2 * plan.settings().loops() + net.listeners().size();
        int descriptors = net.openDescriptors() - net.closingDescriptors();
        if (descriptors > fixed + 2 * open) {
            verdict.require(false, descriptors + " descriptors for so many connections", open);
        }
    }

    private void checkInterest(Talk talk) {
        int client = talk.accepted.channel.interest();
        if (talk.relayed == null) {
            verdict.require(client == 0, "a client is listened to while its backend is found", talk);
        } else if (talk.isRelaying()) {
            checkInterest(talk, talk.accepted, client);
            checkInterest(talk, talk.relayed.side, talk.relayed.side.channel.interest());
        }
    }

    private void checkInterest(Talk talk, Side side, int interest) {
        boolean reads = (interest & SelectionKey.OP_READ) != 0;
        boolean writes = (interest & SelectionKey.OP_WRITE) != 0;
        verdict.require((interest & SelectionKey.OP_CONNECT) == 0, "waits to connect although connected", talk);
        verdict.require(!(reads && side.sawEnd), "waits to read after the end", talk);
        verdict.require(!(reads && side.in.held() > 0), "waits to read while bytes are held", talk);
        verdict.require(
                !(writes && side.out.held() == 0 && !side.channel.end().isShrunk()), "waits to write nothing", talk);
    }

    /** A listening socket is closed: at a drain, not before those who wait are let in. */
    @Override
    public void listenerClosed(int waiting) {
        boolean couldLetThemIn = !closing && !plan.hasLimits() && net.faults.shortages == 0 && !exits.hasStruck();
        verdict.require(waiting == 0 || !couldLetThemIn, "clients in the backlog are reset by a drain", waiting);
    }

    /** Every loop waits: then nothing is left that could be done. */
    void whileLoopsWait(boolean forEver) {
        if (!settled) {
            return;
        }
        verdict.require(
                net.closingDescriptors() == 0, "closed sockets keep their descriptors", net.closingDescriptors());
        boolean nothingToWaitFor = open == 0 && !draining && net.faults.shortages == 0 && !plan.hasLimits();
        verdict.require(forEver || !nothingToWaitFor, "a deadline of nobody", proxy.stats());
        boolean hasRoom =
                plan.settings().maxConnections() == 0 || open < plan.settings().maxConnections();
        boolean neverShort = net.faults.shortages == 0;
        if (hasRoom && neverShort && !draining && !closing) {
            int waiting =
                    net.listeners().stream().mapToInt(SimServerChannel::waiting).sum();
            verdict.require(waiting == 0, "clients wait although there is room for them", waiting);
        }
        for (Talk talk : talks) {
            if (talk.isRelaying()) {
                verdict.require(
                        !plan.bandwidths().areNone()
                                || talk.accepted.channel.isWatched()
                                || talk.relayed.side.channel.isWatched(),
                        "nobody waits for anything of this connection",
                        talk);
                checkNothingToDo(talk, talk.accepted, talk.relayed.side);
                checkNothingToDo(talk, talk.relayed.side, talk.accepted);
            }
        }
    }

    private void checkNothingToDo(Talk talk, Side source, Side sink) {
        Stream stream = source.in;
        if (stream.sinkLost || sink.channel.end().isResetReceived()) {
            return;
        }
        boolean held = stream.held() > 0;
        verdict.require(!(held && sink.channel.end().isWritable()), "bytes wait although they could be written", talk);
        boolean maybeReadLater = bandwidths.mayWait(stream == talk.toClient);
        verdict.require(
                held || source.sawEnd || maybeReadLater || !source.channel.end().isReadable(),
                "bytes wait to be read",
                talk);
        verdict.require(
                !(!held && source.sawCleanEnd && !sink.channel.end().isFinQueued()), "an end was not passed on", talk);
    }

    // ---- at the end

    /** No event is left, so whatever is not over never will be. */
    void nothingMoreHappens() {
        verdict.require(
                net.closingDescriptors() == 0, "closed sockets keep their descriptors", net.closingDescriptors());
        for (Talk talk : talks) {
            verdict.require(talk.client.isFinished(), "a client never ends", talk);
            verdict.require(
                    talk.accepted == null || talk.summary != null || talk.unserved, "a connection never ends", talk);
            for (Attempt attempt : talk.attempts) {
                verdict.require(!attempt.established || attempt.peer.isFinished(), "a backend never ends", talk);
                verdict.require(attempt.route.wasReleased(), "a route was not released", talk);
            }
            judgement.judge(talk, closing || draining || lost > 0, talk == victim);
        }
        verdict.require(accepted == closed, "accepted " + accepted + ", but closed", closed);
    }

    boolean isServing() {
        return !closing && !draining;
    }

    void closed(boolean loopsEnded) {
        verdict.require(loopsEnded, "a loop goes on after close", proxy);
        verdict.require(proxy.isClosed(), "not closed", proxy);
        verdict.require(net.openDescriptors() == 0, "descriptors left open", net.openDescriptors());
        verdict.require(net.openPipes() == 0, "pipes left open", net.openPipes());
        verdict.require(proxy.stats().active() == 0, "active", proxy.stats().active());
        verdict.require(proxy.stats().accepted() == accepted, "wrong count of accepted", proxy.stats());
        verdict.require(proxy.stats().closedTotal() == closed, "wrong count of closed", proxy.stats());
        verdict.require(proxy.stats().pauses() == proxy.stats().resumes(), "paused and not resumed", proxy.stats());
    }
}
