package io.lb4j.proxy;

import io.lb4j.event.BackendSelected;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectAttemptFailed;
import io.lb4j.event.ConnectFailure;
import io.lb4j.event.ConnectionAccepted;
import io.lb4j.event.ConnectionHalfClosed;
import io.lb4j.event.ConnectionOpened;
import io.lb4j.event.ConnectionPhase;
import io.lb4j.event.ConnectionRefused;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.event.Party;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What is told of one connection: remembers what its summary will say, and makes events when somebody listens. Confined
 * to the connection's loop.
 */
final class ConnectionStory {
    private final EventLoop loop;
    private final Acceptor acceptor;
    private final long id;
    private final InetSocketAddress clientAddress;
    private final long acceptedAt;

    private int attempts;
    private long waitedNanos;
    private @Nullable Route route;
    private @Nullable InetSocketAddress backendAddress;
    private long connectNanos;
    private long openedAt;

    private @Nullable CloseReason reason;
    private ConnectionPhase phase = ConnectionPhase.CONNECTING;
    private Party endedBy = Party.BALANCER;
    private @Nullable Throwable cause;

    ConnectionStory(EventLoop loop, Acceptor acceptor, InetSocketAddress clientAddress) {
        this.loop = loop;
        this.clientAddress = clientAddress;
        this.acceptor = acceptor;
        id = loop.newConnectionId();
        acceptedAt = loop.now();
    }

    long id() {
        return id;
    }

    InetSocketAddress clientAddress() {
        return clientAddress;
    }

    long acceptedAt() {
        return acceptedAt;
    }

    int attempts() {
        return attempts;
    }

    @Nullable
    Route route() {
        return route;
    }

    /** Why the connection has ended. */
    CloseReason reason() {
        return reason == null ? CloseReason.INTERNAL_ERROR : reason;
    }

    private String frontend() {
        return acceptor.entrance().name();
    }

    private Guests guests() {
        return loop.context().guests;
    }

    // ---- as it happens

    void accepted() {
        if (guests().areListening()) {
            ConnectionAccepted event = new ConnectionAccepted(id, clientAddress, acceptor.address(), frontend());
            guests().tell(loop, listener -> listener.connectionAccepted(event));
        }
    }

    void attempted(Route chosen) {
        attempts++;
        if (guests().areListening()) {
            BackendSelected event = new BackendSelected(id, chosen.backend(), attempts);
            guests().tell(loop, listener -> listener.backendSelected(event));
        }
    }

    void attemptFailed(Route failed, Throwable failure, ConnectFailure kind, long nanos) {
        if (guests().areListening()) {
            ConnectAttemptFailed event = new ConnectAttemptFailed(
                    id, frontend(), failed.backend(), attempts, Duration.ofNanos(nanos), kind, failure);
            guests().tell(loop, listener -> listener.connectAttemptFailed(event));
        }
    }

    /** So long it was in the line. */
    void waited(long nanos) {
        waitedNanos = nanos;
    }

    /** It is connected by this route, which is given back when it has ended. */
    void routed(Route chosen) {
        route = chosen;
    }

    /** @param address where the backend was dialled; known as long as somebody listens */
    void opened(Route chosen, @Nullable InetSocketAddress address, long nanos) {
        backendAddress = address;
        connectNanos = nanos;
        openedAt = loop.now();
        if (address != null && guests().areListening()) {
            ConnectionOpened event = new ConnectionOpened(
                    id, clientAddress, frontend(), chosen.backend(), address, attempts, Duration.ofNanos(nanos));
            guests().tell(loop, listener -> listener.connectionOpened(event));
        }
    }

    void halfClosed(Party finished) {
        if (guests().areListening()) {
            ConnectionHalfClosed event = new ConnectionHalfClosed(id, finished);
            guests().tell(loop, listener -> listener.connectionHalfClosed(event));
        }
    }

    /** Why the connection will end, or has ended; what is said first stays. */
    void blame(CloseReason why, Party who, ConnectionPhase when, @Nullable Throwable failure) {
        if (reason == null) {
            reason = why;
            endedBy = who;
            phase = when;
            cause = failure;
        }
    }

    /** @param firstByteAt when the client got its first byte, of no meaning when it got none */
    void closed(long bytesToBackend, long bytesToClient, long firstByteAt) {
        if (!guests().areListening() && !guests().log().isDebugEnabled()) {
            return;
        }
        CloseReason why = reason();
        if (why.isRefusal()) {
            ConnectionRefused refused = new ConnectionRefused(id, clientAddress, frontend(), why);
            guests().tell(loop, listener -> listener.connectionRefused(refused));
        }
        ConnectionSummary summary = new ConnectionSummary(
                id,
                clientAddress,
                acceptor.address(),
                frontend(),
                route == null ? null : route.backend(),
                backendAddress,
                attempts,
                Duration.ofNanos(waitedNanos),
                Duration.ofNanos(connectNanos),
                bytesToClient == 0 ? null : Duration.ofNanos(firstByteAt - openedAt),
                Duration.ofNanos(loop.now() - acceptedAt),
                bytesToBackend,
                bytesToClient,
                why,
                phase,
                endedBy,
                cause);
        guests().log().debug("connection closed", summary);
        guests().tell(loop, listener -> listener.connectionClosed(summary));
    }
}
