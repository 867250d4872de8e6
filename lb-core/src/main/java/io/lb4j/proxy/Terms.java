package io.lb4j.proxy;

import io.lb4j.access.Bandwidth;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * On what terms a frontend lets a client in. Of what is not set there is nothing. Immutable but for the table of clients.
 *
 * @param gatekeeper who says which clients are let in; null when all are
 * @param arrivals what is to be heard of clients before backends are chosen for them; null when that is nothing
 * @param bandwidth of each connection; null when it may pass as much as it can
 * @param hasBandwidth whether bytes are counted: of connections, or of clients
 */
record Terms(
        @Nullable Gatekeeper gatekeeper,
        @Nullable Arrivals arrivals,
        @Nullable Bandwidth bandwidth,
        boolean hasBandwidth) {
    /** A place for one who has just connected from there, or why he gets none; of whoever sends a header that is asked later. */
    ClientPlace receive(InetAddress peer, long now) {
        if (arrivals != null && arrivals.isHeaderDue(peer)) {
            return ClientPlace.UNCOUNTED;
        }
        return arrivals != null && arrivals.refusesOthers() ? ClientPlace.NOT_TRUSTED : admit(peer, now);
    }

    /** A place for this client, or why he gets none. Allocates what a table of clients needs and no more. */
    ClientPlace admit(InetAddress client, long now) {
        return gatekeeper == null ? ClientPlace.UNCOUNTED : gatekeeper.admit(client, now);
    }
}
