package io.lb4j.health;

/** What happens to new connections while no backend is {@code UP}. */
public enum NoneHealthy {
    /** They are refused at once, with {@link io.lb4j.event.CloseReason#NO_BACKEND}. The default. */
    CLOSE,
    /**
     * All backends that are neither disabled nor draining are tried as if they were healthy: for checks that may be
     * wrong, or stricter than clients are.
     */
    TRY_ALL
}
