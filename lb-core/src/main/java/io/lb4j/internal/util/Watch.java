package io.lb4j.internal.util;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Looks, once a second, whether guests return: one thread for all balancers of a process, which is there while one of
 * them is. Thread-safe.
 */
public final class Watch {
    /** Nobody looks. For a simulated world, in which no time passes while a guest is called. */
    public static final Watch NONE = new Watch(false);

    private static final long STEP = TimeUnit.SECONDS.toNanos(1);
    private static final long MOMENT_MILLIS = 100;

    private final boolean hasThread;

    // Guarded by this.
    private @Nullable Watched[] all = new Watched[8];
    private int count;
    private @Nullable Thread thread;

    private Watch(boolean hasThread) {
        this.hasThread = hasThread;
    }

    /** One that looks, from when the first is added until the last one is removed. */
    static Watch running() {
        return new Watch(true);
    }

    /** Never throws: where there is no memory or thread for it, guests go on unwatched until the next one is added. */
    public synchronized void add(Watched watched) {
        try {
            if (count == all.length) {
                all = Arrays.copyOf(all, 2 * count);
            }
            all[count++] = watched;
            if (hasThread && thread == null) {
                start();
            }
        } catch (Throwable exhausted) {
            // See above.
        }
    }

    private void start() {
        Thread looking = new Thread(this::run, "lb-watch");
        looking.setDaemon(true);
        // Not that of whoever happens to be first: an application that is undeployed would be kept for it.
        looking.setContextClassLoader(Watch.class.getClassLoader());
        looking.start();
        thread = looking;
    }

    /** With the last one the thread ends, which is waited for, for a moment. Nothing when it was not added. */
    public void remove(Watched watched) {
        Thread ending = removed(watched);
        if (ending != null && ending != Thread.currentThread()) {
            try {
                ending.join(MOMENT_MILLIS);
            } catch (InterruptedException interrupted) {
                // It ends by itself.
                Thread.currentThread().interrupt();
            }
        }
    }

    /** In place: leaving is possible when the heap is exhausted. */
    private synchronized @Nullable Thread removed(Watched watched) {
        for (int i = 0; i < count; i++) {
            if (all[i] == watched) {
                all[i] = all[--count];
                all[count] = null;
                break;
            }
        }
        if (count > 0) {
            return null;
        }
        notifyAll();
        return thread;
    }

    private void run() {
        boolean goesOn = true;
        while (goesOn) {
            try {
                goesOn = awaitNextLook();
                look();
            } catch (Throwable exhausted) {
                // There is a next look.
            }
        }
    }

    /** Returns false when nobody is left, and the thread is not the watch's any more. */
    private synchronized boolean awaitNextLook() {
        long end = System.nanoTime() + STEP;
        for (long left = STEP; count > 0 && left > 0; left = end - System.nanoTime()) {
            try {
                wait(TimeUnit.NANOSECONDS.toMillis(left) + 1);
            } catch (InterruptedException ignored) {
                // Somebody else's.
            }
        }
        if (count == 0) {
            thread = null;
        }
        return count > 0;
    }

    /** Without the lock but for who is next: a log that hangs must not keep balancers from starting and ending. */
    void look() {
        Watched next = at(0);
        for (int i = 1; next != null; i++) {
            look(next);
            next = at(i);
        }
    }

    private static void look(Watched next) {
        try {
            next.look();
        } catch (Throwable exhausted) {
            // The others are looked at nevertheless, and this one the next time.
        }
    }

    private synchronized @Nullable Watched at(int index) {
        return index < count ? all[index] : null;
    }
}
