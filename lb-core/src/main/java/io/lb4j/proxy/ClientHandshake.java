package io.lb4j.proxy;

import io.lb4j.event.CloseReason;
import io.lb4j.internal.loop.Chunk;
import io.lb4j.internal.relay.Relayed;
import io.lb4j.internal.tls.TlsEndpoint;
import io.lb4j.preface.ClientHello;
import io.lb4j.tls.FrontendTls;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The handshake of TLS with a client. One with whom it fails is told by an alert, which a reset might take away: he has a moment
 * to go by himself. Confined to the connection's loop.
 */
final class ClientHandshake {
    private static final long TIME_TO_LEAVE = TimeUnit.SECONDS.toNanos(1);

    private final ProxyConnection connection;
    private final TlsEndpoint client;
    private final FrontendTls tls;
    private final Handshake handshake;
    private boolean isLeaving;
    private long deadline;

    /** @param whenReckoned is to {@link #goOn} */
    ClientHandshake(ProxyConnection connection, TlsEndpoint client, FrontendTls tls, Relayed.Step whenReckoned) {
        this.connection = connection;
        this.client = client;
        this.tls = tls;
        handshake = new Handshake(connection, client, whenReckoned);
        deadline = connection.loop().now() + tls.handshakeTimeout().toNanos();
    }

    /**
     * Returns whether TLS is spoken from now on.
     *
     * @param heard the hello, and whatever came behind it; its own from now on if TLS is spoken
     */
    boolean begin(ClientHello hello, @Nullable Chunk heard) throws IOException {
        try {
            if (!tls.isUnknown(hello)) {
                client.secure(tls.newEngine(hello), null, heard, tls.truncation());
                return true;
            }
            refuseName(hello);
        } catch (RuntimeException noEngine) {
            turnAway(new SSLException("no engine: " + noEngine, noEngine));
        }
        return false;
    }

    private void refuseName(ClientHello hello) throws IOException {
        handshake.refuseName();
        String name = hello.serverName().map(said -> " for " + said).orElse(", and no name was asked for");
        turnAway(new SSLException("no certificate" + name));
    }

    /** Goes on as far as it can. Returns whether it is through. */
    boolean goOn() throws IOException {
        if (isLeaving) {
            leave();
            return false;
        }
        try {
            if (!handshake.goOn()) {
                return false;
            }
        } catch (SSLException failed) {
            turnAway(failed);
            return false;
        } catch (IOException reset) {
            connection.abort(CloseReason.CLIENT_RESET, reset);
            return false;
        }
        connection.story().secured(client.facts());
        return true;
    }

    private void turnAway(SSLException why) throws IOException {
        connection.loop().context().refused(CloseReason.TLS_HANDSHAKE_FAILED, why);
        connection.blame(CloseReason.TLS_HANDSHAKE_FAILED, why);
        client.shutdownOutput();
        isLeaving = true;
        deadline = connection.loop().now() + TIME_TO_LEAVE;
        connection.listenToClient(SelectionKey.OP_READ);
    }

    private void leave() {
        boolean isGone;
        try {
            isGone = client.discard() < 0;
        } catch (IOException reset) {
            isGone = true;
        }
        if (isGone) {
            connection.close(CloseReason.TLS_HANDSHAKE_FAILED, null);
        }
    }

    long deadline() {
        return deadline;
    }

    void expired() {
        if (isLeaving) {
            connection.close(CloseReason.TLS_HANDSHAKE_FAILED, null);
        } else if (handshake.isReckoning()) {
            // It was not he who took so long.
            IOException busy = new IOException("the threads for that are busy");
            connection.loop().context().shortage("cannot go on with a client's TLS handshake:", busy);
            connection.refuse(CloseReason.LOCAL_SHORTAGE, busy);
        } else {
            connection.refuse(CloseReason.TLS_HANDSHAKE_TIMEOUT, null);
        }
    }
}
