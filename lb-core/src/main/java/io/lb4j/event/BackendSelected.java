package io.lb4j.event;

import io.lb4j.backend.Backend;

/**
 * An attempt to connect to a backend begins.
 *
 * @param id the connection's number
 * @param backend the backend that was chosen
 * @param attempt which attempt this is; 1 for the first
 */
public record BackendSelected(long id, Backend backend, int attempt) {}
