package io.lb4j.backend;

/**
 * What the balancer knows of one backend at one moment.
 *
 * @param backend the backend
 * @param status whether it gets new connections
 * @param reason why it has that status, for people: the last check's error, or "not checked yet"
 * @param activeConnections connections to it that are open or being opened now
 */
public record BackendState(Backend backend, BackendStatus status, String reason, int activeConnections) {}
