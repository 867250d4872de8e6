package io.lb4j;

/** Where a balancer is in its life. */
public enum LoadBalancerState {
    /** It accepts connections. */
    RUNNING,
    /** It accepts nothing new and lets connections finish. */
    DRAINING,
    /** It has ended: no connection and no listening socket is left. */
    CLOSED
}
