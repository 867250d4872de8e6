package io.lb4j.benchmarks.load;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;

/** The client's side of TLS on one connection. What the engine would delegate is done at once. */
final class TlsStream {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final int HEADER = 5;
    private static final int LENGTH_AT = 3;

    private final TlsClients clients;
    private final SSLEngine engine;

    /** What has come and is not read yet. Its room is given back when all is: a connection that is idle has none. */
    private ByteBuffer received = NOTHING;

    private boolean established;
    private boolean full;

    TlsStream(TlsClients clients, SSLEngine engine) {
        this.clients = clients;
        this.engine = engine;
    }

    /** Says hello. */
    void begin(ByteChannel channel) throws IOException {
        engine.beginHandshake();
        sendFlight(channel);
    }

    /** Goes on with the handshake as far as it can. Returns whether it is over. */
    boolean handshake(ByteChannel channel) throws IOException {
        try {
            established = advance(channel);
            return established;
        } finally {
            full |= clients.takeCertificateShown();
        }
    }

    private boolean advance(ByteChannel channel) throws IOException {
        while (true) {
            switch (engine.getHandshakeStatus()) {
                case NEED_TASK -> engine.getDelegatedTask().run();
                case NEED_WRAP -> sendFlight(channel);
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                    if (!hasRecord() && !receive(channel)) {
                        return false;
                    }
                    if (unwrap(NOTHING) < 0) {
                        throw new EOFException("stream ended before the handshake was over");
                    }
                }
                default -> {
                    return true;
                }
            }
        }
    }

    private void sendFlight(ByteChannel channel) throws IOException {
        ByteBuffer flight = clients.record();
        while (engine.getHandshakeStatus() == SSLEngineResult.HandshakeStatus.NEED_WRAP) {
            engine.wrap(NOTHING, flight);
        }
        send(flight, channel);
    }

    boolean isEstablished() {
        return established;
    }

    /** Whether a certificate was shown; else a session was gone on with. */
    boolean isFull() {
        return full;
    }

    /** Whether there is something to read without asking the channel. */
    boolean hasRecord() {
        return received.remaining() >= HEADER
                && received.remaining() >= HEADER + received.getShort(received.position() + LENGTH_AT);
    }

    /**
     * Reads one record with bytes in it. Returns how many, 0 when it has not come yet, -1 when the other side has said that
     * it ends.
     *
     * @param into has room for a whole record
     */
    int read(ByteChannel channel, ByteBuffer into) throws IOException {
        boolean any = hasRecord() || receive(channel);
        int read = 0;
        while (any && read == 0) {
            read = unwrap(into);
            any = hasRecord();
        }
        if (!received.hasRemaining()) {
            letGo();
        }
        return read;
    }

    private int unwrap(ByteBuffer into) throws IOException {
        SSLEngineResult result = engine.unwrap(received, into);
        return switch (result.getStatus()) {
            case OK -> result.bytesProduced();
            case CLOSED -> -1;
            default -> throw new IOException("no record can be read: " + result);
        };
    }

    /** Returns whether a whole record is there now. */
    private boolean receive(ByteChannel channel) throws IOException {
        if (received == NOTHING) {
            received = clients.take();
        }
        received.compact();
        int read = channel.read(received);
        received.flip();
        if (read < 0) {
            letGo();
            throw new EOFException("stream ended without a close_notify");
        }
        return hasRecord();
    }

    /** Sends bytes that fit into a record. */
    void write(ByteBuffer bytes, ByteChannel channel) throws IOException {
        ByteBuffer sealed = clients.record();
        engine.wrap(bytes, sealed);
        send(sealed, channel);
        if (bytes.hasRemaining()) {
            throw new IOException("a request did not fit into a record");
        }
    }

    private static void send(ByteBuffer records, ByteChannel channel) throws IOException {
        channel.write(records.flip());
        if (records.hasRemaining()) {
            throw new IOException("a record did not fit into the socket");
        }
    }

    /** Says that nothing more is sent. */
    void end(ByteChannel channel) {
        engine.closeOutbound();
        try {
            write(NOTHING, channel);
        } catch (IOException gone) {
            // The other side has everything it asked for.
        }
        letGo();
    }

    /** Nothing more is read. */
    void letGo() {
        if (received != NOTHING) {
            clients.giveBack(received);
            received = NOTHING;
        }
    }
}
