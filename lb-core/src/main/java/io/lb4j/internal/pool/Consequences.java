package io.lb4j.internal.pool;

import java.util.List;

/** What follows from what a pool publishes, beside the events. Called under the pool's lock. */
interface Consequences {
    /** This one gets connections no more, while others do: those that are being connected to it had better go there. */
    void lost(PooledBackend backend);

    /** One is UP again that is preferred to these. */
    void failedBack(List<PooledBackend> lower);

    /** New connections are to come, or not to come. */
    void open(boolean isOpen);
}
