package io.lb4j.stats;

import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One connection as it was when its event loop was asked.
 *
 * @param id the connection's number, which no other connection of this balancer has
 * @param clientAddress where the client connected from
 * @param frontend the name of the frontend that the client connected to
 * @param pool the name of the pool that backend is in; null while it has none
 * @param backend the id of the backend it is connected to; null while it has none: it is being connected, or waits for
 *     a place
 * @param age since it was accepted
 * @param idle since a byte moved last, either way; since it was accepted while it has no backend
 * @param bytesToBackend bytes of the client that the backend's socket has accepted
 * @param bytesToClient bytes of the backend that the client's socket has accepted
 */
@SuppressWarnings("exports") // of the annotations, which nobody needs at run time
public record OpenConnection(
        long id,
        InetSocketAddress clientAddress,
        String frontend,
        @Nullable String pool,
        @Nullable String backend,
        Duration age,
        Duration idle,
        long bytesToBackend,
        long bytesToClient) {}
