package io.lb4j.internal.loop;

import java.util.Arrays;

/**
 * The deadlines of one event loop, earliest first: a binary heap whose entries know their place. Confined to its loop.
 *
 * <p>Most deadlines only move later while bytes flow. That costs nothing here: the owner leaves the early entry where
 * it is and, when it expires, schedules what remains. Times are compared by difference, so a clock may wrap.
 */
public final class DeadlineQueue {
    private Deadline[] heap = new Deadline[64];
    private int size;

    public int size() {
        return size;
    }

    /** Calls {@code deadline} at {@code at}, or earlier if it is scheduled earlier already. */
    public void scheduleBy(Deadline deadline, long at) {
        if (deadline.heapIndex < 0) {
            if (size == heap.length) {
                heap = Arrays.copyOf(heap, size * 2);
            }
            deadline.at = at;
            siftUp(deadline, size++);
        } else if (at - deadline.at < 0) {
            deadline.at = at;
            siftUp(deadline, deadline.heapIndex);
        }
    }

    public void cancel(Deadline deadline) {
        int index = deadline.heapIndex;
        if (index < 0) {
            return;
        }
        deadline.heapIndex = -1;
        Deadline last = heap[--size];
        heap[size] = null;
        if (last != deadline) {
            siftDown(last, index);
            siftUp(last, last.heapIndex);
        }
    }

    /** Calls everything that is due. */
    public void expire(long now) {
        while (size > 0 && heap[0].at - now <= 0) {
            Deadline first = heap[0];
            cancel(first);
            first.expired(now);
        }
    }

    /** Nanoseconds from {@code now} to the earliest deadline, 0 when one is due, the maximum when there is none. */
    public long nanosToNext(long now) {
        return size == 0 ? Long.MAX_VALUE : Math.max(0, heap[0].at - now);
    }

    private void siftUp(Deadline deadline, int from) {
        int index = from;
        while (index > 0) {
            int parent = (index - 1) >>> 1;
            if (heap[parent].at - deadline.at <= 0) {
                break;
            }
            place(heap[parent], index);
            index = parent;
        }
        place(deadline, index);
    }

    private void siftDown(Deadline deadline, int from) {
        int index = from;
        for (int child = 2 * index + 1; child < size; child = 2 * index + 1) {
            if (child + 1 < size && heap[child + 1].at - heap[child].at < 0) {
                child++;
            }
            if (heap[child].at - deadline.at >= 0) {
                break;
            }
            place(heap[child], index);
            index = child;
        }
        place(deadline, index);
    }

    private void place(Deadline deadline, int index) {
        heap[index] = deadline;
        deadline.heapIndex = index;
    }
}
