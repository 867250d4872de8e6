package io.lb4j.internal.loop;

/** What a selection key is attached to. */
public interface ReadyHandler {
    /** The channel is ready for these operations; called on the loop. What this throws is logged by the loop. */
    void ready(int readyOps);
}
