package io.lb4j.backend;

import java.time.Duration;
import java.time.Instant;

/**
 * What one health check found.
 *
 * @param passed whether it found the backend healthy
 * @param message why not, for people; empty when it passed
 * @param duration how long it took
 * @param at when it ended
 */
public record CheckResult(boolean passed, String message, Duration duration, Instant at) {}
