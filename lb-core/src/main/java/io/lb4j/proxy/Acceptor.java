package io.lb4j.proxy;

import io.lb4j.event.AcceptPaused;
import io.lb4j.event.ConnectionListener;
import io.lb4j.internal.util.Closing;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Accepts connections on the loop that will serve them. Confined to its loop, but for {@link #resumeSoon}. */
final class Acceptor implements ReadyHandler {
    /*
     * A client is only accepted while a descriptor for its backend is in hand (`reserved`). So a process that runs out
     * of descriptors leaves its clients in the kernel's backlog, where they wait, and never has one it cannot serve.
     *
     * Out of anything (descriptors, memory, places under the connection limit), the acceptor pauses: no interest, no
     * CPU. It resumes when a connection of any loop has released its descriptors, and at a shortage also by itself
     * after a while, because others in this process release descriptors too: after 100 ms, and each time that was in
     * vain after twice as long, up to a second.
     */
    private static final int ACCEPTS_PER_TURN = 8;
    private static final long FIRST_RETRY_AFTER = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LAST_RETRY_AFTER = TimeUnit.SECONDS.toNanos(1);

    private final EventLoop loop;
    private final ProxyContext context;
    private final ServerSocketChannel listener;
    private final Deadline retry = new Retry();
    private @Nullable SelectionKey key;
    private @Nullable SocketChannel reserved;
    private long retryAfter = FIRST_RETRY_AFTER;
    private boolean paused;
    private boolean closed;

    Acceptor(EventLoop loop, ServerSocketChannel listener) {
        this.loop = loop;
        this.context = loop.context();
        this.listener = listener;
    }

    @Override
    public void ready(int readyOps) {
        acceptSome(ACCEPTS_PER_TURN);
    }

    /** Any thread: resumes a paused acceptor. */
    void resumeSoon() {
        loop.post(this::resume);
    }

    /** Begins to accept, or begins again after a pause. */
    void resume() {
        if (closed || !listener.isOpen()) {
            return;
        }
        if (paused && context.guests.areListening()) {
            context.guests.tell(loop, ConnectionListener::acceptResumed);
        }
        paused = false;
        loop.deadlines().cancel(retry);
        try {
            if (key == null) {
                key = listener.register(loop.selector(), SelectionKey.OP_ACCEPT, this);
            } else {
                key.interestOps(SelectionKey.OP_ACCEPT);
            }
        } catch (IOException | RuntimeException failure) {
            context.failure("listening socket", failure);
        }
    }

    /** Accepts those who wait in the backlog, as far as the connection limit allows; they would be reset otherwise. */
    void acceptWaiting() {
        if (!closed) {
            acceptSome(Listeners.BACKLOG);
        }
    }

    /** Closes the listening socket. Who waits in the backlog is reset. */
    void close() {
        if (closed) {
            return;
        }
        closed = true;
        loop.deadlines().cancel(retry);
        dropReserved();
        if (key != null) {
            key.cancel();
        }
        Closing.quietly(listener);
    }

    private void acceptSome(int most) {
        for (int i = 0; i < most && !paused && listener.isOpen(); i++) {
            if (!acceptOne()) {
                return;
            }
        }
    }

    /** Returns whether there may be more to accept. */
    private boolean acceptOne() {
        if (!enterGate()) {
            pause(AcceptPaused.Cause.CONNECTION_LIMIT);
            // Whoever leaves wakes us; this is for the case that waking fails for want of memory.
            loop.deadlines().scheduleBy(retry, loop.now() + LAST_RETRY_AFTER);
            return false;
        }
        SocketChannel client;
        try {
            client = context.gate.isShort(loop.now()) ? acceptWithCare() : accept();
        } catch (IOException | OutOfMemoryError shortage) {
            context.gate.giveBack();
            runShort(shortage);
            return false;
        }
        SocketChannel forBackend = reserved;
        if (client == null || forBackend == null) {
            context.gate.leave();
            return false;
        }
        retryAfter = FIRST_RETRY_AFTER;
        reserved = null;
        ProxyConnection.accepted(loop, client, forBackend);
        return true;
    }

    private @Nullable SocketChannel accept() throws IOException {
        if (reserved == null) {
            reserved = context.platform.sockets().openSocketChannel(context.reserveFamily);
        }
        return listener.accept();
    }

    /** Takes both descriptors or none. */
    private @Nullable SocketChannel acceptWithCare() throws IOException {
        synchronized (context.gate.oneAtATime) {
            SocketChannel client = null;
            try {
                client = accept();
                return client;
            } finally {
                if (client == null) {
                    dropReserved();
                }
            }
        }
    }

    private boolean enterGate() {
        if (context.gate.tryEnter()) {
            return true;
        }
        // Whoever leaves between the two tries sees the wish to be woken, or makes the second one succeed.
        context.gate.wakeMeOnLeave();
        return context.gate.tryEnter();
    }

    private void runShort(Throwable shortage) {
        loop.counters().add(LoopCounters.ACCEPT_FAILURES, 1);
        context.shortage("cannot accept:", shortage);
        context.gate.ranShort(loop.now());
        pause(AcceptPaused.Cause.SHORTAGE);
        context.gate.wakeMeOnLeave();
        loop.deadlines().scheduleBy(retry, loop.now() + retryAfter);
        retryAfter = Math.min(2 * retryAfter, LAST_RETRY_AFTER);
    }

    private void pause(AcceptPaused.Cause cause) {
        // First of all: whatever fails below, a listener that is not listened to must not wake the loop.
        if (key != null && key.isValid()) {
            key.interestOps(0);
        }
        paused = true;
        loop.counters().add(LoopCounters.ACCEPT_PAUSES, 1);
        dropReserved();
        if (context.guests.areListening()) {
            context.guests.tell(loop, listener -> listener.acceptPaused(new AcceptPaused(cause)));
        }
    }

    private void dropReserved() {
        Closing.quietly(reserved);
        reserved = null;
    }

    private final class Retry extends Deadline {
        @Override
        void expired(long now) {
            resume();
        }
    }
}
