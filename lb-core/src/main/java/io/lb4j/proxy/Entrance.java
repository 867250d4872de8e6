package io.lb4j.proxy;

import io.lb4j.access.AccessRules;
import io.lb4j.event.CloseReason;
import io.lb4j.internal.loop.LoopCounters;
import io.lb4j.internal.relay.Limits;
import io.lb4j.internal.util.Counts;
import io.lb4j.internal.util.Hosts;
import io.lb4j.internal.util.Watched;
import io.lb4j.stats.FrontendStats;
import io.lb4j.tls.FrontendTls;
import io.lb4j.tls.PemFiles;
import io.lb4j.tls.TlsIdentity;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** One frontend of a running proxy: where it listens, where its connections go, and what they amount to. Thread-safe. */
final class Entrance {
    /**
     * A request or a hello, mostly. It is held for as long as a backend is looked for, or has no room: many who wait are not to
     * hold what others need.
     */
    private static final int MOST_AHEAD = 2 * 1024;

    private static final int LITTLE_AHEAD = 512;

    private final ProxyContext context;
    private final FrontendPlan plan;
    private final List<Port> ports;
    private final Router router;
    private final String routerRole;
    private final List<LoopCounters> counters = new CopyOnWriteArrayList<>();
    private final LastOut loops = new LastOut();
    private final AtomicInteger listening = new AtomicInteger();
    private final CompletableFuture<Void> notListening = new CompletableFuture<>();
    private final CompletableFuture<DrainResult> ended = new CompletableFuture<>();
    private final PortSwitch portSwitch;
    private final Admittance admittance;
    private final FollowedFiles files;
    private volatile FrontendConfig config;
    private volatile Limits limits;

    /** Of its connections; empty where they need none. */
    private final String uniqueName;

    private volatile boolean isEnding;

    /** @param ports what it listens at; not empty */
    Entrance(FrontendPlan plan, FrontendConfig config, List<Port> ports, ProxyContext context, EventLoops loops) {
        this.context = context;
        this.plan = plan;
        this.ports = List.copyOf(ports);
        router = Objects.requireNonNull(plan.router());
        routerRole = router instanceof Watched.Host ? "selector" : "router";
        this.config = config;
        limits = limits(config.timeouts(), context.config().limits());
        portSwitch = new PortSwitch(loops, context, this);
        admittance = new Admittance(config.entry(), context.platform);
        files = new FollowedFiles(loops, context, this);
        uniqueName = plan.tlvs().haveUniqueId()
                ? HexFormat.of().toHexDigits(context.platform.random().nextLong())
                : "";
    }

    String name() {
        return plan.name();
    }

    FrontendPlan plan() {
        return plan;
    }

    FrontendConfig config() {
        return config;
    }

    Limits limits() {
        return limits;
    }

    /** What {@link #adopt} will make of it, for whoever wants to see whether it throws. */
    TimeoutPolicy adapted(TcpProxyConfig ofProxy) {
        return plan.timeouts().apply(ofProxy.timeouts());
    }

    /** Holds for connections that are accepted from now on. */
    synchronized void adopt(TimeoutPolicy changed, TcpProxyConfig ofProxy) {
        config = config.with(changed);
        limits = limits(changed, ofProxy.limits());
    }

    /** Holds for clients that come from now on. */
    synchronized void adopt(EntryPolicy changed) {
        admittance.adopt(changed);
        config = config.with(changed);
    }

    /** These were read from that file. Returns whether that is news. */
    synchronized boolean adopt(Path file, AccessRules rules) {
        EntryPolicy present = config.entry();
        boolean isNews = present.accessFile().equals(Optional.of(file))
                && !present.access().equals(rules);
        if (isNews) {
            adopt(present.withAccess(rules));
        }
        return isNews;
    }

    /** This was read from these files. Returns whether that is news. */
    synchronized boolean adopt(PemFiles files, TlsIdentity fresh) {
        EntryPolicy present = config.entry();
        Optional<FrontendTls> changed = present.tls().map(tls -> tls.read(files, fresh));
        boolean isNews = !changed.equals(present.tls());
        if (isNews) {
            adopt(present.withTls(changed));
        }
        return isNews;
    }

    /** How much may be read at a time of a client who has no backend yet. Whether a bandwidth has room for it is not asked then. */
    int mostAhead() {
        return admittance.terms().hasBandwidth() || context.bandwidth() != null ? LITTLE_AHEAD : MOST_AHEAD;
    }

    /** What backends are told of its connections besides addresses. */
    ProxyTlvs tlvs() {
        return plan.tlvs();
    }

    /** What the names of its connections begin with; see {@link ProxyTlvs.Builder#uniqueId}. */
    String uniqueName() {
        return uniqueName;
    }

    /** How it lets clients in. */
    Admittance admittance() {
        return admittance;
    }

    /** The files that its access rules and certificates are in, if they are in some. */
    FollowedFiles files() {
        return files;
    }

    private static Limits limits(TimeoutPolicy timeouts, LimitPolicy limits) {
        return new Limits(
                timeouts.preface().toNanos(),
                timeouts.connect().toNanos(),
                limits.connectAttempts(),
                timeouts.idle().map(Duration::toNanos).orElse(Limits.FOR_EVER),
                timeouts.halfClosed().toNanos(),
                timeouts.stall().toNanos(),
                timeouts.lifetime().map(Duration::toNanos).orElse(Limits.FOR_EVER));
    }

    List<Port> ports() {
        return ports;
    }

    /** How many sockets there are for each port. */
    int sockets() {
        return ports.get(0).sockets().size();
    }

    /** Where it listens, for people. */
    String place() {
        InetSocketAddress first = ports.get(0).address();
        return Hosts.join(first) + (ports.size() == 1 ? "" : " and " + (ports.size() - 1) + " more");
    }

    Router router() {
        return router;
    }

    /** What the watch calls the router. */
    String routerRole() {
        return routerRole;
    }

    // ---- its life

    /** A loop is to serve it. */
    void begins() {
        loops.in();
        listening.incrementAndGet();
    }

    /** These were for a loop that does not serve it. */
    void forget(LoopCounters ofLoop) {
        counters.remove(ofLoop);
    }

    /** It does not after all. */
    void neverBegan(LoopCounters ofLoop) {
        forget(ofLoop);
        loops.neverIn();
        listening.decrementAndGet();
    }

    /** A loop does not listen any more. */
    void loopNotListening() {
        if (listening.decrementAndGet() == 0) {
            ports.forEach(Port::leave);
            notListening.complete(null);
        }
    }

    /** Completes when its ports are free. */
    CompletableFuture<Void> notListening() {
        return notListening;
    }

    /** It is to accept nobody any more, and to be gone with its last connection. */
    void endsSoon() {
        isEnding = true;
    }

    boolean isEnding() {
        return isEnding;
    }

    /** A loop serves it no more. The one that is the last of all is told how many there were; the others null. */
    @Nullable
    DrainResult loopEnded(DrainResult result) {
        return loops.out(result);
    }

    /** Completes when its last connection has ended. */
    CompletableFuture<DrainResult> ended() {
        return ended;
    }

    /** Whether its ports are open. */
    boolean isListening() {
        return portSwitch.isListening() && !notListening.isDone();
    }

    /** Its ports, closed for the time being. */
    PortSwitch portSwitch() {
        return portSwitch;
    }

    // ---- what its connections amount to

    /** For one loop, which writes them. */
    LoopCounters newCounters() {
        LoopCounters fresh = new LoopCounters();
        counters.add(fresh);
        return fresh;
    }

    long sum(ToLongFunction<LoopCounters> counter) {
        long sum = 0;
        for (LoopCounters ofLoop : counters) {
            sum += counter.applyAsLong(ofLoop);
        }
        return sum;
    }

    /** Adds all of it to these. */
    void addTo(LoopCounters sums) {
        // Without anything that needs memory: it is added or it is not.
        for (int i = 0; i < counters.size(); i++) {
            sums.addAll(counters.get(i));
        }
    }

    FrontendStats stats() {
        return new FrontendStats(
                sum(LoopCounters.ACCEPTED),
                sum(LoopCounters.ACTIVE),
                Counts.of(CloseReason.class, reason -> sum(ofLoop -> ofLoop.getClosed(reason))),
                sum(LoopCounters.CONNECT_ATTEMPTS),
                sum(LoopCounters.BYTES_TO_BACKEND),
                sum(LoopCounters.BYTES_TO_CLIENT),
                sum(LoopCounters.BANDWIDTH_PAUSES),
                sum(LoopCounters.ACCEPT_PAUSES),
                sum(LoopCounters.ACCEPT_FAILURES));
    }

    private long sum(int counter) {
        return sum(ofLoop -> ofLoop.get(counter));
    }
}
