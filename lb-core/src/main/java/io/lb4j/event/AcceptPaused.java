package io.lb4j.event;

/**
 * An event loop accepts no connections for the moment. Clients wait in the kernel's backlog, but for one cause, for which
 * the port is closed. There may be more causes in later versions.
 *
 * @param cause why
 */
public record AcceptPaused(Cause cause) {
    /** Why accepting pauses. */
    public enum Cause {
        /** As many connections are open as may be. It resumes when one ends. */
        CONNECTION_LIMIT,
        /** As many connections were accepted at a frontend as may be in such a time. It resumes when the next one may. */
        RATE,
        /** Descriptors or memory of this machine ran out. It resumes when a connection ends, or tries again by itself. */
        SHORTAGE,
        /**
         * Too few backends are UP, and the balancer is to {@linkplain io.lb4j.health.NoneHealthy#STOP_LISTENING close its
         * port}: told once for all event loops, and clients are refused. It resumes when enough are UP.
         */
        NONE_HEALTHY
    }
}
