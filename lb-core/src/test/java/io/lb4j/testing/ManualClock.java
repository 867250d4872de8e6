package io.lb4j.testing;

import io.lb4j.internal.util.Platform;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** A clock that stands still until the test moves it. A loop that waits in a select has to be woken to see the change. */
public final class ManualClock implements LongSupplier {
    private final AtomicLong now;

    private ManualClock(long start) {
        now = new AtomicLong(start);
    }

    /** Starts somewhere in the middle. */
    public static ManualClock create() {
        return startingAt(1_000_000_000_000L);
    }

    public static ManualClock startingAt(long nanos) {
        return new ManualClock(nanos);
    }

    @Override
    public long getAsLong() {
        return now.get();
    }

    public void advance(Duration time) {
        now.addAndGet(time.toNanos());
    }

    /** The system's sockets and threads under this clock. */
    public Platform platform() {
        Platform system = Platform.system();
        return new Platform(system.sockets(), this, system.random(), system.threads());
    }
}
