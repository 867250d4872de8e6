package io.lb4j.health;

import io.lb4j.internal.util.Alpn;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.cert.Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;

/** The client's side of one TLS connection. Closing it ends that, not the connection below. */
final class TlsStream implements AutoCloseable {
    // An engine and not an SSLSocket over ours: the socket has a timeout for each read only, which a backend that
    // sends a byte now and then never meets, and wraps what an interrupt throws.

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Exchange exchange;
    private final SSLEngine engine;
    private final ByteBuffer received;
    private ByteBuffer toSend;

    /** What came and is not taken yet. */
    private ByteBuffer plain;

    TlsStream(Exchange exchange, SSLEngine engine) {
        this.exchange = exchange;
        this.engine = engine;
        int record = engine.getSession().getPacketBufferSize();
        received = ByteBuffer.allocate(2 * record).flip();
        toSend = ByteBuffer.allocate(record);
        plain = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize())
                .flip();
    }

    /** Makes the handshake and returns the backend's certificate and those it came with; none if none are looked at. */
    Certificate[] shakeHands() throws IOException {
        engine.beginHandshake();
        while (true) {
            switch (engine.getHandshakeStatus()) {
                case FINISHED, NOT_HANDSHAKING -> {
                    Alpn.expectAgreed(engine);
                    return engine.getSession().getPeerCertificates();
                }
                default -> {
                    if (isOverAfterStep()) {
                        throw exchange.ended();
                    }
                }
            }
        }
    }

    /**
     * Some bytes, waited for, or -1 when the backend has said that there are no more.
     *
     * @throws EOFException its stream has ended without that: nobody knows whether it was all
     */
    int read(byte[] into, int offset, int length) throws IOException {
        while (!plain.hasRemaining()) {
            if (isOverAfterStep()) {
                return -1;
            }
        }
        int size = Math.min(length, plain.remaining());
        plain.get(into, offset, size);
        return size;
    }

    void send(byte[] bytes, int length) throws IOException {
        ByteBuffer from = ByteBuffer.wrap(bytes, 0, length);
        while (from.hasRemaining()) {
            SSLEngineResult result = wrap(from);
            expectOk(result);
            if (result.getStatus() == Status.OK && result.bytesConsumed() + result.bytesProduced() == 0) {
                throw new SSLException("the backend wants another handshake: " + result.getHandshakeStatus());
            }
        }
    }

    /** Does what the engine wants done next. Returns whether the backend has ended its side. */
    private boolean isOverAfterStep() throws IOException {
        return switch (engine.getHandshakeStatus()) {
            case NEED_TASK -> {
                runTasks();
                yield false;
            }
            case NEED_WRAP -> {
                expectOk(wrap(NOTHING));
                yield false;
            }
            default -> isOverAfterUnwrap();
        };
    }

    private void runTasks() {
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            task.run();
        }
    }

    private SSLEngineResult wrap(ByteBuffer from) throws IOException {
        SSLEngineResult result = engine.wrap(from, toSend.clear());
        exchange.sendRaw(toSend.array(), toSend.position());
        return result;
    }

    /** Anything else would come again for ever. */
    private void expectOk(SSLEngineResult result) throws SSLException {
        switch (result.getStatus()) {
            case OK -> {}
            case BUFFER_OVERFLOW -> toSend = ByteBuffer.allocate(2 * toSend.capacity());
            default -> throw new SSLException("TLS ended: " + result.getStatus());
        }
    }

    private boolean isOverAfterUnwrap() throws IOException {
        SSLEngineResult result;
        try {
            result = engine.unwrap(received, plain.clear());
        } finally {
            plain.flip();
        }
        switch (result.getStatus()) {
            case BUFFER_UNDERFLOW -> receive();
            case BUFFER_OVERFLOW ->
                plain = ByteBuffer.allocate(2 * plain.capacity()).flip();
            case CLOSED -> {
                return true;
            }
            default -> {}
        }
        return false;
    }

    private void receive() throws IOException {
        received.compact();
        int n;
        try {
            n = exchange.readRaw(received.array(), received.position(), received.remaining());
            received.position(received.position() + Math.max(0, n));
        } finally {
            received.flip();
        }
        if (n < 0) {
            throw exchange.cutOff();
        }
    }

    /** Tells the backend that it was the end, or what was wrong. */
    @Override
    public void close() {
        engine.getSession().invalidate();
        engine.closeOutbound();
        try {
            for (boolean more = true; more && !engine.isOutboundDone(); ) {
                more = wrap(NOTHING).bytesProduced() > 0;
            }
        } catch (IOException gone) {
            // Then there is nobody to tell; the verdict stands.
            return;
        }
    }
}
