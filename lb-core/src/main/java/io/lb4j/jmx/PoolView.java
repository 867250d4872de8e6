package io.lb4j.jmx;

/** One pool at one moment; composite data to clients that do not have this interface. */
public interface PoolView {
    /** Its name; {@code default} is the one that was set up on the balancer's builder itself. */
    String getName();

    /** How its backends are chosen, in words. */
    String getSelector();

    /** How many of its backends are UP. */
    int getBackendsUp();

    /** How many backends it has, without those that are LEAVING. */
    int getBackendsAll();

    /** Connections that wait now because every backend is full. */
    long getWaitingConnections();
}
