package io.lb4j.health;

/**
 * What happens to new connections while no backend is {@code UP}, or fewer than {@linkplain MinimumHealthy are enough}.
 * Those that are open go on.
 */
public enum NoneHealthy {
    /** They are refused at once, with {@link io.lb4j.event.CloseReason#NO_BACKEND}. The default. */
    CLOSE,
    /**
     * All backends that are neither disabled nor draining are tried as if they were healthy: for checks that may be
     * wrong, or stricter than clients are, and for those that are left and would not bear the load of all. With {@link
     * OnRecovery#STAY} the one in charge alone is tried, as long as it is not taken out.
     */
    TRY_ALL,
    /**
     * The port is closed, and opened again as soon as enough are UP: who connects meanwhile is refused by the kernel, as
     * by a host on which nothing runs. For clients that know several hosts (libpq, JDBC and AMQP drivers) and go to the
     * next one only when they cannot connect to the first, and for whoever in front looks at the port (keepalived,
     * another balancer). Those that were accepted before get whoever is UP. When the balancer starts, its port is open for
     * a moment before it is closed. Choose a port below the range that the system gives to outgoing connections (Linux:
     * 32768..60999), or one of these may have it when it is to be opened again.
     */
    STOP_LISTENING
}
