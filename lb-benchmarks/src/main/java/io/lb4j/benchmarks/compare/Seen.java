package io.lb4j.benchmarks.compare;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/**
 * What a client has seen of a stream.
 *
 * @param end how it ended
 * @param bytes how many came before
 */
record Seen(End end, int bytes) {
    private static final int TIMEOUT_MILLIS = 10_000;

    /** How a stream may end. */
    enum End {
        FIN("FIN"),
        CLOSE_NOTIFY("close_notify"),
        /** TLS whose TCP connection ended without a close_notify. */
        TRUNCATED("FIN only"),
        ALERT("alert"),
        RESET("RST"),
        NONE("no end");

        private final String text;

        End(String text) {
            this.text = text;
        }
    }

    String text() {
        return end.text + (bytes == EndingBackend.STREAM ? "" : " after " + bytes + " B");
    }

    /**
     * Of a client that speaks plainly.
     *
     * @param whole told when the whole stream has come
     */
    static Seen plainly(int port, Runnable whole) throws IOException {
        try (Socket socket = connect(port)) {
            socket.getOutputStream().write(new byte[EndingBackend.REQUEST]);
            InputStream in = socket.getInputStream();
            byte[] buffer = new byte[16 * 1024];
            int bytes = 0;
            try {
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    bytes += read;
                    if (bytes == EndingBackend.STREAM) {
                        whole.run();
                        socket.getOutputStream().write(new byte[EndingBackend.THANKS]);
                    }
                }
                return new Seen(End.FIN, bytes);
            } catch (SocketTimeoutException silence) {
                return new Seen(End.NONE, bytes);
            } catch (SocketException reset) {
                return new Seen(End.RESET, bytes);
            }
        }
    }

    private static Socket connect(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        return socket;
    }

    /** Of a client with TLS. The JDK's sockets do not tell a close_notify from a FIN unless told to, its engines do. */
    static Seen withTls(int port, SSLContext context, Runnable whole) throws IOException {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(true);
        try (Socket socket = connect(port)) {
            return new Reading(engine, socket, whole).toTheEnd();
        }
    }

    /** One client's engine and socket. */
    private static final class Reading {
        private final SSLEngine engine;
        private final Socket socket;
        private final Runnable whole;
        private final ByteBuffer toSend = ByteBuffer.allocate(EndingBackend.REQUEST);
        private final ByteBuffer out;
        private final ByteBuffer in;
        private final ByteBuffer plain;
        private int bytes;

        Reading(SSLEngine engine, Socket socket, Runnable whole) {
            this.engine = engine;
            this.socket = socket;
            this.whole = whole;
            int record = engine.getSession().getPacketBufferSize();
            out = ByteBuffer.allocate(record);
            in = ByteBuffer.allocate(record).flip();
            plain = ByteBuffer.allocate(record);
        }

        Seen toTheEnd() throws IOException {
            engine.beginHandshake();
            try {
                while (!engine.isInboundDone()) {
                    if (!step()) {
                        return new Seen(End.TRUNCATED, bytes);
                    }
                }
                return new Seen(End.CLOSE_NOTIFY, bytes);
            } catch (SocketTimeoutException silence) {
                return new Seen(End.NONE, bytes);
            } catch (SocketException reset) {
                return new Seen(End.RESET, bytes);
            } catch (SSLException alert) {
                return new Seen(End.ALERT, bytes);
            }
        }

        /** Returns false when there is a FIN where records are due. */
        private boolean step() throws IOException {
            HandshakeStatus status = engine.getHandshakeStatus();
            if (status == HandshakeStatus.NEED_TASK) {
                engine.getDelegatedTask().run();
            } else if (status == HandshakeStatus.NEED_WRAP || isEstablished(status) && toSend.hasRemaining()) {
                engine.wrap(toSend, out.clear());
                socket.getOutputStream().write(out.array(), 0, out.position());
            } else {
                SSLEngineResult result = engine.unwrap(in, plain.clear());
                bytes += result.bytesProduced();
                if (result.bytesProduced() > 0 && bytes == EndingBackend.STREAM) {
                    whole.run();
                    toSend.clear().limit(EndingBackend.THANKS);
                }
                return result.getStatus() != SSLEngineResult.Status.BUFFER_UNDERFLOW || read();
            }
            return true;
        }

        private static boolean isEstablished(HandshakeStatus status) {
            return status == HandshakeStatus.NOT_HANDSHAKING;
        }

        private boolean read() throws IOException {
            in.compact();
            int read = socket.getInputStream().read(in.array(), in.position(), in.remaining());
            in.position(in.position() + Math.max(0, read)).flip();
            return read >= 0;
        }
    }
}
