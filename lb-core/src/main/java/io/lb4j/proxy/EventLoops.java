package io.lb4j.proxy;

import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
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

    private final ProxyContext context;
    private final List<ServerSocketChannel> listeners;
    private final int most;
    private final Consumer<DrainResult> onEnd;
    private final List<EventLoop> loops = new CopyOnWriteArrayList<>();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();

    private final LastOut running = new LastOut();

    /** Guarded by this. */
    private boolean ending;

    // Confined to the first loop.
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
        EventLoop first = new EventLoop(context, 0, this::ended);
        for (ServerSocketChannel listener : listeners) {
            Acceptor acceptor = new Acceptor(first, listener);
            acceptors.add(acceptor);
            first.add(acceptor);
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
        EventLoop loop = new EventLoop(context, index, this::ended);
        boolean hasItsOwn = index < listeners.size();
        loop.add(new Acceptor(loop, listeners.get(hasItsOwn ? index : 0)));
        boolean runs = run(loop);
        if (runs && hasItsOwn) {
            first.remove(acceptors.get(index));
        }
        return runs;
    }

    private synchronized boolean run(EventLoop loop) {
        if (ending) {
            loop.discard();
            return false;
        }
        Thread thread = context.platform.thread("lb-" + context.config().name() + "-io-" + loops.size(), loop);
        try {
            loops.add(loop);
            threads.add(thread);
            running.in();
            context.platform.watch().add(loop.watched());
            thread.start();
            return true;
        } catch (Throwable noThread) {
            loops.remove(loop);
            threads.remove(thread);
            running.neverIn();
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

    private void ended(DrainResult result) {
        DrainResult total = running.out(result);
        if (total != null) {
            onEnd.accept(total);
        }
    }
}
