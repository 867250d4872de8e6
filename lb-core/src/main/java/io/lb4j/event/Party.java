package io.lb4j.event;

/** Who has to do with a connection. */
public enum Party {
    /** The client. */
    CLIENT,
    /** The backend. */
    BACKEND,
    /** The balancer, or who operates it. */
    BALANCER
}
