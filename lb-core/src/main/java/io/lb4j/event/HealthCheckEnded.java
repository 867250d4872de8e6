package io.lb4j.event;

import io.lb4j.backend.Backend;
import io.lb4j.backend.CheckResult;

/**
 * A health check passed or failed. Checks that could not find out anything are not told of.
 *
 * @param backend the backend
 * @param result what came of it
 */
public record HealthCheckEnded(Backend backend, CheckResult result) {}
