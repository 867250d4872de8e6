package io.lb4j.internal.pool;

import io.lb4j.event.CloseReason;
import io.lb4j.internal.health.CheckedBackend;
import io.lb4j.internal.health.Health;
import io.lb4j.proxy.Route;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** What a pool sets going outside of itself. Called from any thread; must not block. */
public interface PoolHooks {
    /** Whether those that are added are checked; false when nobody ever is. */
    default boolean isChecking() {
        return false;
    }

    /** These are new, and this is what is taken for known of them until they have been checked. */
    void added(List<? extends CheckedBackend> backends, Health initial);

    /** This one is gone. */
    void removed(CheckedBackend backend);

    /** Its connections cast doubt on its health. */
    void doubted(CheckedBackend backend);

    /** Its connections that are still being connected try another one, if there is one for them. */
    void giveUpAttempts(Route backend);

    /** New connections are to come, or the port is to be closed. Called again with what it was called with before. */
    default void listening(boolean wanted) {}

    /** Resets its connections. Completes with how many there were. */
    CompletionStage<Integer> abort(Route backend, CloseReason reason);
}
