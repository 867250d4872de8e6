package io.lb4j.admin;

import io.lb4j.LoadBalancer;
import io.lb4j.internal.util.Hosts;
import io.lb4j.internal.util.Names;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
 * keep it on loopback, or behind a proxy that asks who is there. Each connection has one request and 10 s for it; of more
 * than 64 connections, the one that has been there for longest is cut. So {@code /health} is answered whatever others do.
 *
 * <p>It ends with the balancer, or by {@link #close}. Thread-safe.
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

    /** A builder that holds the defaults, for a server that shows this balancer. */
    public static AdminServerBuilder builder(LoadBalancer balancer) {
        return new AdminServerBuilder(balancer);
    }

    static AdminServer start(LoadBalancer balancer, InetSocketAddress listen, Access access) throws IOException {
        String page = AdminHandler.page();
        ServerSocketChannel listener = ServerSocketChannel.open();
        try {
            listener.bind(listen);
            InetSocketAddress bound = (InetSocketAddress) listener.getLocalAddress();
            AdminLoop loop = new AdminLoop(listener, new AdminHandler(balancer, access.at(bound), page));
            Thread thread = new Thread(loop, Names.thread(balancer.name(), "admin"));
            thread.setDaemon(true);
            start(thread, loop);
            warnOfToken(balancer, bound, access);
            AdminServer started = new AdminServer(bound, loop, thread);
            var unused = balancer.whenClosed().thenRun(started::close);
            return started;
        } catch (IOException | RuntimeException | Error failure) {
            listener.close();
            throw failure;
        }
    }

    private static void start(Thread thread, AdminLoop loop) {
        try {
            thread.start();
        } catch (Throwable noThread) {
            // It closes what it holds.
            loop.end();
            loop.run();
            throw noThread;
        }
    }

    private static void warnOfToken(LoadBalancer balancer, InetSocketAddress bound, Access access) {
        if (access.hasToken() && !bound.getAddress().isLoopbackAddress()) {
            LOG.warn(
                    "{}: admin: whoever listens on the way to {} can read the token, which travels in clear; listen on"
                            + " loopback, behind a proxy that speaks TLS",
                    balancer.name(),
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
