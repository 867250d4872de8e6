package io.lb4j.proxy;

/** What a selection key is attached to. */
interface ReadyHandler {
    /** The channel is ready for these operations; called on the loop. What this throws is logged by the loop. */
    void ready(int readyOps);
}
