package io.lb4j.health;

/** What happens to the connections of a backend whose health checks begin to fail. */
public enum OnDown {
    /** They go on: what still works is not broken. The default. */
    KEEP,
    /**
     * They are reset, with {@link io.lb4j.event.CloseReason#BACKEND_DOWN}, so that clients reconnect to one that is
     * healthy: for databases after a fail-over, whose old primary would keep its clients. While no backend is UP, or
     * fewer than {@linkplain MinimumHealthy are enough}, they go on, as there is none to go to; they are reset when there are.
     */
    CLOSE
}
