package io.lb4j.event;

/**
 * One side has ended its stream and all of it was passed on; the other side's goes on.
 *
 * @param id the connection's number
 * @param finished who has ended its stream: {@link Party#CLIENT} or {@link Party#BACKEND}
 */
public record ConnectionHalfClosed(long id, Party finished) {}
