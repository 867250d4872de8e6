package io.lb4j.internal.util;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * Tells errors of the kernel apart that Java throws as one type. What Java keeps of them is the kernel's text, which is
 * in the language of the machine. So no text is written here: each is learned by making the error, on sockets that never
 * send a packet off this machine. An error that could not be made is not told apart. Thread-safe.
 */
public final class KernelErrors {
    /*
     *  - EPIPE and ECONNRESET, of a first write, are IOException. Nothing else tells them apart: afterwards the socket
     *    reads as ended in either case, and the kernel has forgotten it.
     *  - ECONNREFUSED and ETIMEDOUT, of a connect, are ConnectException. The second takes two minutes to make, so it is
     *    the one that is not the first.
     *  - ENETUNREACH, of a connect, is a SocketException as many others are.
     */
    private static final byte[] LOOPBACK = {127, 0, 0, 1};
    private static final byte[] BROADCAST = {-1, -1, -1, -1};

    private static final int ANY_PORT = 9;

    private static volatile @Nullable String brokenPipe;
    private static volatile @Nullable String refused;
    private static volatile @Nullable String networkUnreachable;

    private KernelErrors() {}

    /** Learns what is not known yet: now and then again, since descriptors may be lacking. */
    public static synchronized void learn() {
        boolean interrupted = Thread.interrupted();
        try {
            brokenPipe = brokenPipe == null ? textOf(IOException.class, 0, KernelErrors::writeToNobody) : brokenPipe;
            refused = refused == null ? refusal() : refused;
            networkUnreachable = networkUnreachable == null ? unreachability() : networkUnreachable;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Whether the peer had ended its stream before it reset the connection; only then is what it has sent complete. */
    public static boolean isBrokenPipe(IOException ofAWrite) {
        return says(brokenPipe, ofAWrite);
    }

    /** Whether the kernel has waited in vain for an answer. */
    public static boolean isTimeout(ConnectException ofAConnect) {
        return refused != null && ofAConnect.getClass() == ConnectException.class && !says(refused, ofAConnect);
    }

    /** Whether there is no route to where the connection was to go. */
    public static boolean isNetworkUnreachable(Throwable ofAConnect) {
        return ofAConnect.getClass() == SocketException.class && says(networkUnreachable, ofAConnect);
    }

    /** The JDK can be told to append the address: jdk.includeInExceptions. */
    private static boolean says(@Nullable String text, Throwable failure) {
        String message = failure.getMessage();
        return text != null && message != null && (message.equals(text) || message.startsWith(text + ": "));
    }

    // ---- making the errors

    /** Does what fails. */
    private interface Attempt {
        void run() throws IOException;
    }

    private static @Nullable String textOf(Class<? extends IOException> type, int port, Attempt attempt) {
        try {
            attempt.run();
        } catch (IOException failure) {
            // Of this very type: a subclass says something else, and needs no text for that.
            return failure.getClass() == type ? withoutAddress(failure.getMessage(), port) : null;
        } catch (RuntimeException noSuchFamily) {
            return null;
        }
        return null;
    }

    private static @Nullable String withoutAddress(@Nullable String message, int port) {
        return message != null && message.endsWith(":" + port)
                ? message.substring(0, message.lastIndexOf(": "))
                : message;
    }

    private static void writeToNobody() throws IOException {
        Pipe pipe = Pipe.open();
        try (Pipe.SinkChannel sink = pipe.sink()) {
            pipe.source().close();
            sink.write(ByteBuffer.allocateDirect(1));
        }
    }

    /** Of a port that is taken, and where nobody listens. */
    private static @Nullable String refusal() {
        try (SocketChannel deaf = SocketChannel.open(StandardProtocolFamily.INET)) {
            deaf.bind(new InetSocketAddress(InetAddress.getByAddress(LOOPBACK), 0));
            InetSocketAddress address = (InetSocketAddress) deaf.getLocalAddress();
            return address == null
                    ? null
                    : textOf(ConnectException.class, address.getPort(), () -> connectWithoutWaiting(address));
        } catch (IOException | RuntimeException noSocket) {
            return null;
        }
    }

    /** TCP has no way to all at once. Only Linux is known to say so with this error. */
    private static @Nullable String unreachability() {
        return System.getProperty("os.name").startsWith("Linux")
                ? textOf(SocketException.class, ANY_PORT, () -> connectWithoutWaiting(everybody()))
                : null;
    }

    private static InetSocketAddress everybody() throws IOException {
        return new InetSocketAddress(InetAddress.getByAddress(BROADCAST), ANY_PORT);
    }

    private static void connectWithoutWaiting(InetSocketAddress address) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.INET)) {
            channel.configureBlocking(false);
            channel.connect(address);
            channel.finishConnect();
        }
    }
}
