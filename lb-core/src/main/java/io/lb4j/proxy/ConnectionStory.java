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
import io.lb4j.internal.loop.LoopCounters;
import io.lb4j.internal.relay.Phase;
import io.lb4j.preface.ClientHello;
import io.lb4j.preface.ProxyHeader;
import io.lb4j.selection.ClientConnection;
import io.lb4j.stats.OpenConnection;
import io.lb4j.tls.TlsFacts;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known and told of one connection: what a selector may ask of it, what its summary will say, and events when
 * somebody listens. Confined to the connection's loop.
 */
final class ConnectionStory implements ClientConnection {
    private final EventLoop loop;
    private final Acceptor acceptor;
    private final long id;
    private final InetSocketAddress peerAddress;
    private final long acceptedAt;

    /** What it was told of itself; null when that is nothing. */
    private @Nullable Preface preface;

    private boolean isTold;

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

    ConnectionStory(EventLoop loop, Acceptor acceptor, InetSocketAddress peerAddress) {
        this.loop = loop;
        this.peerAddress = peerAddress;
        this.acceptor = acceptor;
        id = loop.newConnectionId();
        acceptedAt = loop.now();
    }

    long id() {
        return id;
    }

    @Override
    public InetSocketAddress clientAddress() {
        return preface == null ? peerAddress : preface.clientAddress();
    }

    @Override
    public InetSocketAddress peerAddress() {
        return peerAddress;
    }

    @Override
    public Optional<ProxyHeader> proxyHeader() {
        return preface == null ? Optional.empty() : preface.proxyHeader();
    }

    @Override
    public Optional<ClientHello> clientHello() {
        return preface == null ? Optional.empty() : preface.clientHello();
    }

    @Override
    public Optional<TlsFacts> tls() {
        return preface == null ? Optional.empty() : Optional.ofNullable(preface.tls());
    }

    long acceptedAt() {
        return acceptedAt;
    }

    @Override
    public InetSocketAddress listenAddress() {
        return acceptor.port().address();
    }

    @Override
    public String frontend() {
        return entrance().name();
    }

    Entrance entrance() {
        return acceptor.entrance();
    }

    /** What no other connection is called, of no balancer. */
    String uniqueId() {
        return entrance().uniqueName() + "-" + id;
    }

    @Override
    public int attempt() {
        return attempts + 1;
    }

    @Nullable
    Route route() {
        return route;
    }

    /** Why the connection has ended. */
    CloseReason reason() {
        return reason == null ? CloseReason.INTERNAL_ERROR : reason;
    }

    private LoopCounters counters() {
        return acceptor.frontend().counters();
    }

    private Guests guests() {
        return loop.context().guests;
    }

    // ---- as it happens: counted, and told

    /** A proxy has said for whom it connects. */
    void identified(ProxyHeader header) {
        preface = heard().with(header);
    }

    private Preface heard() {
        return preface == null ? Preface.of(peerAddress) : preface;
    }

    /** It has said what it wants. */
    void hello(ClientHello hello) {
        preface = heard().with(hello);
    }

    /** The handshake of TLS with him is through. */
    void secured(TlsFacts facts) {
        preface = heard().with(facts);
    }

    /** It was accepted, and it is known from where, if that will ever be. */
    void accepted() {
        boolean isNews = !isTold;
        isTold = true;
        if (isNews && guests().areListening()) {
            ConnectionAccepted event =
                    new ConnectionAccepted(id, clientAddress(), acceptor.port().address(), frontend());
            guests().tell(loop, listener -> listener.connectionAccepted(event));
        }
    }

    void attempted(Route chosen) {
        attempts++;
        counters().add(LoopCounters.CONNECT_ATTEMPTS, 1);
        if (guests().areListening()) {
            BackendSelected event = new BackendSelected(id, chosen.backend(), attempts);
            guests().tell(loop, listener -> listener.backendSelected(event));
        }
    }

    void attemptFailed(Route failed, Throwable failure, ConnectFailure kind, long nanos) {
        if (kind == ConnectFailure.LOCAL_SHORTAGE) {
            loop.context().shortage("cannot connect to " + failed.backend() + ":", failure);
        } else if (kind != ConnectFailure.CALLED_OFF) {
            guests().connectFailed(loop, failed, failure);
        }
        counters().connectFailed(kind);
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
        preface = preface == null ? null : preface.inBrief();
        backendAddress = address;
        connectNanos = nanos;
        openedAt = loop.now();
        if (address != null && guests().areListening()) {
            ConnectionOpened event = new ConnectionOpened(
                    id,
                    clientAddress(),
                    frontend(),
                    tls().orElse(null),
                    chosen.backend(),
                    address,
                    attempts,
                    Duration.ofNanos(nanos));
            guests().tell(loop, listener -> listener.connectionOpened(event));
        }
    }

    void halfClosed(Party finished) {
        if (guests().areListening()) {
            ConnectionHalfClosed event = new ConnectionHalfClosed(id, finished);
            guests().tell(loop, listener -> listener.connectionHalfClosed(event));
        }
    }

    /**
     * Whom a reason speaks of.
     *
     * @param firstFinished who ended its stream first
     */
    static Party by(CloseReason why, Party firstFinished) {
        return switch (why) {
            case CLIENT_RESET,
                    CLIENT_TRUNCATED,
                    CLIENT_TLS_FAILED,
                    PREFACE_INVALID,
                    PREFACE_TIMEOUT,
                    TLS_HANDSHAKE_FAILED,
                    TLS_HANDSHAKE_TIMEOUT -> Party.CLIENT;
            case BACKEND_RESET, BACKEND_TRUNCATED, BACKEND_TLS_FAILED, CONNECT_FAILED, QUEUE_TIMEOUT -> Party.BACKEND;
            case COMPLETED -> firstFinished;
            default -> Party.BALANCER;
        };
    }

    /** Who ended it first, by its stream or by a reset. */
    private static Party firstToEnd(CloseReason why, Party firstFinished) {
        return firstFinished == Party.BALANCER ? by(why, firstFinished) : firstFinished;
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

    /** How it is now, while it is at this. */
    OpenConnection seen(Phase at, long now) {
        return new OpenConnection(
                id,
                clientAddress(),
                frontend(),
                route == null ? null : route.backend().pool(),
                route == null ? null : route.backend().id(),
                Duration.ofNanos(now - acceptedAt),
                Duration.ofNanos(now - at.lastActivity(acceptedAt)),
                at.bytesToBackend(),
                at.bytesToClient());
    }

    /** The route it has relayed by is given back. */
    void routeEnded(CloseReason why, Phase last) {
        if (route != null) {
            Party first = firstToEnd(why, last.firstFinished());
            guests().ended(loop, route, why, first, last.bytesToBackend(), last.bytesToClient());
        }
    }

    /** @param firstByteAt when the client got its first byte, of no meaning when it got none */
    void closed(long bytesToBackend, long bytesToClient, long firstByteAt) {
        if (!guests().areListening() && !guests().log().isDebugEnabled()) {
            return;
        }
        accepted();
        CloseReason why = reason();
        if (why.isRefusal()) {
            ConnectionRefused refused = new ConnectionRefused(id, clientAddress(), frontend(), why);
            guests().tell(loop, listener -> listener.connectionRefused(refused));
        }
        ConnectionSummary summary = new ConnectionSummary(
                id,
                clientAddress(),
                peerAddress,
                acceptor.port().address(),
                frontend(),
                preface == null ? null : preface.serverName(),
                tls().orElse(null),
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
