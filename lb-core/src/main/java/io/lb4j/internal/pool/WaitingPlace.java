package io.lb4j.internal.pool;

import io.lb4j.proxy.PlaceInLine;
import io.lb4j.proxy.Route;
import io.lb4j.proxy.Waiter;
import io.lb4j.selection.ClientConnection;
import io.lb4j.selection.QueuePolicy;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One who waits in a {@link WaitingLine}. What can change is guarded by the line's lock. */
final class WaitingPlace implements PlaceInLine {
    private final WaitingLine line;
    private final Waiter waiter;
    private final QueuePolicy policy;
    private final long since;
    private boolean called;

    // Of the list, which Places owns.
    long number;
    boolean isIn;

    @Nullable
    WaitingPlace previous;

    @Nullable
    WaitingPlace next;

    /** @param since now, by the nano clock */
    WaitingPlace(WaitingLine line, Waiter waiter, QueuePolicy policy, long since) {
        this.line = line;
        this.waiter = waiter;
        this.policy = policy;
        this.since = since;
    }

    List<Route> failed() {
        return waiter.failed();
    }

    /** How long it has been waiting, in nanoseconds. */
    long age(long now) {
        return now - since;
    }

    /** It has the turn to pick, until it has {@linkplain #answered}. Said again, it is called again. */
    void call() {
        called = true;
        waiter.call();
    }

    boolean isCalled() {
        return called;
    }

    void answered() {
        called = false;
    }

    // ---- without the lock

    @Override
    public @Nullable Route next(ClientConnection connection) {
        return line.pick(this, connection);
    }

    @Override
    public void leave() {
        line.leave(this);
    }

    @Override
    public void joinAgain() {
        line.joinAgain(this);
    }

    @Override
    public long timeout(long connectTimeout) {
        return policy.timeout().map(Duration::toNanos).orElse(connectTimeout);
    }
}
