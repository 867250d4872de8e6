package io.lb4j.health;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.Addresses;
import io.lb4j.internal.util.Alpn;
import io.lb4j.internal.util.BlockingLookUp;
import io.lb4j.internal.util.Closing;
import io.lb4j.internal.util.Preload;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;

/** Makes the connections of checks. */
final class CheckDial {
    static {
        Preload.classes(
                CheckHeader.class,
                CheckSocket.class,
                Deadline.class,
                Exchange.class,
                Excerpt.class,
                TlsStream.class,
                Alpn.class);
    }

    private CheckDial() {}

    /**
     * Connects to a backend: to the first of its addresses that answers, in the order in which connections try them. Each
     * gets an equal share of the time that is left when its turn comes. Makes a TLS handshake where TLS is spoken to the backend.
     *
     * @throws CheckInconclusiveException no descriptor or no port is left
     */
    static Exchange connect(Backend backend, Duration timeout) throws IOException {
        Exchange exchange = connectPlain(backend, timeout);
        try {
            if (backend.tls().isPresent()) {
                exchange.secure(backend.tls().get(), backend.host());
            }
            return exchange;
        } catch (IOException | RuntimeException | Error failed) {
            exchange.close();
            throw failed;
        }
    }

    /** The same for one who speaks TLS by himself. */
    static Exchange connectPlain(Backend backend, Duration timeout) throws IOException {
        return connect(backend, timeout, false);
    }

    /**
     * The same for one who wants no more than that, and with {@code traceless} leaves the connection half made where
     * the platform lets it: {@link Exchange#close} then breaks off what the backend has not been told of.
     */
    static Exchange connect(Backend backend, Duration timeout, boolean traceless) throws IOException {
        Deadline deadline = Deadline.in(timeout);
        Addresses addresses = BlockingLookUp.of(backend.host(), timeout);
        int first = addresses.first();
        IOException failure = new UnknownHostException("no address");
        // The names, the addresses and their order are those of connections (Dial), the walk is not: a connection dials
        // the next one while it waits for the one before, which a single thread that blocks cannot do, and a check,
        // which nobody waits for, need not.
        for (int i = 0; i < addresses.size(); i++) {
            long millis = Math.max(1, deadline.millisLeft() / (addresses.size() - i));
            try {
                InetSocketAddress address = new InetSocketAddress(addresses.get(i, first), backend.port());
                CheckSocket socket = CheckSocket.connect(address, (int) millis, traceless);
                addresses.answered(socket.channel());
                return introduced(socket, backend, deadline);
            } catch (CheckInconclusiveException notTheBackend) {
                throw notTheBackend;
            } catch (IOException failed) {
                failure = failed;
            }
        }
        throw failure;
    }

    /** A backend that expects a header is sent one, unless its program is never told of the connection. */
    private static Exchange introduced(CheckSocket socket, Backend backend, Deadline deadline) throws IOException {
        try {
            if (!socket.isHalfMade() && backend.proxyProtocol().isPresent()) {
                CheckSocket.introduce(socket.channel(), backend);
            }
            return new Exchange(socket, deadline);
        } catch (IOException | RuntimeException | Error failed) {
            Closing.quietly(socket.channel());
            throw failed;
        }
    }
}
