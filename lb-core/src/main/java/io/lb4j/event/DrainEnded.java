package io.lb4j.event;

import io.lb4j.backend.Backend;
import org.jspecify.annotations.Nullable;

/**
 * A drain is over: no connection is left.
 *
 * @param backend the backend, or null for the whole balancer
 * @param finished connections that ended by themselves since it began
 * @param aborted connections that were reset
 */
@SuppressWarnings("exports") // of the annotations, which nobody needs at run time
public record DrainEnded(@Nullable Backend backend, long finished, long aborted) {}
