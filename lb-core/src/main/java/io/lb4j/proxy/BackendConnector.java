package io.lb4j.proxy;

import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectFailure;
import io.lb4j.internal.relay.ConnectionState;
import io.lb4j.internal.relay.Endpoint;
import io.lb4j.internal.relay.Phase;
import io.lb4j.internal.util.Addresses;
import io.lb4j.internal.util.Closing;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Finds a backend for one connection: attempt after attempt, each on another backend. An attempt has its
 * timeout, for looking up the backend's name and dialling its addresses, so all of them together have as many timeouts
 * as there may be attempts. While all backends are full it waits in the router's line. What the client has said by
 * then is sent to nobody meanwhile, so every attempt can be the first. Confined to the connection's loop.
 */
final class BackendConnector implements Phase {
    private final ProxyConnection connection;
    private final EventLoop loop;
    private final ProxyContext context;
    private FailedAttempts failed = FailedAttempts.NONE;

    /** Its time in the line, if it has been there. */
    private @Nullable Wait wait;

    /** The descriptor that was in hand when the client was accepted; the first dial takes it. */
    private @Nullable SocketChannel reserved;

    // The attempt that is under way: looked up first, then dialled. What happens with its socket before it is relayed
    // belongs to the attempt.
    private @Nullable Route route;
    private @Nullable Dial dial;
    private long beganAt;
    private long attemptDeadline;

    BackendConnector(ProxyConnection connection, @Nullable SocketChannel reserved) {
        this.connection = connection;
        this.loop = connection.loop();
        this.context = loop.context();
        this.reserved = reserved;
        attemptDeadline = loop.now() + connection.limits().connectTimeout();
    }

    @Override
    public void begin() throws IOException {
        connection.story().accepted();
        next();
    }

    /** Tries backends until one is connected, one keeps us waiting, or none is left. */
    void next() throws IOException {
        while (connection.state() == ConnectionState.CONNECTING && route == null) {
            boolean mayTryAgain = failed.count() < connection.limits().connectAttempts();
            Route chosen = mayTryAgain ? context.guests.route(connection, failed.routes(), null) : null;
            if (chosen == null || chosen == Router.NO_ROUTE) {
                giveUp(chosen == null ? CloseReason.NO_BACKEND : CloseReason.NO_ROUTE);
                return;
            }
            if (chosen == Router.FULL) {
                queue();
            } else {
                begin(chosen);
            }
        }
    }

    private void queue() throws IOException {
        Wait current = wait == null ? new Wait(connection, this) : wait;
        wait = current;
        if (!current.begin()) {
            giveUp(CloseReason.QUEUE_FULL);
        }
    }

    /** Its turn has come. */
    void pick(PlaceInLine place) throws IOException {
        Route answer = context.guests.route(connection, failed.routes(), place);
        Route chosen = answer == Router.NO_ROUTE ? null : answer;
        if (chosen != Router.FULL) {
            // First of all: whatever fails below, it is released.
            route = chosen;
            Objects.requireNonNull(wait).end();
            if (chosen == null) {
                giveUp(CloseReason.NO_BACKEND);
            } else {
                begin(chosen);
                next();
            }
        }
    }

    /** The routes that have failed; the list of one who waits stays as it is. */
    List<Route> failed() {
        return failed.routes();
    }

    @Override
    public void ready(Endpoint endpoint, int readyOps) throws IOException {
        if (endpoint != connection.client()) {
            connectable(endpoint);
        } else if (wait != null) {
            // Only while it waits is anything of the client asked.
            wait.clientReady(readyOps);
        }
    }

    /** How long it was in the line, in nanoseconds. */
    long waited() {
        return wait == null ? 0 : wait.waited();
    }

    /** @param untried the reason, if no attempt has been made */
    void giveUp(CloseReason untried) {
        dropReserved();
        connection.refuse(failed.reason(untried), failed.last());
    }

    private void begin(Route chosen) throws IOException {
        route = chosen;
        connection.story().attempted(chosen);
        beganAt = context.platform.nanoClock().getAsLong();
        attemptDeadline = loop.now() + connection.limits().connectTimeout();
        int attempt = connection.story().attempt();
        Addresses known = context.resolver.lookUp(
                chosen.backend().host(),
                loop.now(),
                (found, failure) -> loop.post(() -> connection.guarded(() -> resolved(attempt, found, failure))));
        if (known != null) {
            dial(known, chosen);
        }
    }

    /** The look-up of the attempt that is under way is over. */
    private void resolved(int attempt, @Nullable Addresses found, @Nullable Throwable failure) throws IOException {
        Route current = route;
        if (current == null || dial != null || attempt != connection.story().attempt()) {
            return;
        }
        if (found != null) {
            dial(found, current);
        } else {
            Throwable why = failure == null ? Dial.timedOut(current, null) : failure;
            fail(why, ConnectFailure.of(why));
        }
        next();
    }

    private void dial(Addresses addresses, Route current) throws IOException {
        Dial fresh = new Dial(connection, addresses, current, this::goOn);
        dial = fresh;
        fresh.use(reserved);
        reserved = null;
        conclude(fresh, fresh.goOn());
    }

    private void conclude(Dial current, @Nullable Endpoint connected) throws IOException {
        if (connected != null) {
            current.won(connected);
            established(connected);
        } else if (current.isOver()) {
            Throwable failure = current.failure();
            Throwable why = failure == null ? new UnknownHostException("no address") : failure;
            fail(why, current.failedForShortage() ? ConnectFailure.LOCAL_SHORTAGE : ConnectFailure.of(why));
        }
    }

    /** A socket that was dialled is ready. */
    private void connectable(Endpoint ready) throws IOException {
        Dial current = dial;
        if (current != null) {
            conclude(current, current.connectable(ready));
            next();
        }
    }

    /** Something that the attempt has waited for, and that is none of its sockets, is there. */
    private void goOn() throws IOException {
        Dial current = dial;
        if (current != null) {
            conclude(current, current.goOn());
        }
        next();
    }

    /** The attempt has succeeded: from here on the connection is the relay's. */
    private void established(Endpoint connected) throws IOException {
        Route chosen = Objects.requireNonNull(route);
        long nanos = context.platform.nanoClock().getAsLong() - beganAt;
        connection.connected(this, chosen, connected, nanos);
    }

    /** The connection has taken over the route and the socket, by one store: they are not ours any more. */
    void handedOver() {
        route = null;
        dial = null;
    }

    private void fail(Throwable failure, ConnectFailure kind) {
        Route over = route;
        closeAttempt();
        if (over == null) {
            return;
        }
        failed = failed.and(over, kind == ConnectFailure.LOCAL_SHORTAGE, failure);
        report(over, failure, kind);
        // Not before: whatever fails above, the route is released once, here or by close().
        route = null;
        context.guests.released(loop, over);
    }

    private void report(Route over, Throwable failure, ConnectFailure kind) {
        long nanos = context.platform.nanoClock().getAsLong() - beganAt;
        connection.story().attemptFailed(over, failure, kind, nanos);
    }

    @Override
    public long wakeAt() {
        if (wait != null && wait.isInLine()) {
            return wait.deadline();
        }
        Dial current = dial;
        return current == null ? attemptDeadline : current.wakeAt(attemptDeadline);
    }

    @Override
    public void expired(long now) throws IOException {
        if (wait != null && wait.isInLine()) {
            wait.expired(now);
            return;
        }
        Dial current = dial;
        Route tried = route;
        if (tried != null && now - attemptDeadline >= 0) {
            timeIsUp(tried, current);
            next();
        } else {
            goOn();
        }
    }

    /** What no thread had time for, or a socket that could not be had, says nothing of the backend. */
    private void timeIsUp(Route tried, @Nullable Dial current) {
        if (current != null && current.failedForShortage()) {
            fail(Objects.requireNonNull(current.failure()), ConnectFailure.LOCAL_SHORTAGE);
        } else {
            boolean isOurs =
                    current == null ? !context.resolver.isAsking(tried.backend().host()) : current.isReckoning();
            fail(Dial.timedOut(tried, current), isOurs ? ConnectFailure.LOCAL_SHORTAGE : ConnectFailure.TIMED_OUT);
        }
    }

    /**
     * The connection is taken off a route.
     *
     * @param inAnyCase or only if there is another route for it
     */
    void leave(Route left, boolean inAnyCase) throws IOException {
        if (route == left && inAnyCase) {
            fail(new ConnectException("the backend was taken out"), ConnectFailure.CALLED_OFF);
            next();
        } else if (route == left) {
            changeAttempt();
        }
    }

    /**
     * The backend that is tried has failed elsewhere: another one is tried instead. It goes on where it is if there is no
     * other for this connection, or if this is its last attempt.
     */
    private void changeAttempt() throws IOException {
        Route over = Objects.requireNonNull(route);
        FailedAttempts tried = failed.and(over, false, failed.last());
        boolean isLast = tried.count() >= connection.limits().connectAttempts();
        Throwable why = new ConnectException("the backend went down, and another one is there");
        Route other = isLast ? null : context.guests.route(connection, tried.routes(), null);
        if (other == null || other == Router.FULL || other == Router.NO_ROUTE) {
            return;
        }
        // From here on the other one is what close() releases, whatever fails.
        route = other;
        failed = tried;
        try {
            closeAttempt();
            report(over, why, ConnectFailure.CALLED_OFF);
        } finally {
            context.guests.released(loop, over);
        }
        begin(other);
        next();
    }

    @Override
    public void end() {
        if (dial != null) {
            dial.cancelKeys();
        }
    }

    @Override
    public void close(CloseReason why) {
        Route over = route;
        route = null;
        if (wait != null) {
            wait.leave();
        }
        closeAttempt();
        dropReserved();
        if (over != null) {
            context.guests.released(loop, over);
        }
        connection.story().waited(waited());
    }

    @Override
    public void register(Selector fresh) throws IOException {
        if (dial != null) {
            dial.register(fresh);
        }
    }

    @Override
    public void moved(Selector fresh) {
        if (dial != null) {
            dial.moved(fresh);
        }
    }

    private void closeAttempt() {
        Dial over = dial;
        dial = null;
        if (over != null) {
            over.close();
        }
    }

    private void dropReserved() {
        Closing.quietly(reserved);
        reserved = null;
    }
}
