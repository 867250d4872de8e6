package io.lb4j.proxy;

import io.lb4j.internal.relay.Relayed;
import io.lb4j.internal.tls.TlsEndpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

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

    /** What the last task has thrown: written by its thread, read by the loop when that has been posted. */
    private @Nullable Throwable thrown;

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

    /** Whether it waits for what the engine has to reckon, and not for the peer. */
    boolean isReckoning() {
        return isReckoning;
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
        switch (shake()) {
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

    /** Key managers and trust managers are guests: what they throw fails the handshake, and no more. */
    private TlsEndpoint.Awaited shake() throws IOException {
        try {
            rethrow();
            return endpoint.shake();
        } catch (RuntimeException failed) {
            connection.loop().failure("TLS handshake", failed);
            throw new SSLException("the engine failed: " + failed, failed);
        }
    }

    private void rethrow() {
        if (thrown instanceof Error exhausted) {
            throw exhausted;
        }
        if (thrown instanceof RuntimeException failed) {
            throw failed;
        }
    }

    private void reckon(EventLoop loop) {
        isReckoning = true;
        Runnable task = endpoint.task();
        Runnable over = this::reckoned;
        loop.context().handshakes().execute(() -> {
            try {
                task.run();
            } catch (RuntimeException | Error failed) {
                // An engine of the JDK forgets an error, and waits for the peer.
                thrown = failed;
            } finally {
                loop.post(over);
            }
        });
    }

    private void reckoned() {
        isReckoning = false;
        connection.guarded(whenReckoned);
    }
}
