package io.lb4j.proxy;

import io.lb4j.internal.relay.Relayed;
import io.lb4j.internal.tls.TlsEndpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;

/**
 * The handshake of TLS with one side of a connection. What the engine has to reckon runs on threads of its own, and meanwhile
 * nothing is asked of the side. Confined to the connection's loop.
 */
final class Handshake {
    /** A fatal alert of RFC 8446, 6, before any key. */
    private static final byte[] UNRECOGNIZED_NAME = {21, 3, 3, 0, 2, 2, 112};

    private final ProxyConnection connection;
    private final TlsEndpoint endpoint;
    private final Relayed.Step whenReckoned;
    private boolean isReckoning;

    /** @param whenReckoned is to {@link #goOn}; not called when the connection has ended meanwhile */
    Handshake(ProxyConnection connection, TlsEndpoint endpoint, Relayed.Step whenReckoned) {
        this.connection = connection;
        this.endpoint = endpoint;
        this.whenReckoned = whenReckoned;
    }

    /** Says to a client that there is no certificate for his name (RFC 6066, 3), as far as his socket takes it. */
    void refuseName() {
        try {
            ByteBuffer alert = connection.loop().memory().records().socket();
            endpoint.write(alert.put(UNRECOGNIZED_NAME).flip());
        } catch (IOException alreadyGone) {
            // He does not want to know.
        }
    }

    TlsEndpoint endpoint() {
        return endpoint;
    }

    /**
     * Goes on as far as it can. Returns whether it is through.
     *
     * @throws IOException it has failed
     */
    boolean goOn() throws IOException {
        if (isReckoning) {
            return false;
        }
        EventLoop loop = connection.loop();
        switch (endpoint.shake()) {
            case INPUT -> endpoint.interest(loop.selector(), SelectionKey.OP_READ);
            case OUTPUT -> endpoint.interest(loop.selector(), SelectionKey.OP_WRITE);
            case TASK -> {
                endpoint.interest(loop.selector(), 0);
                reckon(loop);
            }
            case NOTHING -> {
                return true;
            }
        }
        return false;
    }

    private void reckon(EventLoop loop) {
        isReckoning = true;
        Runnable task = endpoint.task();
        loop.context().handshakes().execute(() -> {
            try {
                task.run();
            } finally {
                loop.post(this::reckoned);
            }
        });
    }

    private void reckoned() {
        isReckoning = false;
        connection.guarded(whenReckoned);
    }
}
