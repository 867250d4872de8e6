package io.lb4j.proxy;

import io.lb4j.event.AcceptPaused;
import io.lb4j.event.ConnectionListener;
import io.lb4j.internal.loop.LoopCounters;
import io.lb4j.internal.loop.LoopSelector;
import io.lb4j.internal.loop.ReadyHandler;
import io.lb4j.internal.util.Closing;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Accepts connections at one listening socket, on the loop that will serve them. Confined to its loop. */
final class Acceptor implements ReadyHandler {
    /*
     * A client is only accepted while a descriptor for its backend is in hand (`reserved`). So a process that runs out
     * of descriptors leaves its clients in the kernel's backlog, where they wait, and never has one it cannot serve.
     * (AcceptSide has it: one for all listening sockets of a loop.)
     *
     * Out of anything (descriptors, memory, places under the connection limit), and when it is too early for one more
     * (RateGate), the acceptor pauses: no interest, no CPU. It resumes when a connection of any loop has released its descriptors, and at a shortage also by itself
     * after a while, because others in this process release descriptors too: after 100 ms, and each time that was in
     * vain after twice as long, up to a second.
     *
     * Pausing is the one state that nobody but this class ends, and it begins when memory is short. So the way back is a
     * time in a field, which the loop looks at in each turn and never waits past, and the wish to be woken is a flag:
     * neither can be lost, whatever else fails.
     */
    private static final long FIRST_RETRY_AFTER = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LAST_RETRY_AFTER = TimeUnit.SECONDS.toNanos(1);

    private final EventLoop loop;
    private final ProxyContext context;
    private final AcceptSide side;
    private final Acceptors frontend;
    private final Port port;
    private final int index;
    private final Reception reception;
    private ServerSocketChannel listener;
    private @Nullable SelectionKey key;
    private long retryAfter = FIRST_RETRY_AFTER;
    private AcceptPaused.@Nullable Cause pausedFor;
    private boolean closed;

    /** The port is closed for the time being; {@link #listen} opens it again. */
    private boolean isShut;

    /** How many a drain may still accept: those who come meanwhile are not to keep it going for ever. */
    private int waitingLeft = Listeners.BACKLOG;

    /** Whether somebody is looked for behind one who came. */
    private final Attempts lookBehind = new Attempts();

    /** It is among those of {@link AcceptSide} at which somebody came. */
    boolean somebodyCame;

    /** It begins paused: the first turn of its loop begins to accept. */
    private boolean paused = true;

    private long resumeAt;

    /** @param index which of the port's listening sockets is its own */
    Acceptor(EventLoop loop, Acceptors frontend, Port port, int index) {
        this.loop = loop;
        this.context = loop.context();
        this.side = loop.acceptSide();
        this.frontend = frontend;
        this.port = port;
        this.index = index;
        reception = new Reception(loop, this);
        listener = port.sockets().get(index);
        resumeAt = loop.now();
    }

    Entrance entrance() {
        return frontend.entrance();
    }

    /** The frontend whose it is, on this loop. */
    Acceptors frontend() {
        return frontend;
    }

    Port port() {
        return port;
    }

    /** Whether its socket is the one of this loop. */
    boolean isOf(int other) {
        return index == other;
    }

    @Override
    public void ready(int readyOps) {
        side.somebodyCame(this);
    }

    /** Whether it waits to accept again. */
    boolean isToResume() {
        return paused && !closed && !isShut;
    }

    /** Nanoseconds from {@code now} to when it resumes by itself; the maximum when it does not. */
    long nanosToResume(long now) {
        return isToResume() ? Math.max(0, resumeAt - now) : Long.MAX_VALUE;
    }

    /**
     * Somebody came: accepts some of them. Asking for one more who is not there is a call in vain, and the selector tells
     * of one who is: so the less often somebody was found behind the first, the less often is asked.
     */
    void acceptWhoCame(int most) {
        try {
            if (!acceptSome(1)) {
                return;
            }
            if (most > 1 && lookBehind.isWorthOne() && lookBehind.result(acceptSome(1))) {
                acceptSome(most - 2);
            }
        } catch (Throwable failure) {
            loop.failure("listening socket", failure);
        }
    }

    /** Accepts again, if it has paused and was woken or has waited for long enough. */
    void resumeIfWanted(boolean woken) {
        if (!isToResume()) {
            return;
        }
        boolean wanted = woken && (pausedFor != AcceptPaused.Cause.RATE || isTime());
        if (loop.now() - resumeAt >= 0) {
            wanted |= pausedFor != AcceptPaused.Cause.CONNECTION_LIMIT || !context.gate.isFull();
            resumeAt = loop.now() + LAST_RETRY_AFTER;
        }
        if (wanted) {
            resume();
        }
    }

    /** Who leaves makes it no earlier; another rate may. */
    private boolean isTime() {
        RateGate rate = frontend.entrance().admittance().rate();
        return rate == null || rate.nanosToSlot(loop.now()) == 0;
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
        waitingLeft -= AcceptSide.ACCEPTS_PER_TURN;
        return acceptSome(AcceptSide.ACCEPTS_PER_TURN) && waitingLeft > 0;
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
        side.dropReserved();
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
            side.somethingPaused();
        }
    }

    /** Leaves the listening socket to somebody else. */
    void leave() {
        closed = true;
        side.dropReserved();
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
        RateGate rate = frontend.entrance().admittance().rate();
        if (rate != null && !rate.tryTake(loop.now())) {
            pause(AcceptPaused.Cause.RATE, rate.nanosToSlot(loop.now()));
            return false;
        }
        boolean accepted = false;
        try {
            accepted = acceptNow();
            return accepted;
        } finally {
            if (!accepted && rate != null) {
                rate.giveBack();
            }
        }
    }

    /** Returns whether one was accepted. */
    private boolean acceptNow() {
        if (!enterGate()) {
            pause(AcceptPaused.Cause.CONNECTION_LIMIT, LAST_RETRY_AFTER);
            return false;
        }
        SocketChannel client;
        try {
            client = side.accept(listener);
        } catch (Throwable shortage) {
            context.gate.giveBack();
            if (listener.isOpen()) {
                runShort(shortage);
            }
            return false;
        }
        if (client == null) {
            context.gate.leave();
            return false;
        }
        retryAfter = FIRST_RETRY_AFTER;
        reception.receive(client);
        return true;
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
        frontend.counters().add(LoopCounters.ACCEPT_FAILURES, 1);
        context.gate.ranShort(loop.now());
        pause(AcceptPaused.Cause.SHORTAGE, retryAfter);
        retryAfter = Math.min(2 * retryAfter, LAST_RETRY_AFTER);
        context.shortage("cannot accept:", shortage);
    }

    private void pause(AcceptPaused.Cause cause, long resumeAfter) {
        paused = true;
        pausedFor = cause;
        resumeAt = loop.now() + resumeAfter;
        boolean isShort = cause != AcceptPaused.Cause.RATE;
        if (isShort) {
            context.gate.wakeMeOnLeave();
        }
        frontend.counters().add(LoopCounters.ACCEPT_PAUSES, 1);
        side.somethingPaused();
        // A listener that is not listened to must not wake the loop.
        interest(0);
        if (isShort) {
            side.dropReserved();
        }
        if (context.guests.areListening()) {
            context.guests.tell(loop, listener -> listener.acceptPaused(new AcceptPaused(cause)));
        }
    }
}
