package io.lb4j.internal.relay;

import io.lb4j.event.CloseReason;
import io.lb4j.event.Party;
import io.lb4j.internal.loop.Deadline;
import io.lb4j.internal.loop.LoopCounters;
import io.lb4j.internal.relay.Relay.Flow;
import io.lb4j.internal.util.KernelErrors;
import java.io.IOException;
import java.net.SocketException;
import java.nio.channels.SelectionKey;

/** The two directions of a connection, and what one means for the other. Confined to its loop. */
public class RelayPair {
    /*
     * How a relayed connection ends:
     *
     *  - A side that ends its stream (FIN) has it ended towards the other side after its last byte. The other
     *    direction goes on. When both have ended, the sockets are closed.
     *  - A side that is reset: what was read from it is delivered to the other side, down to the kernel of that side,
     *    and then that side is reset. A cut-off stream never looks like a complete one.
     *  - A side that takes no more bytes (a write fails): what it has sent is still read and delivered. If its own
     *    stream turns out to have been ended before, the other side gets the end of stream, else a reset.
     *  - The side that remains may go on sending to nobody; that is read and thrown away for a while (`Linger`),
     *    because closing a socket with unread input resets it and destroys what it has not yet delivered. The while is for
     *    what that side is still owed. A client is reset when its kernel has all it is to get, and it had a moment to
     *    see the end; or a while after the last byte where nobody can tell. A backend may still read what it was sent, and
     *    answer, for as long as that.
     *  - A side that has ended its stream and is still written to may have reset the connection, which is only told to
     *    who writes again: `DeliveryCheck` finds out. As long as it does not know, the stream is not ended, because
     *    afterwards nobody could find out.
     *  - Timeouts, drain deadlines and close() reset both sides.
     */

    final Relayed connection;
    private final RelayLoop loop;
    private final Endpoint client;
    final Relay toBackend;
    final Relay toClient;
    private final Linger linger = new Linger();
    private long lastActivity;
    private Party firstFinished = Party.BALANCER;

    RelayPair(Relayed connection, Endpoint client, Endpoint backend, Throttles throttles) {
        this.connection = connection;
        this.loop = connection.loop();
        this.client = client;
        toBackend = Throttle.relay(throttles.toBackend(), this, client, backend, LoopCounters.BYTES_TO_BACKEND);
        toClient = Throttle.relay(throttles.toClient(), this, backend, client, LoopCounters.BYTES_TO_CLIENT);
        lastActivity = loop.now();
    }

    /** The backend is connected. */
    public void begin() throws IOException {
        toBackend.begin();
        settle();
    }

    /** One of the sockets is ready. */
    public void ready(Endpoint endpoint, int readyOps) throws IOException {
        Relay from = endpoint == client ? toBackend : toClient;
        Relay into = endpoint == client ? toClient : toBackend;
        if ((readyOps & SelectionKey.OP_WRITE) != 0) {
            into.writable();
        }
        if ((readyOps & SelectionKey.OP_READ) != 0) {
            from.readable();
        }
        settle();
    }

    /** When a byte, or the end of a stream, moved last. */
    public long lastActivity() {
        return lastActivity;
    }

    /** Whether the backend spoke last, or nobody has spoken, and all of it has been taken. */
    public boolean isAnswered() {
        return toClient.progressAt() - toBackend.progressAt() >= 0 && !toClient.isPaused() && !toBackend.isPaused();
    }

    /** Whether the client's kernel has all that was written to it, or nobody can tell; it is found out, for the next call. */
    public boolean hasArrived() {
        SocketTableReader table = loop.socketTable();
        return table == null || toClient.bytes() == 0 || toClient.checkDelivery(table);
    }

    public long bytesToBackend() {
        return toBackend.bytes();
    }

    public long bytesToClient() {
        return toClient.bytes();
    }

    /** When the client got its first byte; of no meaning when it got none. */
    public long firstByteAt() {
        return toClient.firstByteAt();
    }

    /** Who ended its stream first. */
    public Party firstFinished() {
        return firstFinished;
    }

    public void release() {
        toBackend.dropPending();
        toClient.dropPending();
    }

    // ---- what the relays say

    /** Bytes have moved, or a stream has ended: the silence begins anew. */
    public void touch() {
        lastActivity = loop.now();
    }

    /** The source has ended its stream. */
    public void sourceFinished(Relay relay) {
        // Of a peer that answers, the end answers what was written in earlier turns too: what it had not read would
        // have
        // made it a reset. With what was written in this turn it may have crossed. What comes later is a farewell, such
        // as a TLS client's close_notify, and nobody minds what becomes of it.
        if (relay.bytes() > 0) {
            if (opposite(relay).progressAt() != loop.now()) {
                relay.source.heard();
            }
            relay.source.saidAll();
        }
        if (firstFinished == Party.BALANCER) {
            firstFinished = relay == toBackend ? Party.CLIENT : Party.BACKEND;
        }
    }

    /** Reading failed: the source is gone, and so is everybody who would have delivered to it. */
    public void sourceLost(Relay relay, IOException failure) {
        touch();
        blame(relay.source, failure);
        relay.source.markReset();
        relay.sourceLost();
        opposite(relay).abandon();
    }

    /** Writing failed: the sink takes nothing more, but what it has sent may still be readable. */
    public void sinkLost(Relay relay, IOException failure) {
        touch();
        blame(relay.sink, failure);
        if (!KernelErrors.isBrokenPipe(failure) && !TlsFailure.isEnd(failure)) {
            relay.sink.markReset();
        }
        relay.abandon();
    }

    private void blame(Endpoint lost, IOException failure) {
        connection.blame(TlsFailure.reason(failure, lost == client), failure);
    }

    private Relay opposite(Relay relay) {
        return relay == toBackend ? toClient : toBackend;
    }

    // ---- what follows from it

    /** The one place that draws conclusions from what happened to the two directions. */
    void settle() throws IOException {
        end(toBackend);
        end(toClient);
        if (toBackend.flow() == Flow.ENDED && toClient.flow() == Flow.ENDED) {
            connection.close(CloseReason.COMPLETED, null);
        } else if (isOver()) {
            connection.abortAsBlamed();
        } else {
            followState();
            lingerNoLongerThanOwed();
            grantLastMoment();
            toBackend.awaitDeliveryBeforeReset();
            toClient.awaitDeliveryBeforeReset();
            updateInterest();
        }
    }

    private void end(Relay relay) {
        if (!mustConfirm(relay)) {
            relay.endWhenFlushed(opposite(relay).flow() == Flow.ENDED);
        }
    }

    /**
     * Whether this would end a stream whose reader has ended its own, was written to since it was heard last, and may be
     * gone by now. A client that has asked, ends its stream and is answered is too ordinary to be suspected of it.
     */
    private boolean mustConfirm(Relay relay) {
        SocketTableReader table = loop.socketTable();
        boolean unsure = relay.sink.isUnanswered()
                && relay.flow() == Flow.ENDING
                && !relay.isPaused()
                && opposite(relay).flow() == Flow.ENDED
                && (relay == toBackend || opposite(relay).bytes() == 0);
        return table != null && unsure && !relay.checkDelivery(table);
    }

    // ---- what is found out about what was written

    /** When to find out more, if nothing happens until then. */
    public long checkAt() {
        if (loop.socketTable() == null || linger.isOn()) {
            return lastActivity + Limits.FOR_EVER;
        }
        return Deadline.earlier(checkAt(toBackend), checkAt(toClient));
    }

    private long checkAt(Relay relay) {
        Relay opposite = opposite(relay);
        return DeliveryCheck.due(relay, opposite.hasEnded(), opposite.progressAt(), stallTimeout());
    }

    /** Finds out what is due. */
    public void check(long now) throws IOException {
        SocketTableReader table = loop.socketTable();
        if (table == null || linger.isOn()) {
            return;
        }
        if (now - checkAt(toBackend) >= 0) {
            toBackend.checkDelivery(table);
        }
        if (now - checkAt(toClient) >= 0) {
            toClient.checkDelivery(table);
        }
    }

    public long stallTimeout() {
        return connection.limits().stallTimeout();
    }

    /** The sink's kernel has reset the connection, and our socket has not been asked since. */
    public void vanished(Relay relay) {
        connection.guarded(() -> {
            sinkLost(relay, new SocketException("Connection reset"));
            settle();
        });
    }

    /** The sink's kernel has taken nothing for a whole stall timeout. */
    public void stalled(Relay relay) {
        connection.timedOut(CloseReason.STALL_TIMEOUT, relay.sink == client ? Party.CLIENT : Party.BACKEND);
    }

    /** Something was found out. */
    public void looked() {
        connection.guarded(this::settle);
    }

    /** Nobody is left to deliver to, all is delivered, or the side that remains has had its time. */
    private boolean isOver() {
        boolean bothLost = toBackend.flow() == Flow.ABANDONED && toClient.flow() == Flow.ABANDONED;
        return bothLost || isDelivered() || (linger.isOn() && (hasChattered() || nobodyRemains()));
    }

    private boolean isDelivered() {
        return (toBackend.lastDelivery().isOver() || toClient.lastDelivery().isOver()) && !deliveryTookLong();
    }

    private boolean deliveryTookLong() {
        return toBackend.lastDelivery() == LastDelivery.OVER_LATE || toClient.lastDelivery() == LastDelivery.OVER_LATE;
    }

    /** The side that remains has sent too much to nobody. While it is owed bytes before a reset, time is its only limit. */
    private boolean hasChattered() {
        boolean owed = toBackend.flow() == Flow.RESETTING || toClient.flow() == Flow.RESETTING;
        return !owed && linger.hasChattered(discarded());
    }

    private long discarded() {
        return toBackend.discarded() + toClient.discarded();
    }

    private boolean nobodyRemains() {
        return !deliveryTookLong() && operations(toBackend, toClient) == 0 && operations(toClient, toBackend) == 0;
    }

    private void grantLastMoment() {
        if (deliveryTookLong()) {
            linger.lastMoment(loop.now());
        }
    }

    private void followState() {
        if (toBackend.flow() == Flow.ABANDONED || toClient.flow() == Flow.ABANDONED) {
            connection.become(ConnectionState.DELIVERING);
            if (!toBackend.isUnfinished() && !toClient.isUnfinished()) {
                linger.begin(toBackend.flow() == Flow.ABANDONED ? toClient : toBackend, discarded());
            }
        } else if (toBackend.flow() != Flow.OPEN) {
            connection.become(ConnectionState.CLIENT_FINISHED);
        } else if (toClient.flow() != Flow.OPEN) {
            connection.become(ConnectionState.BACKEND_FINISHED);
        }
    }

    /** A client whose backend is lost, and that has all it is to get, is not to think that what it sends arrives. */
    private void lingerNoLongerThanOwed() {
        if (linger.isOn()
                && toBackend.flow() == Flow.ABANDONED
                && toClient.flow() == Flow.ENDED
                && (toClient.bytes() == 0 || isKnownToHaveArrived(toClient))) {
            linger.endSeen(toClient.endedAt());
        }
    }

    private boolean isKnownToHaveArrived(Relay relay) {
        SocketTableReader table = loop.socketTable();
        DeliveryCheck check = table != null && relay.checkDelivery(table) ? relay.check() : null;
        return check != null && check.isDelivered();
    }

    /** The only place that decides what a relayed socket waits for. */
    private void updateInterest() throws IOException {
        toBackend.source.interest(loop.selector(), operations(toBackend, toClient));
        toClient.source.interest(loop.selector(), operations(toClient, toBackend));
    }

    private static int operations(Relay from, Relay into) {
        return (from.wantsToRead() ? SelectionKey.OP_READ : 0) | (into.wantsToWrite() ? SelectionKey.OP_WRITE : 0);
    }

    // ---- deadlines

    /** How long the side that remains may go on. */
    Linger linger() {
        return linger;
    }

    /** When one side has taken nothing for too long, if that is before {@code otherwise}. */
    public long stalledAt(long otherwise) {
        return Deadline.earlier(
                otherwise, Deadline.earlier(stalledAt(toBackend, otherwise), stalledAt(toClient, otherwise)));
    }

    /** Who takes nothing, when that time has come. */
    public Party stalledBy(long time) {
        return stalledAt(toClient, Long.MAX_VALUE) == time ? Party.CLIENT : Party.BACKEND;
    }

    private long stalledAt(Relay relay, long otherwise) {
        return relay.isPaused() ? relay.progressAt() + stallTimeout() : otherwise;
    }
}
