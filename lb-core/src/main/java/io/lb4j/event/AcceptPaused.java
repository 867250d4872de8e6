package io.lb4j.event;

/**
 * An event loop accepts no connections for the moment. Clients wait in the kernel's backlog.
 *
 * @param cause why
 */
public record AcceptPaused(Cause cause) {
    /** Why accepting pauses. */
    public enum Cause {
        /** As many connections are open as may be. It resumes when one ends. */
        CONNECTION_LIMIT,
        /** Descriptors or memory of this machine ran out. It resumes when a connection ends, or tries again by itself. */
        SHORTAGE
    }
}
