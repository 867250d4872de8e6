package io.lb4j.proxy;

import io.lb4j.backend.Backend;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionListener;
import io.lb4j.internal.util.Checks;
import io.lb4j.internal.util.Hosts;
import io.lb4j.internal.util.Polling;
import io.lb4j.internal.util.Promises;
import io.lb4j.stats.FrontendStats;
import io.lb4j.stats.OpenConnection;
import io.lb4j.stats.TcpProxyStats;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
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
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
    private static final int MOST_IN_A_LINE = 10;

    /** How long {@link #drain} waits for the listening sockets to be closed. */
    private static final long PORT_WAIT = TimeUnit.SECONDS.toNanos(1);

    /** How long {@link #close} waits for the loops to end. */
    private static final long CLOSE_WAIT = TimeUnit.SECONDS.toNanos(2);

    private final ProxyContext context;
    private final EventLoops loops;
    private final CompletableFuture<DrainResult> ended = new CompletableFuture<>();
    private final Consumer<DrainResult> onEnd;
    private final Promises promises;

    /** Held while settings change, and while a frontend takes them over. */
    private final Object settings = new Object();

    /**
     * @param onFrontendEnd is told when a frontend has ended and the proxy goes on
     * @param onEnd is told of the end before anybody else is
     */
    TcpProxy(ProxyContext context, Runnable onFrontendEnd, Consumer<DrainResult> onEnd) {
        this.context = context;
        this.onEnd = onEnd;
        promises = new Promises(context.config().name(), context.platform);
        loops = new EventLoops(context, () -> frontendEnded(onFrontendEnd), this::ended);
    }

    /** Starts to accept; when it throws, only the listening sockets are left. */
    void start(List<FrontendPlan> plans, List<List<Port>> ports) throws IOException {
        for (int i = 0; i < plans.size(); i++) {
            FrontendPlan plan = plans.get(i);
            loops.add(plan, ports.get(i), plan.config(context.config().timeouts()));
        }
        loops.start();
        context.log.info("listening on "
                + frontends().stream()
                        .limit(MOST_IN_A_LINE)
                        .map(TcpProxy::place)
                        .collect(Collectors.joining(", "))
                + (plans.size() > MOST_IN_A_LINE ? " and " + (plans.size() - MOST_IN_A_LINE) + " more places" : "")
                + limit()
                + context.transport.note());
    }

    /** Where a frontend listens, as it was written but for any free port. */
    private static String place(Frontend frontend) {
        PortRange ports = frontend.config().ports();
        return ports.size() == 1
                ? Hosts.join(frontend.config().host(), frontend.port())
                : frontend.config().hostAndPorts();
    }

    private String limit() {
        int limit = context.connectionLimit();
        return limit == AcceptGate.UNLIMITED ? "" : ", at most " + limit + " connections at a time";
    }

    /** A builder that holds the defaults. */
    public static TcpProxyBuilder builder() {
        return new TcpProxyBuilder();
    }

    /** By which sockets it relays: {@link Transport#JDK} or {@link Transport#NATIVE}. */
    public Transport transport() {
        return context.transport.transport();
    }

    /** The name that begins every log line of this proxy. */
    public String name() {
        return context.config().name();
    }

    /**
     * Where its first frontend listens, with the port that was found if any free one was asked for. When that one has been
     * drained, the next one is the first.
     */
    public InetSocketAddress address() {
        return frontends().get(0).address();
    }

    /** The port its first frontend listens on, 1..65535. */
    public int port() {
        return address().getPort();
    }

    /** Where it listens: its frontends in the order in which they were added, unmodifiable; never empty. */
    public List<Frontend> frontends() {
        // In this order: what ends says so first, and then it has ended.
        return loops.entrances().stream()
                .filter(entrance -> !entrance.ended().isDone() || loops.isEnding())
                .map(entrance -> new Frontend(this, entrance))
                .toList();
    }

    /**
     * One of its frontends.
     *
     * @throws NoSuchElementException when there is none of this name
     */
    public Frontend frontend(String name) {
        Checks.notNull("frontend", name);
        return frontends().stream()
                .filter(frontend -> frontend.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new NoSuchElementException("frontend: " + name + " (expected: one of "
                        + frontends().stream().map(Frontend::name).toList() + ")"));
    }

    /**
     * Listens on one more port while it runs. When this returns, clients can connect.
     *
     * @param host an address of this machine, or a name that stands for one or several of them
     * @param ports {@link PortRange#of(int)} for a single one
     * @param frontend is handed the frontend's settings, once, in this call; it says where its connections go
     * @throws IllegalArgumentException when the host is empty or not a host, or another frontend listens there or has this
     *     name
     * @throws IllegalStateException when the proxy drains or is closed, it was not said where connections go, or that is
     *     the proxy's own listener
     * @throws java.io.UncheckedIOException when it cannot listen there; nothing has changed
     */
    public Frontend listen(String host, PortRange ports, Consumer<ProxyFrontendBuilder> frontend) {
        ProxyFrontendBuilder settings = new ProxyFrontendBuilder(host, ports);
        Checks.notNull("frontend", frontend).accept(settings);
        FrontendPlan plan = settings.plan();
        if (plan.router() == null) {
            throw new IllegalStateException("to: not set (expected: a host and port, or a router)");
        }
        return listen(plan);
    }

    /**
     * For the library itself: {@link #listen(String, PortRange, Consumer)} with settings that were collected elsewhere.
     *
     * @hidden
     */
    public Frontend listen(FrontendSettings<?> frontend, Router router, String destination) {
        return listen(frontend.plan(router, destination));
    }

    private Frontend listen(FrontendPlan plan) {
        loops.refuse(plan);
        if (plan.router() instanceof FixedRoute fixed) {
            OwnListener.refuse(fixed.backend(), plan);
            refuseOwnListener(fixed.backend());
        }
        synchronized (settings) {
            FrontendConfig config = plan.config(context.config().timeouts());
            List<Port> ports = new Listeners(context.platform.sockets())
                    .open(plan.host(), plan.ports(), context.config().eventLoops());
            Frontend added = new Frontend(this, loops.add(plan, ports, config));
            context.log.info("listening on " + place(added));
            return added;
        }
    }

    /** The settings it runs with. */
    public TcpProxyConfig config() {
        return context.config()
                .withFrontends(loops.entrances().stream().map(Entrance::config).toList());
    }

    /**
     * Changes settings while it runs. They hold for connections accepted from now on; a lower connection limit closes
     * none.
     *
     * @param change is handed the present settings. What it throws is thrown, and nothing changes
     * @throws IllegalStateException when it is closed
     */
    public void reconfigure(Consumer<ProxyReconfiguration> change) {
        refuseIfClosed();
        // Not the lock of the loops: what is called here is somebody else's, and may take its time.
        synchronized (settings) {
            TcpProxyConfig before = context.config();
            ProxyReconfiguration present = new ProxyReconfiguration(before);
            Checks.notNull("change", change).accept(present);
            TcpProxyConfig after = before.with(present.timeouts(), present.limits());
            // All of them before the first, as what they say may throw.
            Map<Entrance, FrontendConfig> changed = new LinkedHashMap<>();
            loops.entrances().forEach(entrance -> changed.put(entrance, entrance.adapted(after)));
            changed.forEach((entrance, config) -> entrance.adopt(config, after));
            context.config(after);
        }
    }

    /**
     * Refuses a backend that would connect the proxy to itself.
     *
     * @throws IllegalStateException when the backend's host and port reach an address it listens on
     */
    public void refuseOwnListener(Backend backend) {
        listeners().forEach(listener -> OwnListener.refuse(backend, listener));
    }

    /** Where it listens, and where the port is not free yet. */
    private Stream<InetSocketAddress> listeners() {
        return loops.entrances().stream()
                .flatMap(entrance -> entrance.ports().stream())
                .filter(port -> !port.isLeft())
                .map(Port::address);
    }

    /**
     * Whether the backend's host is written as an address that reaches this proxy. Names are not looked up; one that leads
     * here is refused when it is dialled.
     */
    public boolean isWrittenAsListener(Backend backend) {
        return listeners().anyMatch(listener -> OwnListener.isWrittenIn(backend, listener));
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
        return loops.totals().stats();
    }

    /** The counters of its frontends by their names, in the order in which they were added. */
    public Map<String, FrontendStats> frontendStats() {
        Map<String, FrontendStats> stats = new LinkedHashMap<>();
        loops.entrances().forEach(entrance -> stats.put(entrance.name(), entrance.stats()));
        return stats;
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
        context.log.info("draining, " + loops.totals().active() + " connections open");
        loops.end(loop -> loop.post(() -> loop.drain(deadline, nanos / 3)));
        await(loops.notListening(), PORT_WAIT);
        return promises.of(ended);
    }

    /** The polite end of one frontend. */
    CompletableFuture<DrainResult> drain(Entrance frontend, long grace) {
        long deadline = context.platform.nanoClock().getAsLong() + grace;
        loops.drain(frontend, deadline, grace / 3);
        await(frontend.notListening(), PORT_WAIT);
        return promises.of(frontend.ended());
    }

    void close(Entrance frontend) {
        if (!frontend.ended().isDone()) {
            loops.drain(frontend, context.platform.nanoClock().getAsLong(), 0);
            await(frontend.ended(), CLOSE_WAIT);
        }
    }

    /** Waits for what the loops do, unless it is one of them that asks. */
    private void await(CompletableFuture<?> done, long nanos) {
        boolean runs = loops.threads().stream().anyMatch(Thread::isAlive);
        if (runs && loops.all().stream().noneMatch(EventLoop::isLoopThread)) {
            try {
                done.get(nanos, TimeUnit.NANOSECONDS);
            } catch (TimeoutException | ExecutionException busy) {
                // The loops go on with it; listeners are told when it is done.
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Whether the ports of all its frontends are open; see {@link Frontend#listening}. */
    public boolean isListening() {
        // In this order: what ends says so first, and then its port closes.
        return loops.entrances().stream().allMatch(one -> one.isListening() || one.isEnding())
                && !loops.notListening().isDone();
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
        return Polling.await(() -> loops.totals().active() == 0, atMost);
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

    /** On the last loop that served it. Does not fail. */
    private void frontendEnded(Runnable onFrontendEnd) {
        try {
            onFrontendEnd.run();
        } catch (Throwable exhausted) {
            context.failure("the end of a frontend", exhausted);
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
