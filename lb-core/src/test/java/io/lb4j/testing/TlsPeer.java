package io.lb4j.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;

/**
 * A peer that speaks TLS, and tells what a socket of the JDK does not: whether a stream ended by a close_notify, or only by the
 * end of the stream below. Used by one thread.
 */
public final class TlsPeer implements AutoCloseable {
    /** How a stream over TLS ended. */
    public enum End {
        /** As it has to. */
        CLOSE_NOTIFY,
        /** The stream below ended, and said nothing of it. */
        FIN,
        /** The connection below was reset. */
        RESET,
        /** The peer said that something is wrong, or sent what must not be. */
        ALERT
    }

    private static final int ROOM = 64 * 1024;

    private final Socket socket;
    private final SSLEngine engine;
    private final byte[] buffer = new byte[ROOM];
    private final ByteBuffer out = ByteBuffer.allocate(ROOM);
    private ByteBuffer in = ByteBuffer.allocate(2 * ROOM).flip();
    private final ByteBuffer plain = ByteBuffer.allocate(ROOM).flip();
    private End end;

    private TlsPeer(Socket socket, SSLEngine engine) {
        this.socket = socket;
        this.engine = engine;
    }

    /** Speaks TLS over this connection of a peer; the handshake comes with the first byte, or {@link #shake}. */
    public static TlsPeer over(Peer peer, SSLEngine engine) {
        return new TlsPeer(peer.socket(), engine);
    }

    public static TlsPeer over(Socket socket, SSLEngine engine) {
        return new TlsPeer(socket, engine);
    }

    public SSLEngine engine() {
        return engine;
    }

    /** The connection below. */
    public Socket socket() {
        return socket;
    }

    /** Makes the handshake; throws what is wrong with it. */
    public TlsPeer shake() throws IOException {
        engine.beginHandshake();
        while (engine.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING) {
            step();
        }
        return this;
    }

    /** Says the first word of a handshake, and no other. */
    public void hello() throws IOException {
        engine.beginHandshake();
        step();
    }

    private void step() throws IOException {
        switch (engine.getHandshakeStatus()) {
            case NEED_TASK -> runTasks();
            case NEED_WRAP -> wrap(ByteBuffer.allocate(0));
            default -> {
                if (!unwrap()) {
                    throw new SSLException("the handshake ended by " + end);
                }
            }
        }
    }

    private void runTasks() {
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            task.run();
        }
    }

    private SSLEngineResult wrap(ByteBuffer from) throws IOException {
        SSLEngineResult result = engine.wrap(from, out.clear());
        socket.getOutputStream().write(out.array(), 0, out.position());
        return result;
    }

    /** Says this, in records of at most so many bytes. One thread may say something while another hears something. */
    public TlsPeer say(byte[] bytes, int recordSize) throws IOException {
        for (int at = 0; at < bytes.length; at += recordSize) {
            ByteBuffer part = ByteBuffer.wrap(bytes, at, Math.min(recordSize, bytes.length - at));
            while (part.hasRemaining()) {
                if (wrap(part).getStatus() == Status.CLOSED) {
                    throw new SSLException("closed");
                }
            }
        }
        return this;
    }

    public TlsPeer say(String text) throws IOException {
        return say(text.getBytes(StandardCharsets.UTF_8), 16_000);
    }

    /** Hears so many bytes. */
    public byte[] hear(int count) throws IOException {
        byte[] heard = new byte[count];
        for (int at = 0; at < count; ) {
            if (!plain.hasRemaining() && !unwrap()) {
                throw new IOException(at + " of " + count + " bytes, then " + end);
            }
            int fits = Math.min(plain.remaining(), count - at);
            plain.get(heard, at, fits);
            at += fits;
        }
        return heard;
    }

    public String hearText(int count) throws IOException {
        return new String(hear(count), StandardCharsets.UTF_8);
    }

    /** Hears everything until the end. Returns how many bytes that were; how it ended says {@link #end}. */
    public long hearToEnd() throws IOException {
        long count = plain.remaining();
        plain.position(plain.limit());
        while (unwrap()) {
            count += plain.remaining();
            plain.position(plain.limit());
        }
        return count;
    }

    public End end() {
        return end;
    }

    /** Opens a record, or reads some more of one. Returns false at the end. */
    private boolean unwrap() throws IOException {
        if (end != null) {
            return false;
        }
        SSLEngineResult result;
        try {
            result = engine.unwrap(in, plain.clear());
        } catch (SSLException broken) {
            end = End.ALERT;
            tellAlert();
            plain.flip();
            return refused(broken);
        }
        plain.flip();
        if (result.getStatus() == Status.CLOSED) {
            end = End.CLOSE_NOTIFY;
            return false;
        }
        if (result.getStatus() == Status.BUFFER_UNDERFLOW && !read()) {
            return false;
        }
        if (engine.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
            runTasks();
        }
        return true;
    }

    private boolean refused(SSLException broken) throws SSLException {
        if (engine.getSession().isValid() && !engine.getSession().getProtocol().equals("NONE")) {
            return false;
        }
        throw broken;
    }

    private void tellAlert() {
        try {
            while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP
                    && wrap(ByteBuffer.allocate(0)).bytesProduced() > 0) {
                // There may be several.
            }
        } catch (IOException peerHasGone) {
            // He does not want to hear it.
        }
    }

    private boolean read() {
        int read;
        try {
            read = socket.getInputStream().read(buffer, 0, in.capacity() - in.remaining() < ROOM ? 1 : ROOM);
        } catch (java.net.SocketTimeoutException silent) {
            throw new UncheckedIOException(silent);
        } catch (IOException reset) {
            end = End.RESET;
            return false;
        }
        if (read < 0) {
            end = End.FIN;
            return false;
        }
        in = in.compact().put(buffer, 0, read).flip();
        return true;
    }

    /** Asks for new keys, in both directions (TLS 1.3). */
    public void newKeys() throws IOException {
        engine.beginHandshake();
        while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
            wrap(ByteBuffer.allocate(0));
        }
    }

    /** Says that nothing follows, and leaves the stream below as it is. */
    public TlsPeer closeNotify() throws IOException {
        engine.closeOutbound();
        while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP
                && wrap(ByteBuffer.allocate(0)).bytesProduced() > 0) {
            // Until it is said.
        }
        return this;
    }

    /** Ends the stream below. */
    public TlsPeer fin() throws IOException {
        socket.shutdownOutput();
        return this;
    }

    /** Resets the connection below. */
    public void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
