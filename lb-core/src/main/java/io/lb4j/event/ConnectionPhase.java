package io.lb4j.event;

/** How far a connection had come. There may be more of them in later versions. */
public enum ConnectionPhase {
    /** It was to be found out whether it may come in. */
    ARRIVING,
    /** It had no backend yet. */
    CONNECTING,
    /** Every backend was full, and it waited for a place. */
    WAITING,
    /** Bytes could move both ways. */
    RELAYING,
    /** The client had ended its stream; the backend's went on. */
    CLIENT_FINISHED,
    /** The backend had ended its stream; the client's went on. */
    BACKEND_FINISHED,
    /** Both had ended their streams. */
    FINISHED
}
