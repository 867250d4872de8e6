package io.lb4j.event;

import io.lb4j.backend.Backend;
import io.lb4j.tls.TlsFacts;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection has its backend, and bytes begin to move.
 *
 * @param id the connection's number
 * @param clientAddress where the client connects from
 * @param frontend the name of the frontend that the client connected to
 * @param tls what the handshake of TLS with the client has led to; null where there was none
 * @param backend the backend it was connected to
 * @param backendAddress which of the backend's addresses
 * @param attempts how many backends were tried, this one included; 1 or more
 * @param connectTime from the begin of the successful attempt to the connection
 */
@SuppressWarnings("exports") // of the annotations, which nobody needs at run time
public record ConnectionOpened(
        long id,
        InetSocketAddress clientAddress,
        String frontend,
        @Nullable TlsFacts tls,
        Backend backend,
        InetSocketAddress backendAddress,
        int attempts,
        Duration connectTime) {}
