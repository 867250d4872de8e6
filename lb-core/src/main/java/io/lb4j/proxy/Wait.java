package io.lb4j.proxy;

import io.lb4j.event.CloseReason;
import io.lb4j.internal.relay.ConnectionState;
import io.lb4j.internal.relay.Relayed;
import io.lb4j.selection.ClientConnection;
import java.io.IOException;
import java.net.SocketException;
import java.nio.channels.SelectionKey;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** The time one connection spends in the router's line. Confined to its loop, but for {@link #call} and {@link #failed}. */
final class Wait implements Waiter, Relayed.Step {
    /*
     * The client is not read while it waits, but a reset of it should end its wait. Bytes and the end of its stream are no
     * reset, and once they are there the socket is readable for good: interest in reading would have the loop spin, and
     * without any interest the kernel tells nothing. What tells a reset from all that is an interest in OP_CONNECT: on a
     * socket that is connected it is only ever reported for an error or a hang-up. It makes every select return at once,
     * though, because such a socket can be written to. So:
     *
     *  - As long as the client has sent nothing, its socket waits to be read.
     *  - When it is readable, it is looked at: interest in OP_CONNECT for one select, which does not wait.
     *  - One that has sent something is looked at again after each LOOK_AFTER, and when its turn has come, so that nobody
     *    who is gone gets a place.
     */
    private static final long LOOK_AFTER = TimeUnit.SECONDS.toNanos(1);

    private static final int TRIES_TO_WAKE = 3;

    private final ProxyConnection connection;
    private final BackendConnector connector;
    private final EventLoop loop;

    /** Link of {@link Calls}, which owns it. */
    @Nullable
    Wait calledBefore;

    /** Whether it is, or is about to be, among the loop's {@link Calls}. */
    private final AtomicBoolean isAmongCalls = new AtomicBoolean();

    private volatile boolean isItsTurn;

    private @Nullable PlaceInLine place;
    private boolean isInLine;
    private long since;
    private long waited;
    private long timeout;

    /** Whether the client's socket is readable, for all we know. */
    private boolean hasSent;

    private boolean isLookedAt;

    /** The turn of the loop in which the look began: the next select shows what there is. */
    private long lookBegan;

    private long lookAt;

    Wait(ProxyConnection connection, BackendConnector connector) {
        this.connection = connection;
        this.connector = connector;
        loop = connection.loop();
    }

    @Override
    public List<Route> failed() {
        // Written by the loop before it joins the line, under whose lock others read it.
        return connector.failed();
    }

    @Override
    public ClientConnection connection() {
        return connection.story();
    }

    @Override
    public void call() {
        isItsTurn = true;
        goOnSoon();
    }

    /** Has {@link #run} called on the loop. Cannot fail: at worst the loop finds it in its next turn. */
    private void goOnSoon() {
        if (isAmongCalls.compareAndSet(false, true)) {
            loop.inbox().call(this);
        }
        for (int i = 0; i < TRIES_TO_WAKE && !wakeUp(); i++) {
            Thread.onSpinWait();
        }
    }

    private boolean wakeUp() {
        try {
            loop.inbox().wakeUp();
            return true;
        } catch (RuntimeException | Error exhausted) {
            return false;
        }
    }

    // ---- on the loop

    void goOnGuarded() {
        connection.guarded(this);
    }

    boolean isInLine() {
        return isInLine;
    }

    /** All its waits together, in nanoseconds, once it is out of the line. */
    long waited() {
        return waited;
    }

    /** Joins the line, or joins it again; returns false when too many wait. */
    boolean begin() throws IOException {
        Guests guests = loop.context().guests;
        if (place == null) {
            place = guests.join(connection, this);
            if (place == null) {
                return false;
            }
            isInLine = true;
            timeout = place.timeout(connection.limits().connectTimeout());
        } else {
            isInLine = true;
            place.joinAgain();
        }
        since = loop.now();
        connection.become(ConnectionState.WAITING);
        listen();
        return true;
    }

    private void listen() throws IOException {
        lookAt = loop.now() + LOOK_AFTER;
        connection.listenToClient(hasSent ? 0 : SelectionKey.OP_READ);
    }

    /** The client's socket is ready. */
    void clientReady(int readyOps) {
        if (!isInLine) {
            return;
        }
        if ((readyOps & SelectionKey.OP_CONNECT) != 0) {
            connection.abort(CloseReason.CLIENT_RESET, new SocketException("Connection reset"));
        } else if (!isLookedAt) {
            hasSent = true;
            lookAt = loop.now();
            goOnSoon();
        }
    }

    /** Its turn has come, or there is something about the client to be found out. */
    @Override
    public void run() throws IOException {
        isAmongCalls.set(false);
        if (!isInLine || (isLookedAt && loop.turns() == lookBegan)) {
            goOnNextTurn();
            return;
        }
        boolean wasLookedAt = isLookedAt;
        if (isLookedAt) {
            isLookedAt = false;
            listen();
        }
        if (hasSent && !wasLookedAt && (isItsTurn || loop.now() - lookAt >= 0)) {
            look();
        } else if (isItsTurn) {
            isItsTurn = false;
            connector.pick(Objects.requireNonNull(place));
        }
    }

    private void goOnNextTurn() {
        if (isInLine) {
            goOnSoon();
        }
    }

    private void look() throws IOException {
        isLookedAt = true;
        lookBegan = loop.turns();
        connection.listenToClient(SelectionKey.OP_CONNECT);
        goOnSoon();
    }

    /** It waits no more: it has been given its answer. */
    void end() throws IOException {
        out();
        connection.become(ConnectionState.CONNECTING);
        connection.listenToClient(0);
    }

    /** Must not fail: what it was called for goes to the next one. */
    void leave() {
        if (isInLine) {
            out();
            loop.context().guests.leave(connection, Objects.requireNonNull(place));
        }
    }

    private void out() {
        isInLine = false;
        isItsTurn = false;
        isLookedAt = false;
        waited += loop.now() - since;
    }

    long deadline() {
        long end = since + timeout - waited;
        if (isItsTurn || isLookedAt) {
            // It goes on in the next turn, and then something else holds.
            return loop.now() + LOOK_AFTER;
        }
        return hasSent && lookAt - end < 0 ? lookAt : end;
    }

    void expired(long now) throws IOException {
        if (isItsTurn || isLookedAt) {
            // It was to go on before this.
            goOnSoon();
            return;
        }
        if (now - (since + timeout - waited) >= 0) {
            leave();
            connector.giveUp(CloseReason.QUEUE_TIMEOUT);
        } else if (hasSent && now - lookAt >= 0) {
            look();
        }
    }
}
