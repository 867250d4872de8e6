package io.lb4j.event;

import io.lb4j.backend.Backend;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A backend, or the whole balancer, gets no new connections and lets those it has end.
 *
 * @param backend the backend, or null for the whole balancer
 * @param connections how many it has
 * @param grace after which they are reset, or null for never
 */
@SuppressWarnings("exports") // of the annotations, which nobody needs at run time
public record DrainBegan(
        @Nullable Backend backend,
        long connections,
        @Nullable Duration grace) {}
