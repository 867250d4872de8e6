package io.lb4j.internal.util;

/** The body of a long-lived thread, cut into turns, so that a test can drive it without the thread. */
public interface SteppedTask extends Runnable {
    /**
     * Does what can be done now, waiting for something to do when there is nothing.
     *
     * @return false when the task has ended and must not be run again
     */
    boolean runOnce();

    /** Turn after turn, to the end. A turn that fails, even in saying that it failed, has another one after it. */
    @Override
    default void run() {
        boolean running = true;
        while (running) {
            try {
                running = runOnce();
            } catch (Throwable exhausted) {
                // There is no memory to say so.
                Thread.onSpinWait();
            }
        }
    }
}
