package io.lb4j.jmx;

/** One backend at one moment; composite data to clients that do not have this interface. */
public interface BackendView {
    /** Its id. */
    String getId();

    /** The name of the pool it is in. */
    String getPool();

    /** Its host and port. */
    String getAddress();

    /** Its weight, 0..1000. */
    int getWeight();

    /** Its status: UP, DOWN, EJECTED, DRAINING, DISABLED or LEAVING. */
    String getStatus();

    /** Why it has that status. */
    String getReason();

    /** Connections open or being opened now. */
    long getActiveConnections();

    /** Connections made to it. */
    long getConnections();

    /** Attempts to connect that failed there. */
    long getConnectFailures();

    /** Bytes sent to it over connections that have ended. */
    long getBytesToBackend();

    /** Bytes received from it over connections that have ended. */
    long getBytesToClient();

    /** Health checks that failed. */
    long getChecksFailed();

    /** Times it was ejected. */
    long getEjections();
}
