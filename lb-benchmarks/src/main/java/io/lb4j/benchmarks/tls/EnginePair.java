package io.lb4j.benchmarks.tls;

import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/** A client and a server in memory, on one thread, which also does what the engines want to delegate. */
public final class EnginePair {
    private final SSLEngine client;
    private final SSLEngine server;
    private final Wires wires;
    private final long made = System.currentTimeMillis();
    private long serverNanos;

    public EnginePair(SSLEngine client, SSLEngine server, Wires wires) {
        this.client = client;
        this.server = server;
        this.wires = wires.cleared();
        client.setUseClientMode(true);
        server.setUseClientMode(false);
    }

    /**
     * What is under way, and where what arrives is put. One pair after another may have them.
     *
     * @param toServer records of the client
     * @param toClient records of the server
     * @param arrived plain bytes; a handshake leaves none there
     */
    public record Wires(ByteBuffer toServer, ByteBuffer toClient, ByteBuffer arrived) {
        /** More than any flight with a single certificate. */
        private static final int SIZE = 64 * 1024;

        public Wires() {
            this(ByteBuffer.allocate(SIZE), ByteBuffer.allocate(SIZE), ByteBuffer.allocate(SIZE));
        }

        private Wires cleared() {
            toServer.clear();
            toClient.clear();
            arrived.clear();
            return this;
        }
    }

    /** Both sides, up to the session ticket that the client takes last. */
    public void handshake() throws SSLException {
        client.beginHandshake();
        boolean moving = true;
        while (moving) {
            moving = step(client, wires.toClient, wires.toServer);
            long start = System.nanoTime();
            moving |= step(server, wires.toServer, wires.toClient);
            serverNanos += System.nanoTime() - start;
        }
        if (isHandshaking(client) || isHandshaking(server)) {
            throw new SSLException("the handshake stands still");
        }
    }

    private static boolean isHandshaking(SSLEngine engine) {
        return engine.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING;
    }

    /** All that one side can do now. Returns whether there was something. */
    private boolean step(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
        boolean any = false;
        in.flip();
        while (in.hasRemaining() || hasOwnWork(engine)) {
            any = true;
            switch (engine.getHandshakeStatus()) {
                case NEED_TASK -> engine.getDelegatedTask().run();
                case NEED_WRAP -> engine.wrap(ByteBuffer.allocate(0), out);
                default -> unwrap(engine, in);
            }
        }
        in.clear();
        return any;
    }

    private void unwrap(SSLEngine engine, ByteBuffer in) throws SSLException {
        SSLEngineResult result = engine.unwrap(in, wires.arrived);
        if (result.getStatus() != SSLEngineResult.Status.OK) {
            throw new SSLException("not a whole flight: " + result);
        }
    }

    private static boolean hasOwnWork(SSLEngine engine) {
        HandshakeStatus status = engine.getHandshakeStatus();
        return status == HandshakeStatus.NEED_TASK || status == HandshakeStatus.NEED_WRAP;
    }

    /** Whether the session is an older one, known since before these engines were. */
    public boolean isResumed() {
        return client.getSession().getCreationTime() < made;
    }

    /** How long the server's side of the handshake took. */
    public long serverNanos() {
        return serverNanos;
    }

    public SSLEngine client() {
        return client;
    }

    public SSLEngine server() {
        return server;
    }
}
