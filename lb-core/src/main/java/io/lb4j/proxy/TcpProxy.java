package io.lb4j.proxy;

import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectFailure;
import io.lb4j.event.ConnectionListener;
import io.lb4j.internal.util.Checks;
import io.lb4j.internal.util.Hosts;
import io.lb4j.internal.util.Polling;
import io.lb4j.internal.util.Promises;
import io.lb4j.stats.DurationHistogram;
import io.lb4j.stats.OpenConnection;
import io.lb4j.stats.TcpProxyStats;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A running TCP proxy: accepts connections, connects each to where a {@link Router} says, and moves bytes both ways.
 *
 * <pre>{@code
 * try (TcpProxy proxy = TcpProxy.builder().listen(8080).to("10.0.0.1", 9000).start()) {
 *     ...
 * }
 * }</pre>
 *
 * <p>Every method can be called from any thread, listeners included.
 */
public final class TcpProxy implements AutoCloseable {
    /** How long {@link #drain} waits for the listening sockets to be closed. */
    private static final long PORT_WAIT = TimeUnit.SECONDS.toNanos(1);

    /** How long {@link #close} waits for the loops to end. */
    private static final long CLOSE_WAIT = TimeUnit.SECONDS.toNanos(2);

    private final InetSocketAddress address;
    private final ProxyContext context;
    private final EventLoops loops;
    private final CompletableFuture<DrainResult> ended = new CompletableFuture<>();
    private final Consumer<DrainResult> onEnd;
    private final Promises promises;

    /** @param onEnd is told of the end before anybody else is */
    TcpProxy(ProxyContext context, List<ServerSocketChannel> listeners, Consumer<DrainResult> onEnd) {
        this.context = context;
        this.onEnd = onEnd;
        promises = new Promises(context.config().name(), context.platform);
        address = context.listenAddress;
        loops = new EventLoops(context, listeners, config().eventLoops(), this::ended);
    }

    /** Starts to accept; when it throws, only the listening sockets are left. */
    void start() throws IOException {
        loops.start();
        context.log.info("listening on " + Hosts.join(config().listenHost(), port()) + limit());
    }

    private String limit() {
        int limit = context.connectionLimit();
        return limit == AcceptGate.UNLIMITED ? "" : ", at most " + limit + " connections at a time";
    }

    /** A builder that holds the defaults. */
    public static TcpProxyBuilder builder() {
        return new TcpProxyBuilder();
    }

    /** The name that begins every log line of this proxy. */
    public String name() {
        return config().name();
    }

    /** Where it listens, with the port that was found if any free one was asked for. */
    public InetSocketAddress address() {
        return address;
    }

    /** The port it listens on, 1..65535. */
    public int port() {
        return address.getPort();
    }

    /** The settings it runs with. */
    public TcpProxyConfig config() {
        return context.config();
    }

    /**
     * Changes settings while it runs. They hold for connections accepted from now on; a lower connection limit closes
     * none.
     *
     * @param change is handed a builder that holds the present settings. What it throws is thrown, and nothing changes
     * @throws IllegalArgumentException when name, place to listen or the number of event loops would change
     * @throws IllegalStateException when it is closed
     */
    public void reconfigure(Consumer<TcpProxyBuilder> change) {
        refuseIfClosed();
        TcpProxyConfig before = config();
        TcpProxyBuilder builder = TcpProxyBuilder.of(before);
        Checks.notNull("change", change).accept(builder);
        TcpProxyConfig after = builder.config();
        if (!after.name().equals(before.name())
                || !after.listenHost().equals(before.listenHost())
                || after.listenPort() != before.listenPort()
                || after.eventLoops() != before.eventLoops()) {
            throw new IllegalArgumentException(
                    "reconfigure: name, listen and eventLoops cannot change while the proxy runs");
        }
        context.config(after);
    }

    /**
     * Tells one more listener of what happens from now on, after those that are told already.
     *
     * @throws IllegalStateException when it is closed
     */
    public void addListener(ConnectionListener listener) {
        refuseIfClosed();
        context.guests.add(Checks.notNull("listener", listener));
    }

    private void refuseIfClosed() {
        if (isClosed()) {
            throw new IllegalStateException(name() + " is closed");
        }
    }

    /** Tells a listener no more; nothing when it was not told. A call that is under way may still end after this. */
    public void removeListener(ConnectionListener listener) {
        context.guests.remove(Checks.notNull("listener", listener));
    }

    /** Counters since the start, at this moment. After the end they keep their last values. */
    public TcpProxyStats stats() {
        Map<CloseReason, Long> closed = new EnumMap<>(CloseReason.class);
        for (CloseReason reason : CloseReason.values()) {
            closed.put(reason, sum(counters -> counters.getClosed(reason)));
        }
        Map<ConnectFailure, Long> failed = new EnumMap<>(ConnectFailure.class);
        for (ConnectFailure kind : ConnectFailure.values()) {
            failed.put(kind, sum(counters -> counters.getConnectFailed(kind)));
        }
        long[] connected = new long[DurationHistogram.BUCKETS];
        Arrays.setAll(connected, bucket -> sum(counters -> counters.getConnected(bucket)));
        return new TcpProxyStats(
                sum(LoopCounters.ACCEPTED),
                sum(LoopCounters.ACTIVE),
                closed,
                sum(LoopCounters.CONNECT_ATTEMPTS),
                failed,
                DurationHistogram.of(connected),
                sum(LoopCounters.BYTES_TO_BACKEND),
                sum(LoopCounters.BYTES_TO_CLIENT),
                sum(LoopCounters.PAUSES),
                sum(LoopCounters.RESUMES),
                sum(LoopCounters.ACCEPT_PAUSES),
                sum(LoopCounters.ACCEPT_FAILURES),
                sum(LoopCounters.GUEST_FAILURES),
                sum(LoopCounters.LOOP_TURNS));
    }

    private long sum(int counter) {
        return sum(counters -> counters.get(counter));
    }

    private long sum(ToLongFunction<LoopCounters> counter) {
        return loops.all().stream().map(EventLoop::counters).mapToLong(counter).sum();
    }

    /**
     * Ends politely: accepts nothing new (clients that wait to be accepted still are, as far as the limit of
     * connections allows), lets connections finish, and resets those that are left one after another over the last third of the
     * grace, so that their clients do not all reconnect at once. Returns when the port is free for others to listen on,
     * which takes a few milliseconds and at most a second; at once on one of this proxy's own threads. A second call can
     * shorten the grace, not lengthen it; after the end it changes nothing.
     *
     * @param grace how long connections may go on; zero resets them now
     * @return completes when the last connection has ended and the proxy is closed. What depends on it runs on a
     *     thread that nobody waits for but {@link #close}
     * @throws IllegalArgumentException when {@code grace} is negative
     */
    public CompletableFuture<DrainResult> drain(Duration grace) {
        long nanos = Checks.notNegative("grace", grace).toNanos();
        long deadline = context.platform.nanoClock().getAsLong() + nanos;
        context.log.info("draining, " + sum(LoopCounters.ACTIVE) + " connections open");
        loops.end(loop -> loop.post(() -> loop.drain(deadline, nanos / 3)));
        awaitFreePort();
        return promises.of(ended);
    }

    private void awaitFreePort() {
        boolean runs = loops.threads().stream().anyMatch(Thread::isAlive);
        if (runs && loops.all().stream().noneMatch(EventLoop::isLoopThread)) {
            try {
                loops.notListening().get(PORT_WAIT, TimeUnit.NANOSECONDS);
            } catch (TimeoutException | ExecutionException busy) {
                // The loops go on with it; listeners are told when it is free.
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Closes the port for the time being, or opens it again: for routers that know that there is nobody to route to, so
     * that clients are refused at once and go elsewhere. Connections go on; those that wait in the kernel's backlog when
     * it is closed are reset. Done by an event loop in one of its next turns; while somebody else has taken the port
     * meanwhile, opening it is tried again, each second in the end, and said. A port out of the range from which the
     * system gives ports to outgoing connections (Linux: 32768..60999, {@code ip_local_port_range}) may be taken by one of
     * these. Returns at once; nothing happens when it is so already, or when the proxy ends.
     */
    public void listening(boolean wanted) {
        loops.listening(wanted);
    }

    /** Whether the port is open: not while it is closed {@linkplain #listening for the time being}, nor after the end. */
    public boolean isListening() {
        return loops.isListening() && !loops.notListening().isDone();
    }

    /**
     * Has connections that are still being connected by a route try another one, if their router has one for them; if
     * not, they go on. For routers whose backends fail. Returns at once.
     */
    public void giveUpAttempts(Route route) {
        Checks.notNull("route", route);
        for (EventLoop loop : List.copyOf(loops.all())) {
            loop.post(() -> loop.connections().giveUpAttempts(route));
        }
    }

    /**
     * Takes all connections off a route: those that relay are reset; those that are being connected there try the next
     * route their router gives. For routers whose backends go away.
     *
     * @return completes with how many were reset, when they have been told to; their sockets are closed before their
     *     loops wait again. What depends on it runs on a thread of this proxy and must not block
     */
    public CompletionStage<Integer> abort(Route route, CloseReason reason) {
        Checks.notNull("route", route);
        Checks.notNull("reason", reason);
        AtomicInteger reset = new AtomicInteger();
        // Loops that begin meanwhile have no connection by a route that its router gives no more.
        return Survey.of(loops.all(), loop -> reset.addAndGet(loop.connections().leave(route, reason)))
                .thenApply(over -> reset.get());
    }

    /**
     * Resets one connection, or lets it go while it is being connected.
     *
     * @param id the connection's number
     * @return completes with whether it was open. What depends on it runs on a thread that nobody waits for but
     *     {@link #close}
     */
    public CompletableFuture<Boolean> abort(long id, CloseReason reason) {
        return promises.of(abort(Set.of(id), reason).toCompletableFuture()).thenApply(reset -> reset > 0);
    }

    /**
     * Resets these connections, or lets them go while they are being connected.
     *
     * @param ids their numbers
     * @return completes with how many of them were open, when they have been told to. What depends on it runs on a thread
     *     of this proxy and must not block
     */
    public CompletionStage<Integer> abort(Set<Long> ids, CloseReason reason) {
        Checks.notNull("reason", reason);
        Set<Long> chosen = Set.copyOf(ids);
        AtomicInteger reset = new AtomicInteger();
        return Survey.of(loops.all(), loop -> reset.addAndGet(loop.connections().abort(chosen, reason)))
                .thenApply(over -> reset.get());
    }

    /**
     * Looks at all connections: each event loop tells of its own, on its own thread, in one of its next turns.
     *
     * @return completes with those there were, in no order, unmodifiable; exceptionally when there is no memory for that.
     *     What depends on it runs on a thread that nobody waits for but {@link #close}
     */
    public CompletableFuture<List<OpenConnection>> openConnections() {
        Queue<OpenConnection> open = new ConcurrentLinkedQueue<>();
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        var over = Survey.of(loops.all(), loop -> {
            try {
                loop.connections().see(loop.now(), open::add);
            } catch (Throwable exhausted) {
                // Nothing was changed, so the loop has nothing to mend; and a part of the list is no list.
                failure.set(exhausted);
            }
        });
        return promises.of(over).thenApply(done -> {
            Throwable cause = failure.get();
            if (cause != null) {
                throw new CompletionException(cause);
            }
            return List.copyOf(open);
        });
    }

    /**
     * Ends now: resets every connection and frees everything. Waits until that is done, at most 2 s, unless called on
     * one of this proxy's own threads (by a listener) or on an interrupted one. Closing twice does nothing.
     */
    @Override
    public void close() {
        loops.end(EventLoop::closeSoon);
        if (loops.all().stream().noneMatch(EventLoop::isLoopThread)) {
            awaitThreads();
        }
    }

    /** Whether it has ended: no connection and no listening socket is left, and its threads have nothing more to do. */
    public boolean isClosed() {
        return ended.isDone();
    }

    /**
     * Completes when the proxy has ended, by {@link #drain} or {@link #close}. What depends on it runs on a thread that
     * nobody waits for but {@link #close}.
     *
     * @return how many connections finished and how many were reset since the drain began; zeros without a drain
     */
    public CompletableFuture<DrainResult> whenClosed() {
        return promises.of(ended);
    }

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
    public boolean awaitIdle(Duration atMost) throws InterruptedException {
        return Polling.await(() -> sum(LoopCounters.ACTIVE) == 0, atMost);
    }

    /**
     * Waits until it has ended, by {@link #close} or {@link #drain}.
     *
     * @param atMost how long to wait
     * @return whether it has ended by then
     * @throws IllegalArgumentException when {@code atMost} is negative
     * @throws InterruptedException when the calling thread is interrupted
     */
    public boolean awaitClosed(Duration atMost) throws InterruptedException {
        long nanos = Checks.notNegative("atMost", atMost).toNanos();
        try {
            ended.get(nanos, TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException notYet) {
            return false;
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private void awaitThreads() {
        long deadline = System.nanoTime() + CLOSE_WAIT;
        try {
            for (Thread thread : loops.threads()) {
                long millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                thread.join(Math.max(1, millis));
            }
            promises.awaitKept(deadline);
        } catch (InterruptedException interrupted) {
            // The loops end by themselves; the caller is in a hurry.
            Thread.currentThread().interrupt();
        }
    }

    /** On the last loop. Does not fail. */
    private void ended(DrainResult total) {
        try {
            closeContext();
            onEnd.accept(total);
            context.log.info("closed");
        } catch (Throwable exhausted) {
            context.failure("the end", exhausted);
        } finally {
            ended.complete(total);
        }
    }

    private void closeContext() {
        try {
            context.close();
        } catch (Throwable exhausted) {
            // Its threads are idle, and end by themselves.
            context.failure("closing", exhausted);
        }
    }
}
