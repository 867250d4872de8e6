package io.lb4j.event;

import io.lb4j.backend.Backend;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The whole story of a connection, told when it has ended.
 *
 * @param id a number no other connection of this balancer has
 * @param clientAddress where the client connected from
 * @param backend the backend it was connected to, or null when it never was
 * @param attempts how many backends were tried; 0 when none was chosen
 * @param connectTime from the begin of the successful attempt to the connection; zero when there was none
 * @param duration from accepted to ended
 * @param bytesToBackend bytes of the client that the backend's socket accepted
 * @param bytesToClient bytes of the backend that the client's socket accepted
 * @param reason why it ended
 * @param cause the exception behind the reason, where there is one
 */
@SuppressWarnings("exports") // of the annotations, which nobody needs at run time
public record ConnectionSummary(
        long id,
        InetSocketAddress clientAddress,
        @Nullable Backend backend,
        int attempts,
        Duration connectTime,
        Duration duration,
        long bytesToBackend,
        long bytesToClient,
        CloseReason reason,
        @Nullable Throwable cause) {}
