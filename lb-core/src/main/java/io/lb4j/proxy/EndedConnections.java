package io.lb4j.proxy;

import org.jspecify.annotations.Nullable;

/**
 * Connections of one loop that have ended and whose sockets are still open. They are linked through themselves, because
 * ending one must be possible when the heap is exhausted. Confined.
 */
final class EndedConnections {
    /*
     * Closing takes two turns. A connection that ends cancels its keys and is put on the list `ended`. The next turn's
     * select, which does not wait while there are such connections, flushes the keys, and then the channels are closed.
     * Closing a channel that is still registered would cost two more system calls, and a reset (SO_LINGER 0) would not
     * leave this machine before that select anyway.
     */
    private final EventLoop loop;
    private @Nullable ProxyConnection ended;

    /** Those that had ended before the last select, which took out their keys. */
    private @Nullable ProxyConnection flushed;

    EndedConnections(EventLoop loop) {
        this.loop = loop;
    }

    void add(ProxyConnection connection) {
        connection.nextEnded = ended;
        ended = connection;
    }

    /** Whether there are some for the next turn. */
    boolean isWaiting() {
        return ended != null;
    }

    /** A select is about to take out keys. Returns whether somebody waits for that, so that it must not wait. */
    boolean flush() {
        if (flushed == null) {
            flushed = ended;
            ended = null;
        }
        return flushed != null;
    }

    /** After that select. */
    void release() {
        for (ProxyConnection connection = flushed; connection != null; connection = flushed) {
            flushed = connection.nextEnded;
            try {
                connection.release();
            } catch (Throwable failure) {
                loop.failure("closing a connection", failure);
            }
        }
    }
}
