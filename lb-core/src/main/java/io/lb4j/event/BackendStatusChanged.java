package io.lb4j.event;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendStatus;

/**
 * A backend began or ceased to get new connections.
 *
 * @param backend the backend
 * @param from its status before
 * @param to its status now
 * @param reason why, for people
 */
public record BackendStatusChanged(Backend backend, BackendStatus from, BackendStatus to, String reason) {}
