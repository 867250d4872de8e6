package io.lb4j.internal.loop;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How much of the host's heap the connections of one proxy may hold in bytes that one side has sent and the other does
 * not take yet. Thread-safe.
 */
public final class BufferBudget {
    /*
     * What is read must be kept if it cannot be written, so the size of a read is what is decided here: an eighth of what
     * is left. While there is plenty that is no bound at all. As slow receivers fill the budget, reads become smaller, so
     * it is approached and not crossed, and everybody else goes on. When next to nothing is left, a direction may still
     * read LEAST at a time; one that has paused before does so only when its receiver can take it (Relay), so that what
     * is held beyond the budget is LEAST for a direction at the very most, and usually nothing.
     */
    public static final int LEAST = 4 * 1024;
    private static final int SHIFT = 3;

    /** A sixteenth of the largest heap, but no less than this. */
    private static final long SMALLEST_DEFAULT = 1 << 20;

    private final AtomicLong used = new AtomicLong();
    private volatile long limit;

    public BufferBudget(long limit) {
        this.limit = limit;
    }

    public static long defaultLimit() {
        return Math.max(SMALLEST_DEFAULT, Runtime.getRuntime().maxMemory() / 16);
    }

    /** How much a read may bring that would like so much. */
    public int allowance(int wanted) {
        long part = (limit - used.get()) >> SHIFT;
        return (int) Math.min(wanted, Math.max(LEAST, part));
    }

    /** Whether so little is left that nobody should keep anything. */
    public boolean isSpent() {
        return limit - used.get() < LEAST << SHIFT;
    }

    public void take(int bytes) {
        used.addAndGet(bytes);
    }

    public void giveBack(int bytes) {
        used.addAndGet(-bytes);
    }

    public long used() {
        return used.get();
    }

    /** This much may be used from now on; what is held stays. */
    public void limit(long changed) {
        limit = changed;
    }

    /** What a loop may keep for later of what it has taken and given back. */
    public int spare(int loops) {
        return (int) Math.min(ChunkPool.MOST_SPARE, limit / 8 / loops);
    }
}
