package io.lb4j.testing;

import io.lb4j.internal.util.Scheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * A control thread that is the caller: what is to be done now is done at once, what is to be done later is done when the
 * test lets that much time pass. For one thread.
 */
public final class ManualControl implements Scheduler {
    private record Entry(Runnable task, long at) {}

    private final ManualClock clock;
    private final List<Runnable> audits = new ArrayList<>();
    private boolean outOfMemory;
    private final PriorityQueue<Entry> later = new PriorityQueue<>(Comparator.comparingLong(Entry::at));

    public ManualControl(ManualClock clock) {
        this.clock = clock;
    }

    /** From now on, until it is taken back, there is no memory to remember a task. */
    public void outOfMemory(boolean full) {
        outOfMemory = full;
    }

    @Override
    public void execute(Runnable task) {
        expectMemory();
        task.run();
    }

    private void expectMemory() {
        if (outOfMemory) {
            throw new OutOfMemoryError("on purpose");
        }
    }

    @Override
    public void later(Runnable task, long delayNanos) {
        expectMemory();
        later.add(new Entry(task, clock.getAsLong() + delayNanos));
    }

    @Override
    public void audit(Runnable audit) {
        audits.add(audit);
        if (audits.size() == 1) {
            later(this::runAudits, AUDIT_INTERVAL);
        }
    }

    private void runAudits() {
        later.add(new Entry(this::runAudits, clock.getAsLong() + AUDIT_INTERVAL));
        audits.forEach(Runnable::run);
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
