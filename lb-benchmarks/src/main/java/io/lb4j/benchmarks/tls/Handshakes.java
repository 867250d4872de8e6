package io.lb4j.benchmarks.tls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.Collections;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSessionContext;

/** Handshakes of one kind, as many as are wanted. */
public final class Handshakes {
    private static final String HOST = "localhost";
    private static final int PORT = 443;

    private final SSLContext clients;
    private final SSLContext servers;
    private final String protocol;
    private final boolean resumed;
    private final EnginePair.Wires wires = new EnginePair.Wires();

    private Handshakes(Identity identity, String protocol, boolean resumed) throws GeneralSecurityException {
        clients = identity.context();
        servers = identity.context();
        this.protocol = protocol;
        this.resumed = resumed;
    }

    /**
     * Those of one protocol.
     *
     * @param protocol as the JDK calls it, {@code TLSv1.3}
     * @param resumed whether each goes on with a session that was there before
     */
    public static Handshakes of(Identity.Kind certificate, String protocol, boolean resumed)
            throws IOException, GeneralSecurityException, InterruptedException {
        Handshakes handshakes = new Handshakes(Identity.of(certificate), protocol, resumed);
        handshakes.next();
        // A session is as old as the millisecond in which it began.
        Thread.sleep(2);
        if (handshakes.next().isResumed() != resumed) {
            throw new SSLException("resumed: " + !resumed + " (expected: " + resumed + ")");
        }
        return handshakes;
    }

    /** Two new engines that are through with their handshake. */
    public EnginePair next() throws SSLException {
        // An engine that is not told whom it speaks with remembers no session of his.
        SSLEngine client = resumed ? clients.createSSLEngine(HOST, PORT) : clients.createSSLEngine();
        SSLEngine server = servers.createSSLEngine();
        client.setEnabledProtocols(new String[] {protocol});
        EnginePair pair = new EnginePair(client, server, wires);
        pair.handshake();
        return pair;
    }

    /** Makes the clients forget all sessions: what is then left is the servers'. */
    void forget() {
        SSLSessionContext sessions = clients.getClientSessionContext();
        for (byte[] id : Collections.list(sessions.getIds())) {
            Optional.ofNullable(sessions.getSession(id)).ifPresent(SSLSession::invalidate);
        }
    }
}
