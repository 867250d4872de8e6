package io.lb4j.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;

/**
 * One end of a TCP connection that does what the test says, with blocking calls. A call that waits longer than {@link
 * #PATIENCE_MILLIS} for the other side fails (or reports {@code TIMEOUT}).
 */
public final class Peer implements AutoCloseable {
    /** How long a peer waits for something that should happen. Long, because it is never waited for in vain. */
    public static final int PATIENCE_MILLIS = 20_000;

    /** How a stream came to its end. */
    public enum End {
        EOF,
        RESET,
        TIMEOUT
    }

    /** What was read until the end: how much, of what content, and how it ended. */
    public record Received(End end, long count, String sha256) {}

    private final Socket socket;

    private Peer(Socket socket) {
        this.socket = socket;
    }

    /** Connects to a port of this machine. */
    public static Peer connect(int port) {
        return connect(port, 0);
    }

    /** Connects with both socket buffers of this size, so that little is in flight; 0 for the system's size. */
    public static Peer connect(int port, int bufferSize) {
        try {
            Socket socket = tuned(new Socket());
            if (bufferSize > 0) {
                socket.setReceiveBufferSize(bufferSize);
                socket.setSendBufferSize(bufferSize);
            }
            connect(socket, new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return new Peer(socket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Connects from this address of this machine, to a port of 127.0.0.1; or, from one with a colon, of ::1. */
    public static Peer connectFrom(String address, int port) {
        try {
            Socket socket = tuned(new Socket());
            socket.bind(new InetSocketAddress(address, 0));
            connect(socket, new InetSocketAddress(address.indexOf(':') < 0 ? "127.0.0.1" : "::1", port));
            return new Peer(socket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A listener that resets at once can do so before connect returns: a peer that is reset and has read nothing. */
    private static void connect(Socket socket, InetSocketAddress address) throws IOException {
        try {
            socket.connect(address, PATIENCE_MILLIS);
        } catch (ConnectException notConnected) {
            throw notConnected;
        } catch (SocketException reset) {
            socket.close();
        }
    }

    /** A socket that is connected already. */
    public static Peer of(Socket accepted) {
        try {
            return new Peer(tuned(accepted));
        } catch (SocketException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Socket tuned(Socket socket) throws SocketException {
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        return socket;
    }

    // ---- sending

    public Peer send(String text) {
        return send(text.getBytes(StandardCharsets.UTF_8));
    }

    public Peer send(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends {@code count} bytes of the stream that {@code seed} stands for. */
    public Peer send(long count, long seed) {
        try {
            OutputStream out = socket.getOutputStream();
            new RandomStream(seed).next(count, out::write);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@link #send(long, long)} in the background; completes when the kernel has taken everything. */
    public CompletableFuture<Void> sendInBackground(long count, long seed) {
        return Background.run(() -> send(count, seed));
    }

    /** Sends until the other side takes no more for half a second, and returns how much that was. */
    public long sendUntilStalled(long most) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        long[] sent = new long[1];
        Background.run(() -> {
            byte[] chunk = new byte[4096];
            OutputStream out = socket.getOutputStream();
            while (sent[0] < most) {
                out.write(chunk);
                sent[0] += chunk.length;
            }
            done.complete(null);
        });
        long before;
        do {
            before = sent[0];
            Background.pause(500);
        } while (!done.isDone() && sent[0] != before);
        return sent[0];
    }

    // ---- receiving

    /** Reads exactly this many bytes as text. */
    public String receiveText(int count) {
        return new String(receive(count), StandardCharsets.UTF_8);
    }

    /** Reads exactly this many bytes; fails if the stream ends before. */
    public byte[] receive(int count) {
        try {
            byte[] bytes = socket.getInputStream().readNBytes(count);
            if (bytes.length < count) {
                throw new EOFException("end of stream after " + bytes.length + " of " + count + " bytes");
            }
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads to the end, whatever end it is. */
    public Received receiveToEnd() {
        return receiveToEnd(0);
    }

    /** Reads to the end, slowly: at most {@code bytesPerMilli} bytes a millisecond; 0 for as fast as it goes. */
    public Received receiveToEnd(int bytesPerMilli) {
        MessageDigest digest = sha256();
        byte[] buffer = new byte[bytesPerMilli > 0 ? bytesPerMilli : 64 * 1024];
        long count = 0;
        End end;
        try {
            InputStream in = socket.getInputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
                count += n;
                if (bytesPerMilli > 0) {
                    Background.pause(1);
                }
            }
            end = End.EOF;
        } catch (SocketTimeoutException e) {
            end = End.TIMEOUT;
        } catch (IOException e) {
            end = End.RESET;
        }
        return new Received(end, count, HexFormat.of().formatHex(digest.digest()));
    }

    /** {@link #receiveToEnd()} in the background. */
    public CompletableFuture<Received> receiveToEndInBackground() {
        return Background.supply(this::receiveToEnd);
    }

    /** Reads to the end and checks that it is a clean one after exactly these bytes. */
    public void receiveAll(long count, long seed) {
        assertThat(receiveToEnd()).isEqualTo(new Received(End.EOF, count, sha256Of(count, seed)));
    }

    /** Reads to the end and checks that it is a reset after exactly these bytes. */
    public void receiveThenReset(long count, long seed) {
        assertThat(receiveToEnd()).isEqualTo(new Received(End.RESET, count, sha256Of(count, seed)));
    }

    // ---- ending

    /** Ends this side's stream; the other direction goes on. */
    public Peer fin() {
        try {
            socket.shutdownOutput();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Resets the connection. */
    public void rst() {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Socket socket() {
        return socket;
    }

    public int localPort() {
        return socket.getLocalPort();
    }

    /** The checksum of the first {@code count} bytes of the stream that {@code seed} stands for. */
    public static String sha256Of(long count, long seed) {
        MessageDigest digest = sha256();
        try {
            new RandomStream(seed).next(count, digest::update);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
