package io.lb4j.benchmarks.load;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** One client's TLS: each connection with a session of its own, or each but the first with that of the one before. */
final class TlsClient {
    private final TlsClients clients;
    private @Nullable String peer;
    private boolean hasSession;

    TlsClient(TlsClients clients, boolean resumes) {
        this.clients = clients;
        peer = resumes ? clients.newPeer() : null;
    }

    /** Of the next connection. */
    TlsStream next() {
        return new TlsStream(clients, clients.engine(peer));
    }

    /**
     * A handshake is over.
     *
     * @throws IOException if it was full where a session was there to go on with, or the other way round
     */
    void established(boolean full) throws IOException {
        if (full == hasSession) {
            throw new IOException("handshake: " + name(full) + " (expected: " + name(!full) + ")");
        }
        hasSession = peer != null;
    }

    private static String name(boolean full) {
        return full ? "full" : "resumed";
    }

    /** A session is used once, and whether there is another one by now is not known: it begins anew. */
    void failed() {
        hasSession = false;
        peer = peer == null ? null : clients.newPeer();
    }
}
