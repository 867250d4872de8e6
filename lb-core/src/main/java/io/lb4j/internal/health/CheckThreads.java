package io.lb4j.internal.health;

import java.util.concurrent.Future;

/** Where checks are made, and how their results come back. */
public interface CheckThreads {
    /** There are never more threads than this for these checks. */
    void limit(int most);

    /** On the control thread: has the check made soon. Throws when it needs a thread for that and there is none. */
    Future<?> begin(Runnable check);

    /** On a health thread: hands a result over to the control thread. */
    void result(Runnable result);

    /** On the control thread: makes the steps that were lost, because there was no memory to schedule them. */
    void audit();

    /** Begins nothing more. Does not wait. */
    void close();
}
