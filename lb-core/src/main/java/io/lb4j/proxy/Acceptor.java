package io.lb4j.proxy;

import io.lb4j.event.AcceptPaused;
import io.lb4j.event.ConnectionListener;
import io.lb4j.internal.util.Closing;
import io.lb4j.internal.util.MemoryInHand;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
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
     *
     * Pausing is the one state that nobody but this class ends, and it begins when memory is short. So the way back is a
     * time in a field, which the loop looks at in each turn and never waits past, and the wish to be woken is a flag:
     * neither can be lost, whatever else fails.
     */
    private static final int ACCEPTS_PER_TURN = 8;
    private static final long FIRST_RETRY_AFTER = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LAST_RETRY_AFTER = TimeUnit.SECONDS.toNanos(1);

    private final EventLoop loop;
    private final ProxyContext context;
    private final int index;
    private ServerSocketChannel listener;
    private @Nullable SelectionKey key;
    private @Nullable SocketChannel reserved;
    private long retryAfter = FIRST_RETRY_AFTER;
    private AcceptPaused.@Nullable Cause pausedFor;
    private boolean closed;

    /** The port is closed for the time being; {@link #listen} opens it again. */
    private boolean isShut;

    /** How many a drain may still accept: those who come meanwhile are not to keep it going for ever. */
    private int waitingLeft = Listeners.BACKLOG;

    /** Somebody wants to be accepted, for all the last select knows. */
    private boolean somebodyCame;

    /** The places of those who ended before somebody came are given back. */
    private boolean hasLetGo;

    /** It begins paused: the first turn of its loop begins to accept. */
    private boolean paused = true;

    private long resumeAt;

    /** Asked before an accept, after a shortage. */
    private final MemoryInHand memory = new MemoryInHand();

    private volatile boolean woken;

    /** @param index which of the proxy's listening sockets is its own */
    Acceptor(EventLoop loop, List<ServerSocketChannel> listeners, int index) {
        this.loop = loop;
        this.context = loop.context();
        this.index = index;
        listener = listeners.get(index);
        resumeAt = loop.now();
    }

    @Override
    public void ready(int readyOps) {
        somebodyCame = true;
    }

    /** Any thread: resumes a paused acceptor. Allocates nothing. */
    void resumeSoon() {
        woken = true;
        loop.wakeUp();
    }

    /** Whether somebody has called {@link #resumeSoon}. */
    boolean isWoken() {
        return woken;
    }

    /** Nanoseconds from {@code now} to when it resumes by itself; the maximum when it does not. */
    long nanosToResume(long now) {
        return paused && !closed && !isShut ? Math.max(0, resumeAt - now) : Long.MAX_VALUE;
    }

    /** In each turn of the loop, after sockets were closed: accepts who came, and sees to it that it accepts again. */
    void turn() {
        try {
            acceptWhoCame();
        } catch (Throwable failure) {
            loop.failure("listening socket", failure);
        }
        resumeIfWanted();
    }

    /**
     * Those whose end came before somebody who comes now are to make room for him: what has ended in this turn is given
     * back in the next one, so that is waited for, once.
     */
    private void acceptWhoCame() {
        if (somebodyCame && (hasLetGo || !loop.hasEnded())) {
            somebodyCame = false;
            hasLetGo = false;
            acceptSome(ACCEPTS_PER_TURN);
        } else {
            hasLetGo = somebodyCame;
        }
    }

    /** Accepts again, if it has paused and was woken or has waited for long enough. */
    private void resumeIfWanted() {
        boolean wanted = woken;
        if (wanted) {
            // Not otherwise: it may have been woken since it was asked.
            woken = false;
        }
        if (!paused || closed || isShut) {
            return;
        }
        if (loop.now() - resumeAt >= 0) {
            wanted |= pausedFor != AcceptPaused.Cause.CONNECTION_LIMIT || !context.gate.isFull();
            resumeAt = loop.now() + LAST_RETRY_AFTER;
        }
        if (wanted) {
            resume();
        }
    }

    private void resume() {
        if (!interest(SelectionKey.OP_ACCEPT)) {
            return;
        }
        paused = false;
        tellResumed();
    }

    /** The pause that was told of is over, one way or the other. */
    private void tellResumed() {
        boolean isNews = pausedFor != null;
        pausedFor = null;
        if (isNews && context.guests.areListening()) {
            context.guests.tell(loop, ConnectionListener::acceptResumed);
        }
    }

    /** Returns whether it succeeded; otherwise it is tried again when it is time to resume. */
    private boolean interest(int ops) {
        try {
            if (key == null) {
                key = listener.register(loop.selector(), ops, this);
            } else {
                key.interestOps(ops);
            }
            return true;
        } catch (Throwable failure) {
            // Where loops share one listening socket, another one may have shut it just before this one does.
            if (listener.isOpen()) {
                loop.failure("listening socket", failure);
            }
            return false;
        }
    }

    /** See {@link LoopSelector.Tenants}. */
    void register(Selector fresh) throws IOException {
        if (key != null && !closed) {
            listener.register(fresh, paused ? 0 : SelectionKey.OP_ACCEPT, this);
        }
    }

    /** See {@link LoopSelector.Tenants}. */
    void moved(Selector fresh) {
        if (key != null && !closed) {
            key = listener.keyFor(fresh);
        }
    }

    /** Accepts some of those who wait in the backlog. Returns whether more may wait who can be let in. */
    boolean acceptWaiting() {
        waitingLeft -= ACCEPTS_PER_TURN;
        return acceptSome(ACCEPTS_PER_TURN) && waitingLeft > 0;
    }

    /** Closes the listening socket. Who waits in the backlog is reset. */
    void close() {
        if (!closed) {
            leave();
            Closing.quietly(listener);
        }
    }

    /** Closes the listening socket for the time being. Who waits in the backlog is reset. */
    void shut() {
        if (closed || isShut) {
            return;
        }
        isShut = true;
        paused = true;
        somebodyCame = false;
        dropReserved();
        loop.cancel(key);
        key = null;
        Closing.quietly(listener);
        tellResumed();
    }

    /** Accepts there from the next turn on. */
    void listen(List<ServerSocketChannel> fresh) {
        if (closed) {
            Closing.quietly(fresh.get(index));
        } else if (isShut || !listener.isOpen()) {
            listener = fresh.get(index);
            key = null;
            isShut = false;
            paused = true;
            resumeAt = loop.now();
        }
    }

    /** Leaves the listening socket to somebody else. */
    void leave() {
        closed = true;
        dropReserved();
        loop.cancel(key);
    }

    /** Returns whether there may be more to accept. */
    private boolean acceptSome(int most) {
        for (int i = 0; i < most && !paused && !closed; i++) {
            if (!acceptOne()) {
                return false;
            }
        }
        return !paused && !closed;
    }

    /** Returns whether there may be more to accept. */
    private boolean acceptOne() {
        if (!enterGate()) {
            pause(AcceptPaused.Cause.CONNECTION_LIMIT, LAST_RETRY_AFTER);
            return false;
        }
        SocketChannel client;
        try {
            client = context.gate.isShort(loop.now()) ? acceptWithCare() : accept();
        } catch (Throwable shortage) {
            context.gate.giveBack();
            if (listener.isOpen()) {
                runShort(shortage);
            }
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
        loop.accepted();
        return true;
    }

    private @Nullable SocketChannel accept() throws IOException {
        // What the connection will need comes first: a client is not accepted for want of it.
        loop.buffer();
        if (reserved == null) {
            reserved = context.platform.sockets().openSocketChannel(context.reserveFamily);
        }
        return listener.accept();
    }

    /** Takes both descriptors or none, and only if there is memory for what the JDK makes of them: it would lose them. */
    private @Nullable SocketChannel acceptWithCare() throws IOException {
        synchronized (context.gate.oneAtATime) {
            SocketChannel client = null;
            try {
                memory.take();
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
        context.gate.ranShort(loop.now());
        pause(AcceptPaused.Cause.SHORTAGE, retryAfter);
        retryAfter = Math.min(2 * retryAfter, LAST_RETRY_AFTER);
        context.shortage("cannot accept:", shortage);
    }

    private void pause(AcceptPaused.Cause cause, long resumeAfter) {
        paused = true;
        pausedFor = cause;
        resumeAt = loop.now() + resumeAfter;
        context.gate.wakeMeOnLeave();
        loop.counters().add(LoopCounters.ACCEPT_PAUSES, 1);
        // A listener that is not listened to must not wake the loop.
        interest(0);
        dropReserved();
        if (context.guests.areListening()) {
            context.guests.tell(loop, listener -> listener.acceptPaused(new AcceptPaused(cause)));
        }
    }

    private void dropReserved() {
        Closing.quietly(reserved);
        reserved = null;
    }
}
