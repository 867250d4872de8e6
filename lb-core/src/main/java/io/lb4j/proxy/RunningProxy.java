package io.lb4j.proxy;

import io.lb4j.internal.util.Checks;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;

/**
 * What a {@link TcpProxy} and a balancer have in common while they run: where they listen, and how they end. Every method
 * can be called from any thread, listeners included. Not to be implemented by others: it may grow.
 */
public interface RunningProxy extends AutoCloseable {
    /** The name that begins every log line of it. */
    String name();

    /**
     * Where its first frontend listens, with the port that was found if any free one was asked for. When that one has been
     * drained, the next one is the first.
     */
    default InetSocketAddress address() {
        return frontends().get(0).address();
    }

    /** The port its first frontend listens on, 1..65535. */
    default int port() {
        return address().getPort();
    }

    /** Where it listens: its frontends in the order in which they were added, unmodifiable; never empty. */
    List<Frontend> frontends();

    /**
     * One of its frontends: where it listens, its counters, and its end while the others go on.
     *
     * @throws NoSuchElementException when there is none of this name
     */
    default Frontend frontend(String name) {
        Checks.notNull("frontend", name);
        List<Frontend> all = frontends();
        return all.stream()
                .filter(frontend -> frontend.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new NoSuchElementException("frontend: " + name + " (expected: one of "
                        + all.stream().map(Frontend::name).toList() + ")"));
    }

    /**
     * Whether the ports of all its frontends are open. They are, from the start to the end, unless one was closed {@linkplain
     * Frontend#listening for the time being}, or too few backends of a balancer's pool are UP and it is to {@linkplain
     * io.lb4j.health.NoneHealthy#STOP_LISTENING stop listening} then.
     */
    boolean isListening();

    /** By which sockets it relays: {@link Transport#JDK} or {@link Transport#NATIVE}. */
    Transport transport();

    /**
     * Ends politely: accepts nothing new (clients that wait to be accepted still are, as far as the limit of
     * connections and accept rates allow), lets connections finish, and resets those that are left one after another over the last third of the
     * grace, so that their clients do not all reconnect at once. Returns when the port is free for others to listen on,
     * which takes a few milliseconds and at most a second; at once on one of its own threads that serve connections (when
     * called by a selector or a listener of connections). A second call can shorten the grace, not lengthen it; after the
     * end it changes nothing.
     *
     * @param grace how long connections may go on; zero resets them now
     * @return completes when the last connection has ended and it is closed. What depends on it runs on a thread that
     *     nobody waits for but {@link #close}
     * @throws IllegalArgumentException when {@code grace} is negative
     */
    CompletableFuture<DrainResult> drain(Duration grace);

    /**
     * Ends now: resets every connection and frees everything. Waits until that is done, at most 2 s, unless called on one
     * of its own threads (by a listener or a selector) or on an interrupted one. Closing twice does nothing.
     */
    @Override
    void close();

    /** Whether it has ended: no connection and no listening socket is left, and its threads have nothing more to do. */
    boolean isClosed();

    /**
     * Waits until no connection is open, for tests and for whoever wants to end without a reset: another one may come at
     * any time. Listeners may hear of the last end a moment later. Not for listeners and selectors: they would wait for
     * themselves.
     *
     * @param atMost how long to wait
     * @return whether there was a moment without a connection by then
     * @throws IllegalArgumentException when {@code atMost} is negative
     * @throws InterruptedException when the calling thread is interrupted
     */
    boolean awaitIdle(Duration atMost) throws InterruptedException;

    /**
     * Waits until it has ended, by {@link #close} or {@link #drain}.
     *
     * @param atMost how long to wait
     * @return whether it has ended by then
     * @throws IllegalArgumentException when {@code atMost} is negative
     * @throws InterruptedException when the calling thread is interrupted
     */
    boolean awaitClosed(Duration atMost) throws InterruptedException;
}
