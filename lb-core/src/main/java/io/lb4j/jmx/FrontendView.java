package io.lb4j.jmx;

import java.util.List;

/** One frontend at one moment; composite data to clients that do not have this interface. */
public interface FrontendView {
    /** Its name. */
    String getName();

    /** Where it listens, hosts and ports, in the order of the ports. */
    List<String> getAddresses();

    /** Where its connections go: {@code pool} and a name, or {@code by function}. */
    String getDestination();

    /** Whether its ports are open. */
    boolean isListening();

    /** Its connections open now. */
    long getActiveConnections();

    /** Connections accepted since it began to listen. */
    long getAcceptedConnections();

    /** Bytes of its clients that backends' sockets accepted. */
    long getBytesToBackend();

    /** Bytes of backends that its clients' sockets accepted. */
    long getBytesToClient();
}
