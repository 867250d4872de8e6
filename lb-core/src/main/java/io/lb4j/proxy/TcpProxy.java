package io.lb4j.proxy;

import io.lb4j.backend.Backend;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionListener;
import io.lb4j.internal.util.Checks;
import io.lb4j.internal.util.Polling;
import io.lb4j.internal.util.Promises;
import io.lb4j.stats.FrontendStats;
import io.lb4j.stats.OpenConnection;
import io.lb4j.stats.TcpProxyStats;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

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
public final class TcpProxy implements RunningProxy {
    private final ProxyContext context;
    private final EventLoops loops;
    private final AllConnections connections;
    private final ProxyEnd end;
    private final ProxyFrontends frontends;

    /**
     * @param onFrontendChange is told when a frontend has ended and the proxy goes on, or when its settings have changed
     * @param onEnd is told of the end before anybody else is
     */
    TcpProxy(ProxyContext context, Runnable onFrontendChange, Consumer<DrainResult> onEnd) {
        this.context = context;
        loops = new EventLoops(context, () -> frontendEnded(onFrontendChange), this::ended);
        Promises promises = new Promises(context.config().name(), context.platform);
        connections = new AllConnections(loops, promises);
        end = new ProxyEnd(context, loops, promises, onEnd);
        frontends = new ProxyFrontends(context, loops, end, onFrontendChange);
    }

    /** Starts to accept; when it throws, only the listening sockets are left. */
    void start(List<FrontendPlan> plans, List<List<Port>> ports) throws IOException {
        frontends.start(plans, ports);
    }

    /** A builder that holds the defaults. */
    public static TcpProxyBuilder builder() {
        return new TcpProxyBuilder();
    }

    @Override
    public Transport transport() {
        return context.transport.transport();
    }

    @Override
    public String name() {
        return context.config().name();
    }

    @Override
    public List<Frontend> frontends() {
        return frontends.all();
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
        FrontendPlan plan = Checks.filled("frontend", frontend, new ProxyFrontendBuilder(host, ports))
                .plan();
        if (plan.router() == null) {
            throw new IllegalStateException("to: not set (expected: a host and port, or a router)");
        }
        return frontends.add(plan);
    }

    /**
     * For the library itself: {@link #listen(String, PortRange, Consumer)} with settings that were collected elsewhere.
     *
     * @hidden
     */
    public Frontend listen(FrontendSettings<?> frontend, Router router, String destination) {
        return frontends.add(frontend.plan(router, destination));
    }

    /** The settings it runs with. */
    public TcpProxyConfig config() {
        return frontends.config();
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
        frontends.reconfigure(Checks.notNull("change", change));
    }

    /**
     * Refuses a backend that would connect the proxy to itself.
     *
     * @throws IllegalStateException when the backend's host and port reach an address it listens on
     */
    public void refuseOwnListener(Backend backend) {
        frontends.refuseOwnListener(backend);
    }

    /**
     * Whether the backend's host is written as an address that reaches this proxy. Names are not looked up; one that leads
     * here is refused when it is dialled.
     */
    public boolean isWrittenAsListener(Backend backend) {
        return frontends.isWrittenAsListener(backend);
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

    @Override
    public CompletableFuture<DrainResult> drain(Duration grace) {
        return end.drain(Checks.notNegative("grace", grace).toNanos());
    }

    @Override
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
        connections.giveUpAttempts(Checks.notNull("route", route));
    }

    /**
     * Takes all connections off a route: those that relay are reset; those that are being connected there try the next
     * route their router gives. For routers whose backends go away.
     *
     * @return completes with how many were reset, when they have been told to; their sockets are closed before their
     *     loops wait again. What depends on it runs on a thread of this proxy and must not block
     */
    public CompletionStage<Integer> abort(Route route, CloseReason reason) {
        return connections.leave(Checks.notNull("route", route), Checks.notNull("reason", reason));
    }

    /**
     * Resets one connection, or lets it go while it is being connected.
     *
     * @param id the connection's number
     * @return completes with whether it was open. What depends on it runs on a thread that nobody waits for but
     *     {@link #close}
     */
    public CompletableFuture<Boolean> abort(long id, CloseReason reason) {
        return connections.abort(id, Checks.notNull("reason", reason));
    }

    /**
     * Resets these connections, or lets them go while they are being connected.
     *
     * @param ids their numbers
     * @return completes with how many of them were open, when they have been told to. What depends on it runs on a thread
     *     of this proxy and must not block
     */
    public CompletionStage<Integer> abort(Set<Long> ids, CloseReason reason) {
        return connections.abort(Set.copyOf(ids), Checks.notNull("reason", reason));
    }

    /**
     * Looks at all connections: each event loop tells of its own, on its own thread, in one of its next turns.
     *
     * @return completes with those there were, in no order, unmodifiable; exceptionally when there is no memory for that.
     *     What depends on it runs on a thread that nobody waits for but {@link #close}
     */
    public CompletableFuture<List<OpenConnection>> openConnections() {
        return connections.seen();
    }

    @Override
    public void close() {
        end.close();
    }

    @Override
    public boolean isClosed() {
        return end.isClosed();
    }

    /**
     * Completes when the proxy has ended, by {@link #drain} or {@link #close}. What depends on it runs on a thread that
     * nobody waits for but {@link #close}.
     *
     * @return how many connections finished and how many were reset since the drain began; zeros without a drain
     */
    public CompletableFuture<DrainResult> whenClosed() {
        return end.whenClosed();
    }

    @Override
    public boolean awaitIdle(Duration atMost) throws InterruptedException {
        return Polling.await(() -> loops.totals().active() == 0, atMost);
    }

    @Override
    public boolean awaitClosed(Duration atMost) throws InterruptedException {
        return end.awaitClosed(Checks.notNegative("atMost", atMost).toNanos());
    }

    /** On the last loop that served it. Does not fail. */
    private void frontendEnded(Runnable onFrontendChange) {
        try {
            onFrontendChange.run();
        } catch (Throwable exhausted) {
            context.failure("the end of a frontend", exhausted);
        }
    }

    /** On the last loop. */
    private void ended(DrainResult total) {
        end.reached(total);
    }
}
