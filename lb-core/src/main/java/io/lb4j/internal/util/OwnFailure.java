package io.lb4j.internal.util;

import java.net.BindException;
import java.nio.channels.ClosedByInterruptException;

/**
 * Which failures are this process's own, and say nothing of whoever was called. Told by their types alone: the words of
 * a message can be anybody's, the other side's too.
 */
public final class OwnFailure {
    private static final int DEEPEST = 20;

    private OwnFailure() {}

    /** Whether it, or what caused it, is a want of memory or ports here. */
    public static boolean isShortage(Throwable failure) {
        return find(failure, OutOfMemoryError.class, BindException.class);
    }

    /** Whether it, or what caused it, is an interrupt. */
    public static boolean isInterrupt(Throwable failure) {
        return find(failure, InterruptedException.class, ClosedByInterruptException.class);
    }

    private static boolean find(Throwable failure, Class<?> one, Class<?> other) {
        Throwable each = failure;
        for (int depth = 0; each != null && depth < DEEPEST; depth++) {
            if (one.isInstance(each) || other.isInstance(each)) {
                return true;
            }
            each = each.getCause();
        }
        return false;
    }
}
