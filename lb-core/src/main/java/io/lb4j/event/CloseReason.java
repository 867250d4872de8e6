package io.lb4j.event;

/**
 * Why a connection ended. The first cause wins: what follows from it does not replace it. There may be more of them in
 * later versions.
 */
public enum CloseReason {
    /** Both sides ended their stream, and each got every byte of the other. */
    COMPLETED("both sides ended their stream"),
    /**
     * The client reset the connection, or took no more bytes. The backend was told by a reset, unless the client had
     * ended its own stream before: then that was delivered whole.
     */
    CLIENT_RESET("the client reset the connection"),
    /**
     * The backend reset the connection, or took no more bytes. The client was told by a reset, unless the backend had
     * ended its own stream before: then that was delivered whole.
     */
    BACKEND_RESET("the backend reset the connection"),
    /**
     * The client's stream over TLS ended without a close_notify: anybody between may have cut it off. The backend was told by a
     * reset.
     */
    CLIENT_TRUNCATED("the client's TLS stream ended without a close_notify"),
    /** The backend's stream over TLS ended without a close_notify: it counts as cut off. The client was told by a reset. */
    BACKEND_TRUNCATED("the backend's TLS stream ended without a close_notify"),
    /** The client sent what must not be in TLS, or said that something is wrong. The backend was told by a reset. */
    CLIENT_TLS_FAILED("the client's TLS stream failed"),
    /** The backend sent what must not be in TLS, or said that something is wrong. The client was told by a reset. */
    BACKEND_TLS_FAILED("the backend's TLS stream failed"),
    /** The access rules of its frontend deny this client's address. */
    ACCESS_DENIED("the access rules deny it"),
    /** The client had as many connections as one may, or too many clients had some to remember one more. */
    CLIENT_LIMIT("a client may not have so many connections"),
    /** The client connected more often than one may. */
    CLIENT_RATE("a client may not connect so often"),
    /** It came from where no header of the PROXY protocol may come from, to a frontend that wants one of everybody. */
    PEER_NOT_TRUSTED("it is none of those who send PROXY headers"),
    /** It did not say what it had to say first: a header of the PROXY protocol, or a whole hello of TLS. */
    PREFACE_INVALID("it did not begin as it has to"),
    /** It did not say in time what it had to say first. */
    PREFACE_TIMEOUT("it was silent for too long at its begin"),
    /** The handshake of TLS with the client failed: the cause says why, and he was told by an alert, where one is due. */
    TLS_HANDSHAKE_FAILED("the TLS handshake failed"),
    /** The handshake of TLS with the client took too long. */
    TLS_HANDSHAKE_TIMEOUT("the TLS handshake took too long"),
    /** Its frontend has several ways, and none of them is for what it said first. */
    NO_ROUTE("no route for what it asks for"),
    /** No backend was eligible, or the selector refused or failed. */
    NO_BACKEND("no backend for this connection"),
    /** Every backend was full, and too many waited for a place already; or nobody is to wait. */
    QUEUE_FULL("all backends are full, and so is the line of those who wait"),
    /** Every backend was full for as long as a connection may wait for a place. */
    QUEUE_TIMEOUT("all backends were full for too long"),
    /** Every attempt to connect to a backend failed. */
    CONNECT_FAILED("no backend could be connected to"),
    /**
     * Attempts to connect failed here and not at a backend, or a handshake here and not at the client: descriptors, ports, memory, or
     * time for handshakes ran out.
     */
    LOCAL_SHORTAGE("this machine is short of descriptors, ports, memory or time"),
    /** No byte went either way for the idle timeout. */
    IDLE_TIMEOUT("idle for too long"),
    /** One side had ended its stream and the other was silent for the half-closed timeout. */
    HALF_CLOSED_TIMEOUT("half-closed and silent for too long"),
    /** One side took no byte of what was waiting for it for the stall timeout. */
    STALL_TIMEOUT("one side took no bytes for too long"),
    /** It was open for as long as a connection may. */
    MAX_LIFETIME("open for as long as it may"),
    /** Its backend went DOWN, and connections of such backends are to be closed. */
    BACKEND_DOWN("its backend went down"),
    /** A backend that is preferred to its own is UP again, and connections are to go back to that one. */
    FAIL_BACK("a preferred backend is up again"),
    /** Its backend had too many of the connections, and was to have fewer. */
    REBALANCED("its backend was to have fewer connections"),
    /** Its backend was drained or removed, and the grace was over. */
    BACKEND_DRAINED("the drain deadline of its backend passed"),
    /** An operator ended it by itself, by {@code connections().close(id)}. */
    CLOSED_BY_OPERATOR("an operator closed it"),
    /** The grace of a drain was over. */
    DRAIN_DEADLINE("the drain deadline passed"),
    /** The balancer was closed. */
    BALANCER_CLOSED("the balancer was closed"),
    /** A bug in lb4j or an exhausted heap: the log has the stack trace. */
    INTERNAL_ERROR("internal error");

    private final String sentence;

    CloseReason(String sentence) {
        this.sentence = sentence;
    }

    /** Whether the client was turned away before a backend was tried. */
    public boolean isRefusal() {
        return switch (this) {
            case ACCESS_DENIED,
                    CLIENT_LIMIT,
                    CLIENT_RATE,
                    PEER_NOT_TRUSTED,
                    PREFACE_INVALID,
                    PREFACE_TIMEOUT,
                    TLS_HANDSHAKE_FAILED,
                    TLS_HANDSHAKE_TIMEOUT,
                    NO_ROUTE,
                    NO_BACKEND,
                    QUEUE_FULL,
                    QUEUE_TIMEOUT -> true;
            default -> false;
        };
    }

    /** The reason in a few words, for logs. */
    public String sentence() {
        return sentence;
    }
}
