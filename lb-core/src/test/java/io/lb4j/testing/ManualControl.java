package io.lb4j.testing;

import io.lb4j.internal.util.Scheduler;
import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * A control thread that is the caller: what is to be done now is done at once, what is to be done later is done when the
 * test lets that much time pass. For one thread.
 */
public final class ManualControl implements Scheduler {
    private record Entry(Runnable task, long at) {}

    private final ManualClock clock;
    private final PriorityQueue<Entry> later = new PriorityQueue<>(Comparator.comparingLong(Entry::at));

    public ManualControl(ManualClock clock) {
        this.clock = clock;
    }

    @Override
    public void execute(Runnable task) {
        task.run();
    }

    @Override
    public void later(Runnable task, long delayNanos) {
        later.add(new Entry(task, clock.getAsLong() + delayNanos));
    }

    /** Moves the clock, and does what is due on the way at its time. */
    public void advance(Duration time) {
        long end = clock.getAsLong() + time.toNanos();
        for (Entry next = due(end); next != null; next = due(end)) {
            clock.advance(Duration.ofNanos(Math.max(0, next.at - clock.getAsLong())));
            next.task.run();
        }
        clock.advance(Duration.ofNanos(end - clock.getAsLong()));
    }

    private Entry due(long end) {
        return later.isEmpty() || later.peek().at > end ? null : later.remove();
    }
}
