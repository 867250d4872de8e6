package io.lb4j.selection;

import io.lb4j.backend.Backend;

/** A backend that can be chosen now, with its live figures. Readable from any thread. */
public interface Candidate {
    /** The backend. */
    Backend backend();

    /** Connections to it that are open or being opened now, over all event loops. */
    int activeConnections();
}
