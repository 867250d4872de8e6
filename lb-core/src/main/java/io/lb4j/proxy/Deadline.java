package io.lb4j.proxy;

/** Something that wants to be called at a time. Belongs to one event loop's {@link DeadlineQueue}. */
abstract class Deadline {
    /** Place in the queue's heap, -1 when not in it. Owned by the queue. */
    int heapIndex = -1;

    /** When to be called, on the loop's clock. Owned by the queue. */
    long at;

    /** The time has come; the deadline is out of the queue and may be scheduled again. */
    abstract void expired(long now);
}
