package io.lb4j.proxy;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.Hosts;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.stream.Stream;

/** Keeps a proxy from connecting to itself, where that can be seen before it dials. */
final class OwnListener {
    private OwnListener() {}

    /**
     * Refuses a backend that would connect a proxy to itself. Asks the name server.
     *
     * @throws IllegalStateException when the backend's host and port reach that address
     */
    static void refuse(Backend backend, InetSocketAddress listener) {
        if (backend.port() == listener.getPort() && reaches(backend, listener)) {
            throw new IllegalStateException("backend: " + backend + " is the balancer's own listener "
                    + Hosts.join(listener) + " (expected: another address or port)");
        }
    }

    /** The same where a proxy is to listen. */
    static void refuse(Backend backend, FrontendPlan frontend) {
        boolean isItsPort = frontend.ports().first() <= backend.port()
                && backend.port() <= frontend.ports().last();
        if (isItsPort) {
            try {
                for (InetAddress address : InetAddress.getAllByName(frontend.host())) {
                    refuse(backend, new InetSocketAddress(address, backend.port()));
                }
            } catch (UnknownHostException notKnownNow) {
                // Then it cannot be listened on either, and start() says so.
            }
        }
    }

    /** Whether the backend's host is written as an address that reaches a proxy that listens there. */
    static boolean isWrittenIn(Backend backend, InetSocketAddress listener) {
        // The port first: of ten thousand backends and a hundred listeners nearly none is written the same.
        InetAddress address = backend.port() == listener.getPort() ? Hosts.literal(backend.host()) : null;
        return address != null && Hosts.reaches(address, backend.port(), listener);
    }

    /** Whether one of the backend's addresses reaches a proxy that listens there. Unknown hosts do not, for now. */
    private static boolean reaches(Backend backend, InetSocketAddress listener) {
        try {
            return Stream.of(InetAddress.getAllByName(backend.host()))
                    .anyMatch(address -> Hosts.reaches(address, backend.port(), listener));
        } catch (UnknownHostException notKnownNow) {
            return false;
        }
    }
}
