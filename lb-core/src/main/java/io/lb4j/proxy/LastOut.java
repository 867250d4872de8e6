package io.lb4j.proxy;

import org.jspecify.annotations.Nullable;

/** Adds up what the loops of a proxy did, and knows the last one to end. Thread-safe. */
final class LastOut {
    private int inside;
    private long finished;
    private long aborted;

    /** A loop begins. */
    synchronized void in() {
        inside++;
    }

    /** It did not begin after all. */
    synchronized void neverIn() {
        inside--;
    }

    /** A loop has ended. Returns the sum of all when it was the last one, else null. */
    synchronized @Nullable DrainResult out(DrainResult result) {
        // One step with the count: a loop that is the last to count must have seen what every other one added. What can
        // fail comes first, so that the caller can try again.
        DrainResult sum = new DrainResult(finished + result.finished(), aborted + result.aborted());
        finished = sum.finished();
        aborted = sum.aborted();
        return --inside == 0 ? sum : null;
    }
}
