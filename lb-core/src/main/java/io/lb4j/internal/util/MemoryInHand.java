package io.lb4j.internal.util;

import org.jspecify.annotations.Nullable;

/**
 * Asks for memory before something that must not fail for want of it. The JDK forgets a descriptor when an allocation
 * fails behind the system call that made it (ServerSocketChannelImpl.finishAccept; the constructor of
 * EPollSelectorImpl forgets two), so where memory is known to be short, such a call is only made after memory was to be
 * had a moment ago. Others may take it in that moment: it makes the loss rare, not impossible.
 *
 * <p>Confined to the thread of its owner.
 */
public final class MemoryInHand {
    private static final int BYTES = 64 * 1024;

    /** A field, so that the memory is really taken. */
    @SuppressWarnings("UnusedVariable")
    private byte @Nullable [] taken;

    /**
     * Takes 64 KiB and drops them.
     *
     * @throws OutOfMemoryError if they are not to be had
     */
    public void take() {
        taken = new byte[BYTES];
        taken = null;
    }
}
