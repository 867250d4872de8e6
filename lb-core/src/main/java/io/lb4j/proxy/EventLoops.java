package io.lb4j.proxy;

import io.lb4j.event.AcceptPaused;
import io.lb4j.event.ConnectionListener;
import io.lb4j.internal.util.Hosts;
import io.lb4j.internal.util.Names;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
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
     * others, and each takes over a listening socket of its own: connections are spread over these by the kernel from
     * the beginning, so it does not matter that the loops come later. What cannot be started for want of something stays
     * with the first loop, and is tried again.
     */
    private static final long RETRY_AFTER = TimeUnit.SECONDS.toNanos(1);

    private static final long FIRST_TRY_TO_LISTEN_AFTER = TimeUnit.MILLISECONDS.toNanos(2);

    private final ProxyContext context;
    private final int most;
    private final Consumer<DrainResult> onEnd;
    private final List<EventLoop> loops = new CopyOnWriteArrayList<>();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();

    private final LastOut running = new LastOut();
    private final AtomicInteger listening = new AtomicInteger();
    private final CompletableFuture<Void> notListening = new CompletableFuture<>();

    /** Guarded by this. */
    private boolean ending;

    /** Whether the port is to be open, and is, for all that the first loop knows. */
    private volatile boolean isListeningWanted = true;

    private volatile boolean isListening = true;

    // Confined to the first loop.
    private final Settling settling = new Settling();
    private List<ServerSocketChannel> listeners;
    private boolean complete;
    private long nextTry;

    /** @param onEnd is told when the last loop has ended, on that loop */
    EventLoops(ProxyContext context, List<ServerSocketChannel> listeners, int most, Consumer<DrainResult> onEnd) {
        this.context = context;
        this.listeners = listeners;
        this.most = most;
        this.onEnd = onEnd;
        nextTry = context.platform.nanoClock().getAsLong();
    }

    List<EventLoop> all() {
        return loops;
    }

    List<Thread> threads() {
        return threads;
    }

    /** Starts the first loop; when it throws, nothing runs, and the listening sockets are still open. */
    void start() throws IOException {
        List<Acceptor> acceptors = new ArrayList<>();
        EventLoop first = new EventLoop(context, 0, this::notListening, this::ended);
        for (int i = 0; i < listeners.size(); i++) {
            Acceptor acceptor = new Acceptor(first, listeners, i);
            acceptors.add(acceptor);
            first.acceptors().add(acceptor);
        }
        complete = most == 1;
        first.whenAccepted(() -> startOthers(first, acceptors));
        run(first);
    }

    /** On the first loop, when it has accepted a connection: starts those that do not run yet. */
    private void startOthers(EventLoop first, List<Acceptor> acceptors) {
        if (complete || first.now() - nextTry < 0) {
            return;
        }
        nextTry = first.now() + RETRY_AFTER;
        try {
            boolean goesOn = true;
            while (goesOn && loops.size() < most) {
                goesOn = start(loops.size(), first, acceptors);
            }
            complete = true;
        } catch (Throwable shortage) {
            context.shortage("cannot start another event loop:", shortage);
        }
    }

    /** Returns false when the proxy is ending. */
    private boolean start(int index, EventLoop first, List<Acceptor> acceptors) throws IOException {
        EventLoop loop = new EventLoop(context, index, this::notListening, this::ended);
        boolean hasItsOwn = index < listeners.size();
        loop.acceptors().add(new Acceptor(loop, listeners, hasItsOwn ? index : 0));
        boolean runs = run(loop);
        if (runs && hasItsOwn) {
            first.acceptors().remove(acceptors.get(index));
        }
        return runs;
    }

    private synchronized boolean run(EventLoop loop) {
        if (ending) {
            loop.discard();
            return false;
        }
        running.in();
        listening.incrementAndGet();
        Thread thread = null;
        try {
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
            loop.acceptors().forget();
            running.neverIn();
            listening.decrementAndGet();
            loop.discard();
            throw noThread;
        }
    }

    /** Runs this on every loop; no loop begins after it. */
    synchronized void end(Consumer<EventLoop> how) {
        ending = true;
        for (EventLoop loop : loops) {
            how.accept(loop);
        }
    }

    /** Completes when no loop listens any more: the port is free. */
    CompletableFuture<Void> notListening() {
        return notListening;
    }

    // ---- the port, closed for the time being

    /*
     * The first loop closes and opens, one after the other, and has the others do so: what it asks of a loop comes in the
     * order in which it was asked. A port that was closed may be free only when every loop has made another turn, or be
     * taken by somebody else meanwhile: so opening it is tried until it works.
     */

    /** The port is to be open, or not to be. Nothing when it is so already, or is becoming so. */
    void listening(boolean wanted) {
        boolean isNews = isListeningWanted != wanted;
        isListeningWanted = wanted;
        if (isNews || isListening != wanted) {
            EventLoop first = loops.get(0);
            first.post(() -> settling.begin(first));
        }
    }

    boolean isListening() {
        return isListening;
    }

    /** Makes the port what it is to be. */
    private final class Settling extends Deadline {
        private long retryAfter;
        private boolean triedFor;

        /** Some loops may have shut their socket, and others not. */
        private boolean isTorn;

        void begin(EventLoop first) {
            boolean isBeingTried = heapIndex >= 0 && triedFor == isListeningWanted;
            if (!isBeingTried) {
                retryAfter = FIRST_TRY_TO_LISTEN_AFTER;
                settle(first);
            }
        }

        @Override
        void expired(long now) {
            settle(loops.get(0));
        }

        private void settle(EventLoop first) {
            boolean wanted = isListeningWanted;
            triedFor = wanted;
            if (wanted == isListening && !isTorn) {
                first.deadlines().cancel(this);
                return;
            }
            // First of all: whatever fails below, it is tried again.
            first.deadlines().scheduleBy(this, first.now() + retryAfter);
            long failedAfter = retryAfter;
            retryAfter = Math.min(2 * retryAfter, RETRY_AFTER);
            try {
                boolean isSettled = true;
                if (wanted) {
                    isSettled = open(first);
                } else {
                    shut(first);
                }
                first.deadlines().cancel(this);
                if (isSettled) {
                    isListening = wanted;
                    tell(first, wanted);
                }
            } catch (IOException | RuntimeException taken) {
                if (failedAfter >= RETRY_AFTER) {
                    context.shortage("cannot listen again on " + Hosts.join(context.listenAddress) + ":", taken);
                }
            }
        }

        private void shut(EventLoop first) {
            isTorn = true;
            for (EventLoop loop : loops) {
                onLoop(first, loop, () -> loop.acceptors().shut());
            }
            isTorn = false;
        }

        /** Returns whether the proxy has not begun to end: then no loop hears of the end before it has heard of this. */
        private boolean open(EventLoop first) throws IOException {
            synchronized (EventLoops.this) {
                if (ending) {
                    return false;
                }
                if (isTorn) {
                    shut(first);
                }
                List<ServerSocketChannel> fresh =
                        new Listeners(context.platform.sockets()).open(context.listenAddress, listeners.size());
                try {
                    isTorn = true;
                    for (EventLoop loop : loops) {
                        onLoop(first, loop, () -> loop.acceptors().listen(fresh));
                    }
                    listeners = fresh;
                    isTorn = false;
                    return true;
                } finally {
                    if (isTorn) {
                        // Who has got one already finds it closed, and is told to shut it with the next try.
                        Listeners.closeAll(fresh);
                    }
                }
            }
        }
    }

    private static void onLoop(EventLoop first, EventLoop loop, Runnable task) {
        if (loop == first) {
            task.run();
        } else {
            loop.post(task);
        }
    }

    private void tell(EventLoop first, boolean opened) {
        context.log.info((opened ? "listening again on " : "stopped listening on ")
                + Hosts.join(context.listenAddress)
                + (opened ? "" : ": not enough backends are UP"));
        if (!opened) {
            first.counters().add(LoopCounters.ACCEPT_PAUSES, 1);
        }
        context.guests.tell(
                first,
                opened
                        ? ConnectionListener::acceptResumed
                        : listener -> listener.acceptPaused(new AcceptPaused(AcceptPaused.Cause.NONE_HEALTHY)));
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
