package io.lb4j.internal.relay;

import io.lb4j.internal.loop.LoopMemory;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The event loop that a connection lives on, as its relay sees it. Confined to its thread, but for {@link #post}. */
public interface RelayLoop {
    /** The time this turn's events are handled at. */
    long now();

    LoopMemory memory();

    Selector selector();

    /** Takes a key out of the selector at its next select. Must not fail: it is a part of every end. */
    void cancel(@Nullable SelectionKey key);

    /** Null where the kernel does not tell. */
    @Nullable
    SocketTableReader socketTable();

    RandomGenerator random();

    /** Has its {@link Endpoint#goOn} called in the next turn, which comes at once. */
    void again(Endpoint endpoint);

    /** Any thread: runs the task on the loop, in one of its next turns. Ignored when the loop has ended. */
    void post(Runnable task);
}
