package io.lb4j;

import io.lb4j.event.LoadBalancerListener;
import io.lb4j.internal.discovery.DiscoveryLoop;
import io.lb4j.internal.health.CheckThreads;
import io.lb4j.internal.health.HealthMonitor;
import io.lb4j.internal.health.SharedCheckThreads;
import io.lb4j.internal.jfr.FlightRecording;
import io.lb4j.internal.pool.Announcer;
import io.lb4j.internal.pool.BackendIds;
import io.lb4j.internal.util.Control;
import io.lb4j.internal.util.FewThreads;
import io.lb4j.internal.util.NameResolver;
import io.lb4j.internal.util.NamedLog;
import io.lb4j.internal.util.Platform;
import io.lb4j.internal.util.Preload;
import io.lb4j.internal.util.Promises;
import io.lb4j.internal.util.SerialExecutor;
import io.lb4j.proxy.TcpProxy;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** What the pools of one balancer have in common: its threads, its ears, and who is called what. Thread-safe. */
final class Shared {
    final String name;
    final Platform platform;
    final Control control;
    final Announcer announcer;
    final NameResolver names;
    final Promises promises;
    final BackendIds ids = new BackendIds();

    /** What serves, or null while nothing does. */
    final Supplier<@Nullable TcpProxy> proxy;

    /** Which pool each of what serves leads to. */
    final Frontends frontends;

    private final FewThreads checkThreads;
    private final FewThreads discoveryThreads;

    /** Nothing runs yet. */
    Shared(String name, List<LoadBalancerListener> listeners, Platform platform, Supplier<@Nullable TcpProxy> proxy) {
        this.name = name;
        this.platform = platform;
        this.proxy = proxy;
        frontends = new Frontends(proxy);
        Preload.classes(SerialExecutor.class);
        control = new Control(name, platform);
        announcer = new Announcer(name, listeners, control, platform.nanoClock());
        FlightRecording.listener(name).ifPresent(announcer::add);
        names = new NameResolver(name, platform, new NamedLog(LoggerFactory.getLogger(TcpProxy.class), name));
        promises = new Promises(name, platform);
        checkThreads = HealthMonitor.threads(name, control, platform);
        discoveryThreads = DiscoveryLoop.threads(name, control, platform);
        control.audit(discoveryThreads::audit);
        control.audit(promises::keepOwed);
    }

    /** Where one pool has its checks made. */
    CheckThreads checkThreads() {
        return new SharedCheckThreads(checkThreads);
    }

    /**
     * Where discoveries are asked: each on one thread at a time, and all on as few as will do. There may be as many as there
     * are discoveries, so that one that hangs keeps no other waiting.
     */
    Platform discoveryPlatform() {
        discoveryThreads.grow(1);
        return platform.with((name, most) -> new SerialExecutor(task -> {
            var unused = discoveryThreads.begin(task);
        }));
    }

    /** Behind all pools: no further check, no further question. Does not wait. */
    void end() {
        checkThreads.close();
        discoveryThreads.end();
    }

    /** Waits for the health threads to end, until this time of {@link System#nanoTime}. */
    void awaitEnd(long deadline) throws InterruptedException {
        checkThreads.awaitClosed(deadline - System.nanoTime());
    }
}
