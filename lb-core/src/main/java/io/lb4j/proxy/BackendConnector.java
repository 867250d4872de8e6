package io.lb4j.proxy;

import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectFailure;
import io.lb4j.internal.util.Closing;
import io.lb4j.internal.util.Hosts;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Finds a backend for one connection: attempt after attempt, each on another backend, within one overall deadline.
 * Nothing of the client is read meanwhile, so every attempt can be the first. Confined to the connection's loop.
 */
final class BackendConnector {
    /** When no descriptor is left for an attempt, it is tried again after this. */
    private static final long RETRY_AFTER = TimeUnit.MILLISECONDS.toNanos(5);

    private final ProxyConnection connection;
    private final EventLoop loop;
    private final ProxyContext context;
    private final long overallDeadline;

    private List<Route> failed = List.of();
    private boolean onlyShortages = true;
    private @Nullable Throwable lastFailure;

    /** The descriptor that was in hand when the client was accepted; used by the first dial. */
    private @Nullable SocketChannel reserved;

    // The attempt that is under way.
    private @Nullable Route route;
    private long beganAt;
    private long attemptDeadline;
    private InetAddress @Nullable [] addresses;
    private int addressIndex;
    private @Nullable Endpoint endpoint;
    private @Nullable Throwable waitsForDescriptor;

    BackendConnector(ProxyConnection connection, SocketChannel reserved) {
        this.connection = connection;
        this.loop = connection.loop();
        this.context = loop.context();
        this.reserved = reserved;
        overallDeadline = loop.now() + connection.limits().connectDeadline;
        attemptDeadline = overallDeadline;
    }

    /** Tries backends until one is connected, one keeps us waiting, or none is left. */
    void next() throws IOException {
        while (connection.state() == ConnectionState.CONNECTING && route == null) {
            Route chosen = mayTryAgain() ? context.guests.route(connection, failed) : null;
            if (chosen == null) {
                giveUp();
                return;
            }
            begin(chosen);
        }
    }

    private boolean mayTryAgain() {
        return failed.size() < connection.limits().connectAttempts && loop.now() - overallDeadline < 0;
    }

    private void giveUp() {
        dropReserved();
        CloseReason reason = failed.isEmpty()
                ? CloseReason.NO_BACKEND
                : onlyShortages ? CloseReason.LOCAL_SHORTAGE : CloseReason.CONNECT_FAILED;
        connection.connectFailed(reason, lastFailure);
    }

    private void begin(Route chosen) throws IOException {
        route = chosen;
        connection.attempted(chosen);
        beganAt = context.platform.nanoClock().getAsLong();
        startTimeout();
        addressIndex = 0;
        int attempt = connection.attempt();
        addresses = context.resolver.lookUp(
                chosen.backend().host(), loop, (found, failure) -> connection.resolved(attempt, found, failure));
        if (addresses != null) {
            dial();
        }
    }

    private void startTimeout() {
        long limit = loop.now() + connection.limits().connectTimeout;
        attemptDeadline = limit - overallDeadline < 0 ? limit : overallDeadline;
    }

    /** The look-up of the attempt that is under way is over. */
    void resolved(InetAddress @Nullable [] found, @Nullable Throwable failure) throws IOException {
        if (route == null) {
            return;
        }
        addresses = found;
        if (failure == null) {
            dial();
        } else {
            fail(failure, false);
            next();
        }
    }

    /** Dials the backend's addresses one after another until one answers or keeps us waiting. */
    private void dial() throws IOException {
        InetAddress[] targets = addresses;
        Route current = route;
        if (targets == null || current == null) {
            return;
        }
        while (route == current) {
            InetAddress target = targets[addressIndex];
            SocketChannel channel;
            try {
                channel = open(target);
            } catch (IOException | OutOfMemoryError shortage) {
                context.shortage("cannot open a connection to a backend:", shortage);
                waitsForDescriptor = shortage;
                return;
            } catch (RuntimeException noSuchFamily) {
                addressFailed(noSuchFamily);
                continue;
            }
            startTimeout();
            if (connect(channel, new InetSocketAddress(target, current.backend().port()), current)) {
                return;
            }
        }
    }

    private SocketChannel open(InetAddress target) throws IOException {
        ProtocolFamily family =
                target instanceof Inet4Address ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
        SocketChannel inHand = reserved;
        reserved = null;
        if (inHand != null && family.equals(context.reserveFamily)) {
            return inHand;
        }
        Closing.quietly(inHand);
        return context.platform.sockets().openSocketChannel(family);
    }

    /** Returns false when this address failed. */
    private boolean connect(SocketChannel channel, InetSocketAddress target, Route current) throws IOException {
        Endpoint dialled = new Endpoint(connection, channel);
        endpoint = dialled;
        boolean connected;
        try {
            SocketSettings.tune(channel);
            // On one machine the handshake is over when connect returns, although it says otherwise.
            connected = channel.connect(target) || (target.getAddress().isLoopbackAddress() && finishConnect(channel));
            if (!connected) {
                dialled.interest(loop.selector(), SelectionKey.OP_CONNECT);
            }
        } catch (IOException | RuntimeException failure) {
            addressFailed(failure);
            return false;
        }
        if (connected) {
            established(dialled, current);
        }
        return true;
    }

    /** The socket that was dialled is ready. */
    void connectable(Endpoint ready) throws IOException {
        Route current = route;
        if (ready != endpoint || current == null) {
            return;
        }
        boolean connected;
        try {
            connected = finishConnect(ready.channel);
        } catch (IOException failure) {
            addressFailed(failure);
            dial();
            next();
            return;
        }
        if (connected) {
            established(ready, current);
        }
    }

    private static boolean finishConnect(SocketChannel channel) throws IOException {
        if (!channel.finishConnect()) {
            return false;
        }
        // A dead port of this machine can be picked as the source port of a connection to itself, and TCP then connects
        // the socket to itself. Nobody listens there.
        if (channel.getLocalAddress().equals(channel.getRemoteAddress())) {
            throw new ConnectException("Connection refused (connected to itself)");
        }
        return true;
    }

    /** From here on the connection is the relay's; what fails now is not an attempt that failed. */
    private void established(Endpoint connected, Route current) throws IOException {
        long nanos = context.platform.nanoClock().getAsLong() - beganAt;
        // Takes over both at once, by one store; what is left here is nobody's any more.
        connection.connected(current, connected, nanos);
    }

    /** This address failed: the next one is dialled, or the attempt is over. */
    private void addressFailed(Throwable failure) {
        closeEndpoint();
        InetAddress[] targets = addresses;
        if (targets != null && ++addressIndex < targets.length) {
            lastFailure = failure;
            startTimeout();
        } else {
            fail(failure, isShortage(failure));
        }
    }

    private void fail(Throwable failure, boolean shortage) {
        Route over = route;
        waitsForDescriptor = null;
        lastFailure = failure;
        if (over == null) {
            return;
        }
        if (failed.isEmpty()) {
            failed = new ArrayList<>(connection.limits().connectAttempts);
        }
        failed.add(over);
        onlyShortages &= shortage;
        if (shortage) {
            context.shortage("cannot connect to " + over.backend() + ":", failure);
        } else {
            context.guests.connectFailed(loop, over, failure);
        }
        ConnectFailure kind = shortage ? ConnectFailure.LOCAL_SHORTAGE : ConnectFailure.of(failure);
        connection.attemptFailed(
                over, failure, kind, context.platform.nanoClock().getAsLong() - beganAt);
        // Not before: whatever fails above, the route is released once, here or by cancel().
        route = null;
        context.guests.released(loop, over);
    }

    /** EADDRNOTAVAIL and its like: this machine has no port left, or forbids the route. No backend is to blame. */
    private static boolean isShortage(Throwable failure) {
        return failure instanceof BindException;
    }

    /** When {@link #expired} wants to be called. */
    long deadline() {
        long retryAt = loop.now() + RETRY_AFTER;
        return waitsForDescriptor != null && retryAt - attemptDeadline < 0 ? retryAt : attemptDeadline;
    }

    void expired(long now) throws IOException {
        Throwable shortage = waitsForDescriptor;
        waitsForDescriptor = null;
        if (now - attemptDeadline < 0 && shortage == null) {
            return;
        }
        if (now - attemptDeadline >= 0) {
            if (shortage != null) {
                fail(shortage, true);
            } else if (now - overallDeadline >= 0) {
                closeEndpoint();
                fail(timedOut(route), false);
            } else {
                addressFailed(timedOut(route));
            }
        }
        dial();
        next();
    }

    boolean isTrying(Route wanted) {
        return route == wanted;
    }

    /** The attempt that is under way is over: the backend was taken out. */
    void abandonAttempt() throws IOException {
        closeEndpoint();
        fail(new ConnectException("the backend was taken out"), false);
        next();
    }

    private Throwable timedOut(@Nullable Route current) {
        String to = current == null
                ? ""
                : " to "
                        + Hosts.join(current.backend().host(), current.backend().port());
        return new SocketTimeoutException("connect" + to + " timed out");
    }

    /** The connection ends before it has a backend: its socket is closed by {@link #cancel}, after the next select. */
    void cancelKey() {
        if (endpoint != null) {
            endpoint.cancel();
        }
    }

    /** The connection has ended before it had a backend. */
    void cancel() {
        Route over = route;
        route = null;
        closeEndpoint();
        dropReserved();
        if (over != null) {
            context.guests.released(loop, over);
        }
    }

    /** See {@link LoopSelector.Tenants}. */
    void register(Selector fresh) throws IOException {
        if (endpoint != null) {
            endpoint.register(fresh);
        }
    }

    /** See {@link LoopSelector.Tenants}. */
    void moved(Selector fresh) {
        if (endpoint != null) {
            endpoint.moved(fresh);
        }
    }

    private void closeEndpoint() {
        Endpoint over = endpoint;
        endpoint = null;
        if (over != null) {
            over.cancel();
            over.close();
        }
    }

    private void dropReserved() {
        Closing.quietly(reserved);
        reserved = null;
    }
}
