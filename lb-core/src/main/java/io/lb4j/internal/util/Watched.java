package io.lb4j.internal.util;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A thread that calls guests, as the {@link Watch} sees it: whom it is with, if with anybody. {@link #enter} and
 * {@link #leave} are confined to that thread, {@link #look} to the watch.
 */
public final class Watched {
    /** A guest who calls another one, who is to be named instead. */
    public interface Host {
        Object guest();
    }

    /** Looks after which a guest who does not return is spoken of for the first time; then at ten times as many each. */
    private static final long FIRST = 1;

    private static final int FRAMES = 8;
    private static final VarHandle GUEST;

    static {
        try {
            GUEST = MethodHandles.lookup().findVarHandle(Watched.class, "guest", Object.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final NamedLog log;
    private final String consequence;

    // Written before the guest is, and read after it.
    private @Nullable Thread thread;
    private String role = "";
    private long calls;

    @SuppressWarnings("unused") // through GUEST
    private @Nullable Object guest;

    // Confined to the watch.
    private long seen;
    private long looks;
    private long nextWarning = FIRST;
    private @Nullable String hanging;

    /** @param consequence what waits while a guest does not return, for people */
    public Watched(NamedLog log, String consequence) {
        this.log = log;
        this.consequence = consequence;
        // As in FirstCalls: a VarHandle is linked where it is first used.
        enter("", this);
        leave();
        thread = null;
    }

    /** The thread calls this guest now. Two stores that no other thread waits for. */
    public void enter(String as, Object called) {
        if (thread == null) {
            thread = Thread.currentThread();
        }
        role = as;
        calls++;
        GUEST.setRelease(this, called);
    }

    /** The guest has returned. */
    public void leave() {
        GUEST.setRelease(this, null);
    }

    /**
     * Once a second. Time is counted in looks, not read from a clock: who slept together with the guest, because the
     * process was stopped, blames nobody.
     */
    void look() {
        Object called = GUEST.getAcquire(this);
        if (called == null || calls != seen) {
            cameBack();
            seen = called == null ? -1 : calls;
            looks = 0;
            nextWarning = FIRST;
            return;
        }
        looks++;
        if (looks >= nextWarning) {
            // First of all: whatever fails below is tried again at the next time, not at every look.
            nextWarning *= 10;
            report(called);
        }
    }

    private void report(Object called) {
        Thread its = thread;
        if (its != null) {
            Object one = called instanceof Host host ? host.guest() : called;
            hanging = role + " " + one.getClass().getName() + " on " + its.getName();
            log.warn(hanging + " has not returned for " + looks + " s; " + consequence + stack(its), null);
        }
    }

    private static String stack(Thread of) {
        StringBuilder text = new StringBuilder();
        StackTraceElement[] frames = of.getStackTrace();
        for (int i = 0; i < Math.min(FRAMES, frames.length); i++) {
            text.append(i == 0 ? "; it is at " : ", ").append(frames[i]);
        }
        return text.toString();
    }

    private void cameBack() {
        String one = hanging;
        hanging = null;
        if (one != null) {
            log.warn(one + " came back after " + looks + " s", null);
        }
    }
}
