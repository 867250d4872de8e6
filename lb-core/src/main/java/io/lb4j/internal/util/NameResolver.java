package io.lb4j.internal.util;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Addresses of hosts, for one balancer's connections and checks alike, looked up when they are wanted, on threads that
 * may block. An answer is used for 30 s; after that the next who wants it starts a new look-up and uses the old answer
 * until the new one is there. The last good answer outlives failures. Addresses written as such are never looked up.
 * Thread-safe.
 */
public final class NameResolver {
    /*
     * A name server that does not answer holds a thread for many seconds, and names whose servers do must not wait for
     * it. So a name whose last look-up failed or took long is a suspect, and all suspects share one thread.
     *
     * Nothing here is remembered for ever: hosts that nobody has asked for in a while are forgotten.
     */
    private static final long FRESH = Duration.ofSeconds(30).toNanos();
    private static final long SLOW = Duration.ofSeconds(1).toNanos();
    private static final long FORGOTTEN_AFTER = Duration.ofMinutes(10).toNanos();
    private static final long SWEPT_EVERY = Duration.ofMinutes(1).toNanos();
    private static final int THREADS = 16;

    private final ConcurrentHashMap<String, Host> hosts = new ConcurrentHashMap<>();
    private final AtomicLong nextSweep;
    private final Platform platform;
    private final NamedLog log;
    private final ExecutorService threads;
    private final ExecutorService suspectsThread;

    public NameResolver(String proxyName, Platform platform, NamedLog log) {
        this.platform = platform;
        this.log = log;
        threads = platform.workers().pool(Names.thread(proxyName, "resolver"), THREADS);
        suspectsThread = platform.workers().pool(Names.thread(proxyName, "resolver-suspects"), 1);
        nextSweep = new AtomicLong(now() + SWEPT_EVERY);
    }

    /**
     * The addresses of a host if they are known, null if they must be asked for. Then {@code later} is called, on any
     * thread, with the addresses, or with the reason why there are none.
     *
     * @param now the time of the platform's clock
     */
    public @Nullable Addresses lookUp(
            String name, long now, BiConsumer<@Nullable Addresses, @Nullable Throwable> later) {
        Host host = hosts.get(name);
        if (host == null) {
            forgetUnused();
            host = hosts.computeIfAbsent(name, Host::new);
        }
        return host.lookUp(now, later);
    }

    /** The same, now. */
    @Nullable
    Addresses lookUp(String name, BiConsumer<@Nullable Addresses, @Nullable Throwable> later) {
        return lookUp(name, now(), later);
    }

    /** Whether the look-up of this host is under way, and not waiting for a thread. */
    public boolean isAsking(String name) {
        Host host = hosts.get(name);
        return host != null && host.isBeingAsked();
    }

    /** How many hosts it remembers. */
    int size() {
        return hosts.size();
    }

    /** Looks up nothing more. */
    public void close() {
        threads.shutdownNow();
        suspectsThread.shutdownNow();
    }

    private void forgetUnused() {
        long now = now();
        long due = nextSweep.get();
        if (now - due >= 0 && nextSweep.compareAndSet(due, now + SWEPT_EVERY)) {
            hosts.values().removeIf(host -> now - host.usedAt > FORGOTTEN_AFTER);
        }
    }

    private long now() {
        return platform.nanoClock().getAsLong();
    }

    private final class Host {
        final String name;
        volatile long usedAt;
        private final @Nullable Addresses literal;

        // Guarded by this.
        private List<Runnable> waiting = new ArrayList<>();
        private @Nullable Addresses addresses;
        private long answeredAt;
        private boolean asking;
        private boolean begun;
        private boolean suspect;

        /** Used by whoever asks, one at a time. */
        private volatile boolean saidSeveral;

        Host(String name) {
            this.name = name;
            usedAt = now();
            InetAddress address = Hosts.literal(name);
            literal = address == null ? null : Addresses.of(address);
        }

        @Nullable
        Addresses lookUp(long now, BiConsumer<@Nullable Addresses, @Nullable Throwable> later) {
            usedAt = now;
            return literal != null ? literal : known(later);
        }

        private synchronized @Nullable Addresses known(BiConsumer<@Nullable Addresses, @Nullable Throwable> later) {
            boolean fresh = addresses != null && now() - answeredAt < FRESH;
            if (addresses == null) {
                waiting.add(() -> tell(later));
            }
            if (!fresh && !asking) {
                askSoon();
            }
            return addresses;
        }

        private void tell(BiConsumer<@Nullable Addresses, @Nullable Throwable> later) {
            Addresses found = known();
            later.accept(found, found == null ? new UnknownHostException("unknown host " + name) : null);
        }

        private void askSoon() {
            asking = true;
            try {
                (suspect ? suspectsThread : threads).execute(this::ask);
            } catch (Throwable noThread) {
                log.debug("cannot look up " + name, noThread);
                tellAll(answered(null, false));
            }
        }

        private synchronized @Nullable Addresses known() {
            return addresses;
        }

        synchronized boolean isBeingAsked() {
            return asking && begun;
        }

        private synchronized void begin() {
            begun = true;
        }

        private void ask() {
            begin();
            long began = now();
            Addresses found = null;
            try {
                InetAddress[] all = InetAddress.getAllByName(name);
                sayIfSeveral(all);
                found = Addresses.of(all).after(known());
            } catch (Throwable failure) {
                log.debug("cannot look up " + name, failure);
            } finally {
                tellAll(answered(found, found == null || now() - began > SLOW));
            }
        }

        /** Several of one family are several machines; of different families, they are one. */
        private void sayIfSeveral(InetAddress[] all) {
            long ofAFamily = Arrays.stream(all)
                    .filter(one -> one.getClass() == all[0].getClass())
                    .count();
            if (ofAFamily > 1 && !saidSeveral) {
                saidSeveral = true;
                log.warn("backend host " + name + " has " + ofAFamily
                        + " addresses, and connections go to one of them as long as it answers;"
                        + " discovery(BackendDiscovery.dns(host, port)) makes a backend of each");
            }
        }

        private synchronized List<Runnable> answered(@Nullable Addresses found, boolean makesSuspect) {
            // Before anything that can fail: the next who wants to know asks again.
            asking = false;
            begun = false;
            suspect = makesSuspect;
            if (found != null) {
                addresses = found;
                answeredAt = now();
            }
            List<Runnable> waiters = waiting;
            waiting = new ArrayList<>();
            return waiters;
        }

        /** Whoever cannot be told waits for no longer than an attempt may take. */
        private void tellAll(List<Runnable> waiters) {
            for (Runnable waiter : waiters) {
                try {
                    waiter.run();
                } catch (Throwable exhausted) {
                    log.debug("cannot tell who waits for " + name, exhausted);
                }
            }
        }
    }
}
