package io.lb4j.admin;

import com.sun.net.httpserver.HttpServer;
import io.lb4j.LoadBalancer;
import io.lb4j.internal.util.Hosts;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A running HTTP server that shows one balancer.
 *
 * <pre>{@code
 * AdminServer admin = AdminServer.builder(lb).start();     // http://127.0.0.1:8404/
 * }</pre>
 *
 * <table>
 * <caption>What it answers</caption>
 * <tr><td>{@code GET /}<td>a live page for people
 * <tr><td>{@code GET /status}<td>everything on that page as JSON
 * <tr><td>{@code GET /health}<td>200 while the balancer runs and at least one backend is UP, otherwise 503; JSON says why
 * <tr><td>{@code POST /backends/<id>/drain?grace=<seconds>}<td>takes a backend out and resets what is left then
 * <tr><td>{@code POST /backends/<id>/enable}<td>puts it back
 * <tr><td>{@code POST /backends/<id>/disable}<td>takes it out; what it has goes on
 * <tr><td>{@code POST /backends/<id>/weight?value=<0..1000>}<td>gives it another weight
 * </table>
 *
 * <p>{@code POST} wants the token that was set, as {@code Authorization: Bearer <token>}; while none was set it is always
 * refused. An id is percent-encoded. It serves plain HTTP to whoever can reach its address and names it by one of its
 * {@linkplain AdminServerBuilder#allowHost hosts}, so that a page of somebody else's cannot read it through a browser:
 * keep it on loopback, or behind a proxy that asks who is there. A client that sends half a request holds one of its 16
 * threads until it goes.
 *
 * <p>It ends with the balancer, or by {@link #close}. Thread-safe.
 */
public final class AdminServer implements AutoCloseable {
    // The JDK's server reads a request on the thread that answers it, and waits for ever. A few threads more, then.
    private static final int THREADS = 16;
    private static final long IDLE_SECONDS = 10;

    private final HttpServer server;
    private final ExecutorService threads;

    private AdminServer(HttpServer server, ExecutorService threads) {
        this.server = server;
        this.threads = threads;
    }

    /** A builder that holds the defaults, for a server that shows this balancer. */
    public static AdminServerBuilder builder(LoadBalancer balancer) {
        return new AdminServerBuilder(balancer);
    }

    static AdminServer start(LoadBalancer balancer, InetSocketAddress listen, Access access) throws IOException {
        String page = AdminHandler.page();
        HttpServer server = HttpServer.create(listen, 0);
        ExecutorService threads = threads(balancer.name());
        server.setExecutor(threads);
        server.createContext("/", new AdminHandler(balancer, access.at(server.getAddress()), page));
        server.start();
        AdminServer started = new AdminServer(server, threads);
        var unused = balancer.whenClosed().thenRun(started::endSoon);
        return started;
    }

    private static ExecutorService threads(String name) {
        AtomicInteger count = new AtomicInteger();
        ThreadPoolExecutor threads = new ThreadPoolExecutor(
                THREADS, THREADS, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "lb-" + name + "-admin-" + count.getAndIncrement());
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
        return threads;
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    /** The port it listens on, 1..65535. */
    public int port() {
        return address().getPort();
    }

    /** On a thread of the balancer, which must not wait. */
    private void endSoon() {
        Thread ending = new Thread(this::close, "lb-admin-ending");
        ending.setDaemon(true);
        ending.start();
    }

    /** Ends it; requests that are being answered are cut off. Closing twice does nothing. */
    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    /** Where it listens. */
    @Override
    public String toString() {
        return "AdminServer on " + Hosts.join(address());
    }
}
