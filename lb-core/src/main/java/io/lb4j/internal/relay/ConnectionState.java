package io.lb4j.internal.relay;

import io.lb4j.event.ConnectionPhase;

/** The states of a connection, and the only steps between them. */
public enum ConnectionState {
    /** It has to say something first, by which a backend is found. */
    ARRIVING,
    /** A backend is being found; the client's bytes wait: in the kernel, but for those that were read ahead. */
    CONNECTING,
    /** Every backend is full: it is in the line; the client's bytes wait as before. */
    WAITING,
    /** Bytes move both ways. */
    RELAYING,
    /** The client has ended its stream; the backend's goes on. */
    CLIENT_FINISHED,
    /** The backend has ended its stream; the client's goes on. */
    BACKEND_FINISHED,
    /** One side is lost: what it sent is being delivered to the other, which is then told. */
    DELIVERING,
    /** Over. */
    CLOSED;

    /** What listeners are told of a connection that ends now, other than completed. */
    public ConnectionPhase phase() {
        return switch (this) {
            case ARRIVING -> ConnectionPhase.ARRIVING;
            case CONNECTING -> ConnectionPhase.CONNECTING;
            case WAITING -> ConnectionPhase.WAITING;
            case CLIENT_FINISHED -> ConnectionPhase.CLIENT_FINISHED;
            case BACKEND_FINISHED -> ConnectionPhase.BACKEND_FINISHED;
            case RELAYING, DELIVERING, CLOSED -> ConnectionPhase.RELAYING;
        };
    }

    public boolean canBecome(ConnectionState next) {
        return switch (this) {
            case ARRIVING -> next == CONNECTING || next == CLOSED;
            case CONNECTING -> next == WAITING || next == RELAYING || next == CLOSED;
            case WAITING -> next == CONNECTING || next == CLOSED;
            case RELAYING -> next.compareTo(RELAYING) > 0;
            case CLIENT_FINISHED, BACKEND_FINISHED -> next == DELIVERING || next == CLOSED;
            case DELIVERING -> next == CLOSED;
            case CLOSED -> false;
        };
    }
}
