package io.lb4j.jmx;

import java.util.List;
import java.util.Map;

/**
 * A balancer, for JMX: its figures, its frontends, its pools and their backends, and what can be done to them. Registered by {@link JmxRegistration}.
 *
 * <p>Operations on a backend throw an {@link IllegalArgumentException} that names the known ids when there is none of
 * that id: JMX clients do not have the classes of a balancer, so they get exceptions of the JDK only.
 */
public interface LoadBalancerMXBean {
    /** The balancer's name. */
    String getName();

    /** Where its first frontend listens, host and port. */
    String getAddress();

    /** {@code RUNNING}, {@code DRAINING} or {@code CLOSED}. */
    String getState();

    /** Connections open now. */
    long getActiveConnections();

    /** Those of them that wait now because every backend is full. */
    long getWaitingConnections();

    /** Connections accepted since the start. */
    long getAcceptedConnections();

    /** Connections ended since the start, by reason. */
    Map<String, Long> getClosedConnections();

    /** Attempts to connect to backends that failed since the start. */
    long getConnectFailures();

    /** Bytes of clients that backends' sockets accepted. */
    long getBytesToBackend();

    /** Bytes of backends that clients' sockets accepted. */
    long getBytesToClient();

    /** The frontends, in the order in which they were added. */
    List<FrontendView> getFrontends();

    /** The pools, the default one first, then in the order in which they were added. */
    List<PoolView> getPools();

    /** The backends of all pools, pool by pool, in the order in which they were added. */
    List<BackendView> getBackends();

    /**
     * Takes a backend out and lets its connections end; see {@link io.lb4j.Backends#drain}.
     *
     * @param graceSeconds after which they are reset, 0 or more
     */
    void drainBackend(String id, long graceSeconds);

    /** Puts a backend back that was disabled or drained. */
    void enableBackend(String id);

    /** Takes a backend out; its connections go on. */
    void disableBackend(String id);

    /**
     * Gives a backend another weight.
     *
     * @param weight 0..1000
     */
    void weightBackend(String id, int weight);

    /**
     * Ends the balancer politely; see {@link io.lb4j.LoadBalancer#drain}. Does not wait.
     *
     * @param graceSeconds after which connections are reset, 0 or more
     */
    void drain(long graceSeconds);
}
