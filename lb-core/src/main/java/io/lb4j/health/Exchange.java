package io.lb4j.health;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.Addresses;
import io.lb4j.internal.util.BlockingLookUp;
import io.lb4j.internal.util.Closing;
import io.lb4j.internal.util.Preload;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/**
 * One connection of a check, with blocking calls that end when the time is over or the thread is interrupted.
 */
final class Exchange implements AutoCloseable {
    static {
        Preload.classes(CheckHeader.class, CheckSocket.class, Excerpt.class);
    }

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
    private final Excerpt beginning = new Excerpt();
    private boolean secret;
    private int next;
    private int end;
    private int count;

    private Exchange(CheckSocket socket, Deadline deadline) {
        channel = socket.channel();
        drops = socket.isHalfMade();
        this.deadline = deadline;
    }

    /**
     * Connects to a backend: to the first of its addresses that answers, in the order in which connections try them. Each
     * gets an equal share of the time that is left when its turn comes.
     *
     * @throws CheckInconclusiveException no descriptor or no port is left
     */
    static Exchange connect(Backend backend, Duration timeout) throws IOException {
        return connect(backend, timeout, false);
    }

    /**
     * The same for one who wants no more than that, and with {@code traceless} leaves the connection half made where
     * the platform lets it: {@link #close} then breaks off what the backend has not been told of.
     */
    static Exchange connect(Backend backend, Duration timeout, boolean traceless) throws IOException {
        Deadline deadline = Deadline.in(timeout);
        Addresses addresses = BlockingLookUp.of(backend.host(), timeout);
        int first = addresses.first();
        IOException failure = new UnknownHostException("no address");
        // The names, the addresses and their order are those of connections (Dial), the walk is not: a connection dials
        // the next one while it waits for the one before, which a single thread that blocks cannot do, and a check,
        // which nobody waits for, need not.
        for (int i = 0; i < addresses.size(); i++) {
            long millis = Math.max(1, deadline.millisLeft() / (addresses.size() - i));
            try {
                InetSocketAddress address = new InetSocketAddress(addresses.get(i, first), backend.port());
                Exchange connected = over(CheckSocket.connect(address, (int) millis, traceless), deadline);
                addresses.answered(connected.channel);
                return connected.introduced(backend);
            } catch (CheckInconclusiveException notTheBackend) {
                throw notTheBackend;
            } catch (IOException failed) {
                failure = failed;
            }
        }
        throw failure;
    }

    /** A backend that expects a header is sent one, unless its program is never told of the connection. */
    private Exchange introduced(Backend backend) throws IOException {
        if (!drops && backend.proxyProtocol().isPresent()) {
            try {
                CheckSocket.introduce(channel, backend);
            } catch (IOException | RuntimeException | Error failed) {
                Closing.quietly(channel);
                throw failed;
            }
        }
        return this;
    }

    private static Exchange over(CheckSocket socket, Deadline deadline) {
        try {
            return new Exchange(socket, deadline);
        } catch (Error noMemory) {
            Closing.quietly(socket.channel());
            throw noMemory;
        }
    }

    /** Sends, at most {@link #LIMIT} bytes. */
    void send(byte[] bytes, int length) throws IOException {
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
        int allowed = Math.min(length, LIMIT - count);
        if (allowed == 0) {
            throw new IOException("more than " + LIMIT + " bytes: " + beginning());
        }
        int n = readTimed(into, offset, allowed);
        if (n > 0) {
            beginning.add(into, offset, n);
            count += n;
        }
        return n;
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
