package io.lb4j.proxy;

import io.lb4j.event.ConnectionListener;
import io.lb4j.internal.util.Names;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** The loops of one proxy: one while nobody has come, then all of them. Thread-safe. */
final class EventLoops {
    /*
     * A loop costs a thread, a selector and a read buffer, which a balancer that nobody uses need not have for each core.
     * So the first loop begins alone and listens on every listening socket. With its first connection it starts the
     * others, and each takes over a listening socket of each port: connections are spread over these by the kernel from
     * the beginning, so it does not matter that the loops come later. What cannot be started for want of something stays
     * with the first loop, and is tried again.
     *
     * Frontends come and go. Under the lock, each is handed to every loop there is, and to every loop that begins later,
     * as long as it does not end: so that it is the last loop to be done with it that says so.
     */
    private static final long RETRY_AFTER = TimeUnit.SECONDS.toNanos(1);

    private final ProxyContext context;
    private final int most;
    private final Runnable onFrontendEnd;
    private final Consumer<DrainResult> onEnd;
    private final List<EventLoop> loops = new CopyOnWriteArrayList<>();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private final List<Entrance> entrances = new CopyOnWriteArrayList<>();
    private final Totals totals = new Totals(loops, entrances);

    private final LastOut running = new LastOut();
    private final AtomicInteger listening = new AtomicInteger();
    private final CompletableFuture<Void> notListening = new CompletableFuture<>();

    /** Written under this lock; to be asked under it, if it is to stay so. */
    private volatile boolean ending;

    // Confined to the first loop.
    private boolean complete;
    private long nextTry;

    /**
     * @param onFrontendEnd is told when a frontend has ended and the proxy goes on, on the last loop that served it
     * @param onEnd is told when the last loop has ended, on that loop
     */
    EventLoops(ProxyContext context, Runnable onFrontendEnd, Consumer<DrainResult> onEnd) {
        this.context = context;
        this.most = context.config().eventLoops();
        this.onFrontendEnd = onFrontendEnd;
        this.onEnd = onEnd;
        nextTry = context.platform.nanoClock().getAsLong();
    }

    List<EventLoop> all() {
        return loops;
    }

    List<Thread> threads() {
        return threads;
    }

    /** The frontends, in the order in which they were added. */
    List<Entrance> entrances() {
        return entrances;
    }

    Totals totals() {
        return totals;
    }

    // ---- loops

    /** Starts the first loop; when it throws, nothing runs, and the listening sockets are still open. */
    void start() throws IOException {
        EventLoop first = newLoop(0);
        complete = most == 1;
        first.whenAccepted(() -> startOthers(first));
        run(first);
    }

    private EventLoop newLoop(int index) throws IOException {
        return new EventLoop(context, index, this::notListening, this::frontendEnded, this::ended);
    }

    /** On the first loop, when it has accepted a connection: starts those that do not run yet. */
    private void startOthers(EventLoop first) {
        if (complete || first.now() - nextTry < 0) {
            return;
        }
        nextTry = first.now() + RETRY_AFTER;
        try {
            boolean goesOn = true;
            while (goesOn && loops.size() < most) {
                int index = loops.size();
                goesOn = run(newLoop(index));
                if (goesOn) {
                    first.acceptSide().each(frontend -> leave(frontend, index));
                }
            }
            complete = true;
        } catch (Throwable shortage) {
            context.shortage("cannot start another event loop:", shortage);
        }
    }

    private static void leave(Acceptors frontend, int index) {
        if (!frontend.entrance().isEnding()) {
            frontend.leave(index);
        }
    }

    /** Returns false when the proxy is ending. */
    private synchronized boolean run(EventLoop loop) {
        if (ending) {
            loop.discard();
            return false;
        }
        running.in();
        listening.incrementAndGet();
        Thread thread = null;
        try {
            for (Entrance entrance : entrances) {
                if (!entrance.isEnding()) {
                    begin(loop, entrance);
                }
            }
            context.gate.add(loop.acceptSide());
            thread = context.platform.thread(Names.thread(context.config().name(), "io-" + loops.size()), loop);
            threads.add(thread);
            loops.add(loop);
            context.platform.watch().add(loop.watched());
            thread.start();
            return true;
        } catch (Throwable noThread) {
            threads.remove(thread);
            loops.remove(loop);
            context.platform.watch().remove(loop.watched());
            context.gate.remove(loop.acceptSide());
            loop.acceptSide().forget();
            running.neverIn();
            listening.decrementAndGet();
            loop.discard();
            throw noThread;
        }
    }

    /** On a loop that does not run yet. */
    private void begin(EventLoop loop, Entrance entrance) {
        Acceptors frontend = served(loop, entrance, loops.size());
        try {
            loop.acceptSide().add(frontend);
        } catch (Throwable exhausted) {
            entrance.forget(frontend.counters());
            throw exhausted;
        }
        entrance.begins();
    }

    /** The first loop has the sockets of all that do not run. */
    private Acceptors served(EventLoop loop, Entrance entrance, int index) {
        Acceptors frontend = new Acceptors(loop, entrance);
        frontend.add(index);
        if (index == 0) {
            for (int other = Math.max(1, loops.size()); other < entrance.sockets(); other++) {
                frontend.add(other);
            }
        }
        return frontend;
    }

    /** Runs this on every loop; no loop begins after it. */
    synchronized void end(Consumer<EventLoop> how) {
        ending = true;
        for (EventLoop loop : loops) {
            how.accept(loop);
        }
    }

    boolean isEnding() {
        return ending;
    }

    // ---- frontends

    /** Before {@link #start}, or while it runs: the proxy listens there from now on. The ports are closed when it throws. */
    synchronized Entrance add(FrontendPlan plan, List<Port> ports, FrontendConfig config) {
        Entrance entrance = null;
        try {
            refuse(plan);
            entrance = new Entrance(plan, config, ports, context, this);
            List<Acceptors> served = new ArrayList<>();
            for (int i = 0; i < loops.size(); i++) {
                served.add(served(loops.get(i), entrance, i));
            }
            entrances.add(entrance);
            listenersChanged();
            for (int i = 0; i < served.size(); i++) {
                EventLoop loop = loops.get(i);
                Acceptors frontend = served.get(i);
                loop.post(() -> serve(loop, frontend));
                entrance.begins();
            }
            return entrance;
        } catch (RuntimeException | Error failure) {
            ports.forEach(Port::close);
            if (entrance != null) {
                entrances.remove(entrance);
            }
            throw failure;
        }
    }

    /**
     * Refuses one that cannot be added.
     *
     * @throws IllegalStateException when the proxy ends
     * @throws IllegalArgumentException when another one has its name or listens there
     */
    synchronized void refuse(FrontendPlan plan) {
        if (ending) {
            throw new IllegalStateException(context.config().name() + " is closed");
        }
        plan.refuseNameAmong(entrances.stream().map(Entrance::plan).toList());
        plan.refusePlaceAmong(entrances.stream()
                .filter(entrance -> !entrance.notListening().isDone())
                .map(Entrance::plan)
                .toList());
    }

    private void serve(EventLoop loop, Acceptors frontend) {
        loop.acceptSide().add(frontend);
        if (loop == loops.get(0)) {
            // Those that were started since have their own.
            for (int other = 1; other < loops.size(); other++) {
                leave(frontend, other);
            }
        }
    }

    /**
     * A frontend is to end, as a proxy does in its drain.
     *
     * @throws IllegalStateException when it is the last one
     */
    synchronized void drain(Entrance entrance, long deadline, long spread) {
        if (!entrance.isEnding() && !ending) {
            if (entrances.stream().allMatch(one -> one == entrance || one.isEnding())) {
                throw new IllegalStateException("frontend " + entrance.name()
                        + " is the last one (expected: another one that stays, or the end of the whole balancer)");
            }
            entrance.endsSoon();
        }
        for (EventLoop loop : loops) {
            loop.post(() -> {
                Acceptors frontend = loop.acceptSide().of(entrance);
                if (frontend != null) {
                    frontend.drain(deadline, spread);
                }
            });
        }
    }

    /** On a loop that has nothing more to do with it. */
    private void frontendEnded(Entrance entrance, DrainResult result) {
        // It counts or throws; then the loop calls again.
        DrainResult total = entrance.loopEnded(result);
        if (total == null) {
            return;
        }
        boolean othersGoOn = !ending;
        if (othersGoOn) {
            forget(entrance);
        }
        entrance.ended().complete(total);
        if (othersGoOn) {
            onFrontendEnd.run();
        }
    }

    /** Does not fail: at worst it is still counted among those that are there, and nobody is shown it. */
    private void forget(Entrance entrance) {
        try {
            totals.retire(entrance);
            listenersChanged();
            context.log.info("frontend " + entrance.name() + " closed");
        } catch (Throwable exhausted) {
            context.failure("the end of a frontend", exhausted);
        }
    }

    private synchronized void listenersChanged() {
        context.listeners(
                entrances.stream().flatMap(one -> one.ports().stream()).toList());
    }

    // ---- the end

    /** Completes when no loop listens any more: the ports are free. */
    CompletableFuture<Void> notListening() {
        return notListening;
    }

    private void notListening(EventLoop last) {
        if (listening.decrementAndGet() == 0) {
            notListening.complete(null);
            context.guests.tell(last, ConnectionListener::listeningEnded);
        }
    }

    private void ended(DrainResult result) {
        DrainResult total = running.out(result);
        if (total != null) {
            onEnd.accept(total);
        }
    }
}
