package io.lb4j.health;

import io.lb4j.tls.BackendTls;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.nio.channels.SocketChannel;
import java.security.cert.Certificate;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a check, with blocking calls that end when the time is over or the thread is interrupted.
 */
final class Exchange implements AutoCloseable {
    // A channel and not a plain socket, because an interrupt ends a channel's blocking calls; but through the channel's
    // socket, because only that has timeouts. Timeouts of single reads: each is given what is left of the whole.
    //
    // A socket that is closed while unread bytes lie in it sends a reset. Some backends log that, some count it and
    // lock the address out that it came from. So close() ends its own stream first, and reads until the other ends too.

    /** The most that is sent, and the most that is read. */
    static final int LIMIT = 64 * 1024;

    private static final int LONGEST_ENDING_MILLIS = 1000;

    private final SocketChannel channel;
    private final Deadline deadline;
    private final boolean drops;
    private final byte[] chunk = new byte[4096];
    private Excerpt beginning = new Excerpt();
    private @Nullable TlsStream tls;
    private boolean isSecure;
    private boolean secret;
    private int next;
    private int end;
    private int count;

    Exchange(CheckSocket socket, Deadline deadline) {
        channel = socket.channel();
        drops = socket.isHalfMade();
        this.deadline = deadline;
    }

    /**
     * Makes a TLS handshake. What is sent and read from now on is so over TLS, and what came before is none of the answer.
     *
     * @return the backend's certificate and those it came with
     */
    Certificate[] secure(BackendTls with, String host) throws IOException {
        // Sessions are kept by host and port. One that is resumed would show the certificate of its first handshake;
        // under port 0 there are none but ours, and the stream forgets those when it is closed.
        TlsStream stream = new TlsStream(this, with.newEngine(host, 0));
        // At once: what is wrong with the backend is told to it when this is closed.
        tls = stream;
        Certificate[] chain = stream.shakeHands();
        isSecure = true;
        count = 0;
        beginning = new Excerpt();
        return chain;
    }

    /** Sends, at most {@link #LIMIT} bytes. */
    void send(byte[] bytes, int length) throws IOException {
        if (tls == null) {
            sendRaw(bytes, length);
        } else {
            tls.send(bytes, length);
        }
    }

    /** Sends below TLS. */
    void sendRaw(byte[] bytes, int length) throws IOException {
        // There is no timeout for writing. A buffer with room for all of it never makes a writer wait.
        channel.socket().setSendBufferSize(2 * LIMIT);
        channel.socket().getOutputStream().write(bytes, 0, length);
    }

    /**
     * The same for what may hold a password: then what comes back is in no message, as some backends repeat what they were
     * sent.
     */
    void send(byte[] bytes, boolean isSecret) throws IOException {
        secret = isSecret;
        send(bytes, bytes.length);
    }

    /** Sends the last words. The verdict is known by then, and stands whether the backend still hears them or not. */
    void sendFarewell(byte[] bytes) {
        try {
            send(bytes, bytes.length);
        } catch (IOException gone) {
            // It has ended the connection itself.
        }
    }

    /** Lets the other end hang up first, for as long as {@link #close} would wait for it. */
    void awaitEnd() {
        try {
            readRest();
        } catch (IOException resetOrInterrupted) {
            // That is an end, too.
        }
    }

    /** The next byte, or -1 at the end of the stream. */
    int read() throws IOException {
        if (next == end) {
            int n = read(chunk, 0, chunk.length);
            if (n < 0) {
                return -1;
            }
            next = 0;
            end = n;
        }
        return chunk[next++] & 0xff;
    }

    /** Some bytes, waited for, or -1 at the end of the stream. */
    int read(byte[] into, int offset, int length) throws IOException {
        int allowed = allowed(length);
        return heard(into, offset, tls == null ? readTimed(into, offset, allowed) : tls.read(into, offset, allowed));
    }

    /** The same below TLS. A handshake is limited as an answer is. */
    int readRaw(byte[] into, int offset, int length) throws IOException {
        return isSecure
                ? readTimed(into, offset, length)
                : heard(into, offset, readTimed(into, offset, allowed(length)));
    }

    private int allowed(int length) throws IOException {
        int allowed = Math.min(length, LIMIT - count);
        if (allowed == 0) {
            throw new IOException("more than " + LIMIT + " bytes: " + beginning());
        }
        return allowed;
    }

    private int heard(byte[] bytes, int offset, int read) {
        if (read > 0) {
            beginning.add(bytes, offset, read);
            count += read;
        }
        return read;
    }

    private int readTimed(byte[] into, int offset, int length) throws IOException {
        int millis = deadline.millisLeft();
        if (millis == 0) {
            throw timedOut();
        }
        try {
            channel.socket().setSoTimeout(millis);
            return channel.socket().getInputStream().read(into, offset, length);
        } catch (SocketTimeoutException silent) {
            throw timedOut();
        }
    }

    private SocketTimeoutException timedOut() {
        return new SocketTimeoutException(
                count == 0
                        ? "no answer " + deadline.within()
                        : "no complete answer " + deadline.within() + ": " + beginning());
    }

    /** The failure that the end of the stream is to one who needed more. */
    IOException ended() {
        return new IOException(
                count == 0 ? "closed without an answer" : "closed in the middle of the answer: " + beginning());
    }

    /** The same of a stream that has ended before TLS on it has. */
    IOException cutOff() {
        return isSecure
                ? new EOFException("closed without the end of TLS (close_notify), "
                        + (count == 0 ? "and without an answer" : "in the middle of the answer: " + beginning()))
                : ended();
    }

    /** The time that the whole has, for people. */
    String within() {
        return deadline.within();
    }

    /** Whether anything has come. */
    boolean isAnswered() {
        return count > 0;
    }

    /** Whether all has been taken that may be read. */
    boolean isFull() {
        return count == LIMIT && next == end;
    }

    /** What came first, in quotes. */
    String beginning() {
        return secret ? "(not shown, as it may repeat a password)" : beginning.toString();
    }

    /** Ends the stream with FIN, waits a little for the other end, and closes. Whatever happens, the verdict stands. */
    @Override
    public void close() {
        try (SocketChannel closing = channel) {
            if (closing.isOpen() && !drops) {
                if (tls != null) {
                    tls.close();
                }
                closing.shutdownOutput();
                readRest();
            }
        } catch (IOException resetOrInterrupted) {
            // It is closed all the same.
        }
    }

    private void readRest() throws IOException {
        // Half of the time that is left, and not all: whoever waits for the verdict waits no longer than that.
        Deadline ending = Deadline.in(Duration.ofMillis(Math.min(LONGEST_ENDING_MILLIS, deadline.millisLeft() / 2)));
        InputStream in = channel.socket().getInputStream();
        int rest = 0;
        for (int millis = ending.millisLeft(); millis > 0 && rest < LIMIT; millis = ending.millisLeft()) {
            channel.socket().setSoTimeout(millis);
            int n = in.read(chunk, 0, Math.min(chunk.length, LIMIT - rest));
            if (n < 0) {
                return;
            }
            rest += n;
        }
    }
}
