package io.lb4j.health;

import io.lb4j.internal.util.Hosts;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.cert.Certificate;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

/** The client's side of one TLS handshake. Closing it ends the TLS connection, not the one below. */
final class TlsHandshake implements AutoCloseable {
    // An engine and not an SSLSocket over ours: the socket has a timeout for each read only, which a backend that
    // sends a byte now and then never meets, and wraps what an interrupt throws.

    private final Exchange exchange;
    private final SSLEngine engine;
    private final ByteBuffer received = ByteBuffer.allocate(Exchange.LIMIT).flip();
    private final ByteBuffer toSend;
    private ByteBuffer plain;

    TlsHandshake(Exchange exchange, SSLContext context, String host) {
        this.exchange = exchange;
        String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
        // Sessions are kept by host and port. One that is resumed would show the certificate of its first handshake;
        // under port 0 there are none but ours, and close() forgets those.
        engine = context.createSSLEngine(name, 0);
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        parameters.setServerNames(serverNames(name));
        engine.setSSLParameters(parameters);
        toSend = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        plain = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize());
    }

    /** SNI has names only: no addresses, nor what is not a name to DNS, such as one with an underscore. */
    private static List<SNIServerName> serverNames(String name) {
        if (Hosts.literal(name) != null) {
            return List.of();
        }
        try {
            return List.of(new SNIHostName(name));
        } catch (IllegalArgumentException notForSni) {
            return List.of();
        }
    }

    /** Makes the handshake and returns the backend's certificate and those it came with. */
    Certificate[] complete() throws IOException {
        engine.beginHandshake();
        while (true) {
            HandshakeStatus status = engine.getHandshakeStatus();
            switch (status) {
                case NEED_TASK -> runTasks();
                case NEED_WRAP -> expectOk(wrap());
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> unwrap();
                default -> {
                    return engine.getSession().getPeerCertificates();
                }
            }
        }
    }

    /** Anything else would come again for ever. */
    private static void expectOk(SSLEngineResult result) throws SSLException {
        if (result.getStatus() != SSLEngineResult.Status.OK) {
            throw new SSLException("handshake ended: " + result.getStatus());
        }
    }

    private void runTasks() {
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            task.run();
        }
    }

    private SSLEngineResult wrap() throws IOException {
        SSLEngineResult result = engine.wrap(ByteBuffer.allocate(0), toSend.clear());
        exchange.send(toSend.array(), toSend.position());
        return result;
    }

    private void unwrap() throws IOException {
        SSLEngineResult result = engine.unwrap(received, plain.clear());
        switch (result.getStatus()) {
            case BUFFER_UNDERFLOW -> receive();
            case BUFFER_OVERFLOW -> plain = ByteBuffer.allocate(2 * plain.capacity());
            case CLOSED -> throw exchange.ended();
            default -> {}
        }
    }

    private void receive() throws IOException {
        received.compact();
        int n = exchange.read(received.array(), received.position(), received.remaining());
        if (n < 0) {
            throw exchange.ended();
        }
        received.position(received.position() + n).flip();
    }

    /** Tells the backend that it was the end, or what was wrong. */
    @Override
    public void close() {
        engine.getSession().invalidate();
        engine.closeOutbound();
        try {
            for (boolean more = true; more && !engine.isOutboundDone(); ) {
                more = wrap().bytesProduced() > 0;
            }
        } catch (IOException gone) {
            // Then there is nobody to tell; the verdict stands.
            return;
        }
    }
}
