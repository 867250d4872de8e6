package io.lb4j.proxy;

import io.lb4j.event.AcceptPaused;
import io.lb4j.event.ConnectionListener;
import io.lb4j.internal.loop.Deadline;
import io.lb4j.internal.loop.LoopCounters;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Closes the ports of one frontend for the time being, and opens them again. Confined to the first loop, but for {@link
 * #allowed}, {@link #wanted} and {@link #isListening}.
 */
final class PortSwitch extends Deadline {
    /*
     * The first loop closes and opens, one after the other, and has the others do so: what it asks of a loop comes in the
     * order in which it was asked. A port that was closed may be free only when every loop has made another turn, or be
     * taken by somebody else meanwhile: so opening it is tried until it works.
     */
    private static final long FIRST_TRY_AFTER = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long LAST_TRY_AFTER = TimeUnit.SECONDS.toNanos(1);

    private final EventLoops loops;
    private final ProxyContext context;
    private final Entrance entrance;

    /** Whether the ports are to be open, and are, for all that the first loop knows. */
    private volatile boolean isAllowed = true;

    private volatile boolean isRoutable = true;

    /** Guarded by this. */
    private boolean lastWanted = true;

    private volatile boolean isListening = true;

    private long retryAfter;
    private boolean triedFor;

    /** Some loops may have shut their socket, and others not. */
    private boolean isTorn;

    PortSwitch(EventLoops loops, ProxyContext context, Entrance entrance) {
        this.loops = loops;
        this.context = context;
        this.entrance = entrance;
    }

    /** Any thread: the ports are to be open, or not to be, for all that an operator has to say. */
    synchronized void allowed(boolean allowed) {
        isAllowed = allowed;
        change();
    }

    /** Any thread: the same for all that the router has to say. */
    synchronized void wanted(boolean wanted) {
        isRoutable = wanted;
        change();
    }

    private boolean isWanted() {
        return isAllowed && isRoutable;
    }

    /** Nothing when it is so already, or is becoming so. */
    private void change() {
        boolean wanted = isWanted();
        boolean isNews = lastWanted != wanted;
        lastWanted = wanted;
        if (isNews || isListening != wanted) {
            EventLoop first = loops.all().get(0);
            first.post(() -> begin(first));
        }
    }

    boolean isListening() {
        return isListening;
    }

    private void begin(EventLoop first) {
        boolean isBeingTried = isScheduled() && triedFor == isWanted();
        if (!isBeingTried) {
            retryAfter = FIRST_TRY_AFTER;
            settle(first);
        }
    }

    @Override
    public void expired(long now) {
        settle(loops.all().get(0));
    }

    /** Makes the ports what they are to be. */
    private void settle(EventLoop first) {
        boolean wanted = isWanted();
        triedFor = wanted;
        if ((wanted == isListening && !isTorn) || entrance.isEnding()) {
            first.deadlines().cancel(this);
            return;
        }
        // First of all: whatever fails below, it is tried again.
        first.deadlines().scheduleBy(this, first.now() + retryAfter);
        long failedAfter = retryAfter;
        retryAfter = Math.min(2 * retryAfter, LAST_TRY_AFTER);
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
            if (failedAfter >= LAST_TRY_AFTER) {
                context.shortage("cannot listen again on " + entrance.place() + ":", taken);
            }
        }
    }

    private void shut(EventLoop first) {
        isTorn = true;
        onEach(first, Acceptors::shut);
        isTorn = false;
    }

    /** Returns whether the end has not begun: then no loop hears of the end before it has heard of this. */
    private boolean open(EventLoop first) throws IOException {
        synchronized (loops) {
            if (loops.isEnding() || entrance.isEnding()) {
                return false;
            }
            if (isTorn) {
                shut(first);
            }
            List<List<ServerSocketChannel>> fresh = openAll();
            try {
                isTorn = true;
                onEach(first, frontend -> frontend.listen(fresh));
                for (int i = 0; i < fresh.size(); i++) {
                    entrance.ports().get(i).sockets(fresh.get(i));
                }
                isTorn = false;
                return true;
            } finally {
                if (isTorn) {
                    // Who has got one already finds it closed, and is told to shut it with the next try.
                    fresh.forEach(Listeners::closeAll);
                }
            }
        }
    }

    private List<List<ServerSocketChannel>> openAll() throws IOException {
        List<List<ServerSocketChannel>> fresh = new ArrayList<>();
        try {
            for (Port port : entrance.ports()) {
                fresh.add(new Listeners(context.platform.sockets())
                        .open(port.address(), port.sockets().size()));
            }
            return fresh;
        } catch (IOException | RuntimeException | Error taken) {
            fresh.forEach(Listeners::closeAll);
            throw taken;
        }
    }

    private void onEach(EventLoop first, Consumer<Acceptors> what) {
        for (EventLoop loop : loops.all()) {
            if (loop == first) {
                on(loop, what);
            } else {
                loop.post(() -> on(loop, what));
            }
        }
    }

    private void on(EventLoop loop, Consumer<Acceptors> what) {
        Acceptors frontend = loop.acceptSide().of(entrance);
        if (frontend != null) {
            what.accept(frontend);
        }
    }

    private void tell(EventLoop first, boolean opened) {
        context.log.info((opened ? "listening again on " : "stopped listening on ")
                + entrance.place()
                + (opened || isRoutable ? "" : ": not enough backends are UP"));
        Acceptors frontend = first.acceptSide().of(entrance);
        if (!opened && frontend != null) {
            frontend.counters().add(LoopCounters.ACCEPT_PAUSES, 1);
        }
        context.guests.tell(
                first,
                opened
                        ? ConnectionListener::acceptResumed
                        : listener -> listener.acceptPaused(new AcceptPaused(AcceptPaused.Cause.NONE_HEALTHY)));
    }
}
