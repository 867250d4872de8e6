package io.lb4j.proxy;

import io.lb4j.internal.util.Hosts;
import io.lb4j.internal.util.NamedLog;
import io.lb4j.internal.util.Platform;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Addresses of hosts, looked up when a connection is made, on threads that may block. An answer is used for 30 s; after
 * that the next connection starts a new look-up and uses the old answer until the new one is there. The last good
 * answer outlives failures. Addresses written as such are never looked up. Thread-safe.
 */
final class NameResolver {
    private static final long FRESH = Duration.ofSeconds(30).toNanos();
    private static final int THREADS = 4;

    private final ConcurrentHashMap<String, Host> hosts = new ConcurrentHashMap<>();
    private final Platform platform;
    private final NamedLog log;
    private final ExecutorService threads;

    NameResolver(String proxyName, Platform platform, NamedLog log) {
        this.platform = platform;
        this.log = log;
        threads = platform.workers().pool("lb-" + proxyName + "-resolver", THREADS);
    }

    /**
     * The addresses of a host if they are known, null if they must be asked for. Then {@code later} is called on the
     * loop with the addresses, or with the reason why there are none.
     */
    InetAddress @Nullable [] lookUp(
            String name, EventLoop loop, BiConsumer<InetAddress @Nullable [], @Nullable Throwable> later) {
        Host host = hosts.computeIfAbsent(name, Host::new);
        return host.literal != null ? host.literal : host.lookUp(loop, later);
    }

    void close() {
        threads.shutdownNow();
    }

    private final class Host {
        final String name;
        final InetAddress @Nullable [] literal;
        private final List<Runnable> waiting = new ArrayList<>();
        private InetAddress @Nullable [] addresses;
        private long answeredAt;
        private boolean asking;

        Host(String name) {
            this.name = name;
            InetAddress address = Hosts.literal(name);
            literal = address == null ? null : new InetAddress[] {address};
        }

        synchronized InetAddress @Nullable [] lookUp(
                EventLoop loop, BiConsumer<InetAddress @Nullable [], @Nullable Throwable> later) {
            boolean fresh = addresses != null && platform.nanoClock().getAsLong() - answeredAt < FRESH;
            if (addresses == null) {
                waiting.add(() -> {
                    InetAddress[] found = known();
                    UnknownHostException failure =
                            found == null ? new UnknownHostException("unknown host " + name) : null;
                    loop.post(() -> later.accept(found, failure));
                });
            }
            if (!fresh && !asking) {
                askSoon();
            }
            return addresses;
        }

        private void askSoon() {
            asking = true;
            try {
                threads.execute(this::ask);
            } catch (Throwable noThread) {
                log.debug("cannot look up " + name, noThread);
                answered(null).forEach(Runnable::run);
            }
        }

        private synchronized InetAddress @Nullable [] known() {
            return addresses;
        }

        private void ask() {
            InetAddress[] found = null;
            try {
                found = InetAddress.getAllByName(name);
            } catch (Throwable failure) {
                log.debug("cannot look up " + name, failure);
            } finally {
                answered(found).forEach(Runnable::run);
            }
        }

        private synchronized List<Runnable> answered(InetAddress @Nullable [] found) {
            if (found != null) {
                addresses = found;
                answeredAt = platform.nanoClock().getAsLong();
            }
            asking = false;
            List<Runnable> waiters = List.copyOf(waiting);
            waiting.clear();
            return waiters;
        }
    }
}
