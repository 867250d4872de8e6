package io.lb4j.internal.loop;

/** Something that wants to be called at a time. Belongs to one event loop's {@link DeadlineQueue}. */
public abstract class Deadline {
    /** Place in the queue's heap, -1 when not in it. Owned by the queue. */
    int heapIndex = -1;

    /** When to be called, on the loop's clock. Owned by the queue. */
    long at;

    /** Whether it is to be called. */
    public final boolean isScheduled() {
        return heapIndex >= 0;
    }

    /** The time has come; the deadline is out of the queue and may be scheduled again. */
    public abstract void expired(long now);

    /** Of two times on such a clock, the one that comes first. */
    public static long earlier(long one, long other) {
        return one - other <= 0 ? one : other;
    }
}
