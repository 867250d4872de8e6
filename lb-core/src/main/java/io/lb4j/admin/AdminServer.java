package io.lb4j.admin;

import io.lb4j.LoadBalancer;
import io.lb4j.internal.util.Hosts;
import io.lb4j.internal.util.Names;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running HTTP server that shows one balancer, or several.
 *
 * <pre>{@code
 * AdminServer admin = AdminServer.builder(lb).start();     // http://127.0.0.1:8404/
 * }</pre>
 *
 * <table>
 * <caption>What it answers</caption>
 * <tr><td>{@code GET /}<td>a live page for people
 * <tr><td>{@code GET /status}<td>all figures of that page as JSON: {@code frontends}, {@code pools} with the ids of their backends, and
 *     {@code backends} of all pools among them
 * <tr><td>{@code GET /history?after=<number>}<td>what the server remembers: the last 200 events; and the figures of the
 *     last hour, one in ten seconds, for up to 500 backends: those after the sample of this number, which an answer gives as
 *     {@code last}; all without one
 * <tr><td>{@code GET /metrics}<td>the figures in the text format of Prometheus, 0.0.4, at most a second old; kinds of
 *     failures and ends that a backend or a frontend has not had are left out
 * <tr><td>{@code GET /health}<td>200 while every balancer runs and each has enough backends that are UP (one, unless a
 *     minimum was set), otherwise 503;
 *     JSON says why
 * <tr><td>{@code GET /connections?backend=<id>}<td>open connections, the 500 oldest, as JSON; all without a
 *     backend. Wants the token, as {@code POST} does
 * <tr><td>{@code POST /connections/<number>/close}<td>resets one of them
 * <tr><td>{@code POST /connections/rebalance?percent=<1..100>&over=<60s>}<td>ends that part of them over that time, those that
 *     are silent longest first, so that their clients connect anew
 * <tr><td>{@code POST /backends/<id>/rebalance?percent=<1..100>&over=<60s>}<td>the same for those of one backend
 * <tr><td>{@code POST /backends/<id>/drain?grace=<60s>}<td>takes a backend out and resets what is left then
 * <tr><td>{@code POST /frontends/<name>/drain?grace=<60s>}<td>closes a frontend's ports for good, and resets what is left
 *     of its connections then; 409 when it is the last one
 * <tr><td>{@code POST /backends/<id>/enable}<td>puts it back
 * <tr><td>{@code POST /backends/<id>/disable}<td>takes it out; what it has goes on
 * <tr><td>{@code POST /backends/<id>/weight?value=<0..1000>}<td>gives it another weight
 * </table>
 *
 * <p>Of several balancers {@code ?balancer=<name>} picks one, for {@code GET /connections} and {@code POST} it must. JSON is
 * an object for one balancer, and a list of these for several.
 *
 * <p>{@code POST} and {@code GET /connections} want the token that was set, as {@code Authorization: Bearer <token>}; while
 * none was set they are always refused. Everything else is told without a token: names, settings and addresses of
 * balancers and backends, their figures, and the last events, of which checks may give details; nothing of a single client.
 * An id and a name are percent-encoded; an id is looked for in all pools. It serves plain HTTP to whoever can reach its address and names it by one of its
 * {@linkplain AdminServerBuilder#allowHost hosts}, so that a page of somebody else's cannot read it through a browser:
 * keep it on loopback, or behind a proxy that asks who is there. Each connection has one request and 10 s for it; of more
 * than 64 connections, the one that has been there for longest is cut; a big
 * answer that would have more than 32 MB kept for clients that read slowly is 503 instead. So {@code /health} is answered whatever others do.
 *
 * <p>It has one thread, which wakes every ten seconds to remember figures. It ends when the last of its balancers has
 * ended, or by {@link #close}. Thread-safe.
 */
public final class AdminServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
    private static final long CLOSE_WAIT_MILLIS = 1000;

    private final InetSocketAddress address;
    private final AdminLoop loop;
    private final Thread thread;

    private AdminServer(InetSocketAddress address, AdminLoop loop, Thread thread) {
        this.address = address;
        this.loop = loop;
        this.thread = thread;
    }

    /**
     * A builder that holds the defaults, for a server that shows these balancers.
     *
     * @throws IllegalArgumentException when two of them have the same name
     */
    public static AdminServerBuilder builder(LoadBalancer balancer, LoadBalancer... more) {
        List<LoadBalancer> all = new ArrayList<>();
        all.add(balancer);
        all.addAll(Arrays.asList(more));
        return new AdminServerBuilder(all);
    }

    static AdminServer start(List<LoadBalancer> balancers, InetSocketAddress listen, Access access, AdminClock clock)
            throws IOException {
        String page = AdminHandler.page();
        List<Shown> shown = new ArrayList<>();
        ServerSocketChannel listener = ServerSocketChannel.open();
        try {
            listener.bind(listen);
            InetSocketAddress bound = (InetSocketAddress) listener.getLocalAddress();
            balancers.forEach(balancer -> shown.add(new Shown(balancer, clock)));
            AdminHandler handler = new AdminHandler(shown, access.at(bound), page, clock);
            return start(balancers, bound, access, new AdminLoop(listener, handler, new Sampler(clock, shown)));
        } catch (IOException | RuntimeException | Error failure) {
            shown.forEach(Shown::close);
            listener.close();
            throw failure;
        }
    }

    private static AdminServer start(
            List<LoadBalancer> balancers, InetSocketAddress bound, Access access, AdminLoop loop) {
        try {
            Thread thread = new Thread(loop, Names.thread(balancers.get(0).name(), "admin"));
            thread.setDaemon(true);
            AdminServer server = new AdminServer(bound, loop, thread);
            endWith(balancers, loop);
            warnOfToken(balancers.get(0).name(), bound, access);
            // The last that can fail: a thread that runs is in good hands.
            thread.start();
            return server;
        } catch (Throwable failure) {
            // No thread runs it: it closes what it holds.
            loop.end();
            loop.run();
            throw failure;
        }
    }

    /** The loop is held weakly: its thread holds it while it runs, and the balancers need not keep one that has ended. */
    private static void endWith(List<LoadBalancer> balancers, AdminLoop loop) {
        WeakReference<AdminLoop> running = new WeakReference<>(loop);
        var unused = CompletableFuture.allOf(
                        balancers.stream().map(LoadBalancer::whenClosed).toArray(CompletableFuture[]::new))
                .thenRun(() -> end(running.get()));
    }

    private static void end(@Nullable AdminLoop running) {
        if (running != null) {
            running.end();
        }
    }

    private static void warnOfToken(String name, InetSocketAddress bound, Access access) {
        if (access.hasToken() && !bound.getAddress().isLoopbackAddress()) {
            LOG.warn(
                    "{}: admin: whoever listens on the way to {} can read the token, which travels in clear; listen on"
                            + " loopback, behind a proxy that speaks TLS",
                    name,
                    Hosts.join(bound));
        }
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return address;
    }

    /** The port it listens on, 1..65535. */
    public int port() {
        return address().getPort();
    }

    /** Ends it; requests that are being answered are cut off. Waits for that, at most 1 s. Closing twice does nothing. */
    @Override
    public void close() {
        loop.end();
        try {
            thread.join(CLOSE_WAIT_MILLIS);
        } catch (InterruptedException interrupted) {
            // It ends by itself; the caller is in a hurry.
            Thread.currentThread().interrupt();
        }
    }

    /** Where it listens. */
    @Override
    public String toString() {
        return "AdminServer on " + Hosts.join(address());
    }
}
