package io.lb4j.proxy;

/**
 * What a drain came to.
 *
 * @param finished connections that ended by themselves between the begin of the drain and its end
 * @param aborted connections that were still open at the deadline, or when the balancer was closed, and were reset
 */
public record DrainResult(long finished, long aborted) {}
