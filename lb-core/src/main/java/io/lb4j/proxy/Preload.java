package io.lb4j.proxy;

import java.util.List;

/**
 * Loads the engine's classes at start. A class that is first needed when no descriptor is left, and lies in a directory,
 * cannot be read then, and Java never tries again: NoClassDefFoundError for the rest of the process.
 */
final class Preload {
    private static final List<Class<?>> CLASSES = List.of(
            AcceptGate.class,
            Acceptor.class,
            BackendConnector.class,
            BrokenPipe.class,
            ChunkPool.class,
            ConnectionList.class,
            ConnectionState.class,
            Endpoint.class,
            EventLoop.class,
            Guests.class,
            NameResolver.class,
            ProxyConnection.class,
            Relay.class,
            SocketSettings.class,
            io.lb4j.event.CloseReason.class,
            io.lb4j.event.ConnectionOpened.class,
            io.lb4j.event.ConnectionSummary.class,
            io.lb4j.stats.TcpProxyStats.class);

    private Preload() {}

    /** Loads and initialises them, and the classes nested in them. */
    static void engine() {
        CLASSES.forEach(Preload::initialise);
    }

    private static void initialise(Class<?> type) {
        for (Class<?> member : type.getNestMembers()) {
            try {
                Class.forName(member.getName(), true, member.getClassLoader());
            } catch (ClassNotFoundException impossible) {
                throw new IllegalStateException(impossible);
            }
        }
    }
}
