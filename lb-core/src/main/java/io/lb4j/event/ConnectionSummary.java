package io.lb4j.event;

import io.lb4j.backend.Backend;
import io.lb4j.tls.TlsFacts;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The whole story of a connection, told when it has ended.
 *
 * @param id the connection's number, which no other connection of this balancer has
 * @param clientAddress where the client connected from; where a proxy before this one has said so by the PROXY protocol, what
 *     it said
 * @param peerAddress where the socket was connected from: the client's address, or that of the proxy before this one
 * @param listenAddress where the balancer listens
 * @param frontend the name of the frontend that the client connected to
 * @param serverName the host that the client asked for by TLS, if its frontend looked; else null
 * @param tls what the handshake of TLS with the client has led to; null where there was none
 * @param backend the backend it was connected to, or null when it never was
 * @param backendAddress which of the backend's addresses, or null when it never was connected
 * @param attempts how many backends were tried; 0 when none was chosen
 * @param queueTime how long it waited for a place because every backend was full; zero when it did not
 * @param connectTime from the begin of the successful attempt to the connection; zero when there was none
 * @param timeToFirstByte from the connection to the backend until the client's socket took the backend's first byte, or
 *     null when there was no such byte
 * @param duration from accepted to ended
 * @param bytesToBackend bytes of the client that the backend's socket accepted
 * @param bytesToClient bytes of the backend that the client's socket accepted
 * @param reason why it ended
 * @param phase how far it had come when it ended
 * @param endedBy whose doing that was: who reset it; who was waited for in vain; of {@link CloseReason#COMPLETED}, who
 *     ended its stream first; the balancer where it decided by itself
 * @param cause the exception behind the reason, where there is one
 */
@SuppressWarnings("exports") // of the annotations, which nobody needs at run time
public record ConnectionSummary(
        long id,
        InetSocketAddress clientAddress,
        InetSocketAddress peerAddress,
        InetSocketAddress listenAddress,
        String frontend,
        @Nullable String serverName,
        @Nullable TlsFacts tls,
        @Nullable Backend backend,
        @Nullable InetSocketAddress backendAddress,
        int attempts,
        Duration queueTime,
        Duration connectTime,
        @Nullable Duration timeToFirstByte,
        Duration duration,
        long bytesToBackend,
        long bytesToClient,
        CloseReason reason,
        ConnectionPhase phase,
        Party endedBy,
        @Nullable Throwable cause) {

    /**
     * Who ended the connection, and in which phase, in the two letters that HAProxy's logs have for it (its
     * configuration manual, "Session state at disconnection"), as far as its words fit:
     *
     * <ul>
     *   <li>first letter: {@code C} the client, {@code S} the backend, {@code c} the client was waited for in vain,
     *       {@code s} the backend was, {@code P} the balancer by its rules, {@code R} want of resources, {@code D} the
     *       backend went down, {@code U} a preferred backend is up again, {@code K} who operates the balancer, {@code I} an internal error, {@code -} nobody: it
     *       was complete;
     *   <li>second letter: {@code R} before it was let in, {@code Q} while it waited for a place, {@code C} while it was connected to a backend, {@code D} while bytes could move, {@code L}
     *       after the backend had ended its stream, {@code -} after both had.
     * </ul>
     */
    public String terminationCode() {
        return "" + who() + when();
    }

    private char who() {
        return switch (reason) {
            case COMPLETED -> '-';
            case CLIENT_RESET, CLIENT_TRUNCATED, CLIENT_TLS_FAILED -> 'C';
            case BACKEND_RESET, BACKEND_TRUNCATED, BACKEND_TLS_FAILED, NO_BACKEND, NO_ROUTE -> 'S';
            case CONNECT_FAILED -> cause instanceof SocketTimeoutException ? 's' : 'S';
            case IDLE_TIMEOUT, PREFACE_TIMEOUT, TLS_HANDSHAKE_TIMEOUT -> 'c';
            case HALF_CLOSED_TIMEOUT, STALL_TIMEOUT -> endedBy == Party.BACKEND ? 's' : 'c';
            case QUEUE_TIMEOUT -> 's';
            case LOCAL_SHORTAGE -> 'R';
            case ACCESS_DENIED,
                    CLIENT_LIMIT,
                    CLIENT_RATE,
                    PEER_NOT_TRUSTED,
                    PREFACE_INVALID,
                    TLS_HANDSHAKE_FAILED,
                    QUEUE_FULL,
                    MAX_LIFETIME -> 'P';
            case BACKEND_DOWN -> 'D';
            case FAIL_BACK -> 'U';
            case REBALANCED, BACKEND_DRAINED, CLOSED_BY_OPERATOR, DRAIN_DEADLINE, BALANCER_CLOSED -> 'K';
            case INTERNAL_ERROR -> 'I';
        };
    }

    private char when() {
        return switch (phase) {
            case ARRIVING -> 'R';
            case CONNECTING -> 'C';
            case WAITING -> 'Q';
            case RELAYING, CLIENT_FINISHED -> 'D';
            case BACKEND_FINISHED -> 'L';
            case FINISHED -> '-';
        };
    }
}
