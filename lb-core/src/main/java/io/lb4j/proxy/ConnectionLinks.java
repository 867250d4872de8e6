package io.lb4j.proxy;

import io.lb4j.internal.loop.Deadline;
import org.jspecify.annotations.Nullable;

/** Where a connection is in the lists of its loop, which owns these. Confined to the loop. */
abstract class ConnectionLinks extends Deadline {
    /** Of {@link ConnectionList}. */
    @Nullable
    ProxyConnection next;

    @Nullable
    ProxyConnection previous;

    /** Of the list of connections whose sockets are to be closed. */
    @Nullable
    ProxyConnection nextEnded;
}
