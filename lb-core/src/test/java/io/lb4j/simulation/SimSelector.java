package io.lb4j.simulation;

import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelectionKey;
import java.nio.channels.spi.AbstractSelector;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A selector that never waits: when nothing is ready it notes until when it would, and returns. Whoever runs the loop
 * must not run it again before {@link #wake} is called or that time has come.
 */
final class SimSelector extends AbstractSelector {
    private final SimNet net;
    private final List<SimKey> keys = new ArrayList<>();
    private final List<SimKey> batch = new ArrayList<>();
    private Runnable waker = () -> {};
    private boolean wakeupPending;

    // What the last select was like.
    private boolean waited;
    private long waitNanos;
    private boolean honest;
    private int selected;

    SimSelector(SimNet net) {
        super(net);
        this.net = net;
    }

    SimNet net() {
        return net;
    }

    /** Who runs the loop. */
    void waker(Runnable waker) {
        this.waker = waker;
    }

    void wake() {
        waker.run();
    }

    // ---- the Selector

    @Override
    public int select(Consumer<SelectionKey> action, long timeout) {
        return select(action, timeout == 0 ? Long.MAX_VALUE : TimeUnit.MILLISECONDS.toNanos(timeout), true);
    }

    @Override
    public int selectNow(Consumer<SelectionKey> action) {
        return select(action, 0, false);
    }

    private int select(Consumer<SelectionKey> action, long nanos, boolean mayWait) {
        if (!isOpen()) {
            throw new ClosedSelectorException();
        }
        net.selecting(this);
        dropCancelled();
        boolean idle = collect() && !wakeupPending;
        wakeupPending = false;
        waited = idle && mayWait;
        waitNanos = nanos;
        selected = batch.size();
        // A key cancelled by an earlier one of the batch still comes up; the JDK does not look.
        for (int i = 0; i < batch.size(); i++) {
            action.accept(batch.get(i));
        }
        batch.clear();
        return selected;
    }

    /** Finds the ready keys, in an order that chance decides; returns whether a select would go on waiting. */
    private boolean collect() {
        Timeline timeline = net.timeline;
        boolean idle = !timeline.oneIn(net.faults.spuriousWakeups);
        honest = idle;
        for (SimKey key : keys) {
            int ready = key.readyNow();
            idle &= !key.wakesInVain();
            if (ready != 0) {
                idle = false;
                if (timeline.oneIn(net.faults.lateKeys)) {
                    honest = false;
                    continue;
                }
            } else if (key.isValid() && key.interestOps() != 0 && timeline.oneIn(net.faults.spuriousKeys)) {
                honest = false;
                ready = key.simChannel().spuriouslyReady(key.interestOps());
            }
            if (ready != 0) {
                idle = false;
                key.ready(ready);
                batch.add(timeline.between(0, batch.size()), key);
            }
        }
        return idle;
    }

    private void dropCancelled() {
        Set<SelectionKey> cancelled = cancelledKeys();
        synchronized (cancelled) {
            for (SelectionKey key : cancelled) {
                drop((SimKey) key);
            }
            cancelled.clear();
        }
    }

    private void drop(SimKey key) {
        keys.remove(key);
        deregister(key);
        key.simChannel().keys().remove(key);
        key.simChannel().deregistered();
    }

    @Override
    protected SelectionKey register(AbstractSelectableChannel channel, int ops, Object attachment) {
        SimKey key = new SimKey(this, channel);
        key.attach(attachment);
        key.interestOps(ops);
        keys.add(key);
        ((SimChannel) channel).keys().add(key);
        net.progressed();
        return key;
    }

    @Override
    public Selector wakeup() {
        wakeupPending = true;
        wake();
        return this;
    }

    @Override
    protected void implCloseSelector() {
        for (SimKey key : List.copyOf(keys)) {
            SelectableChannel channel = key.channel();
            drop(key);
            ((AbstractSelectionKey) key).cancel();
            if (channel.isOpen()) {
                key.simChannel().deregistered();
            }
        }
        net.giveBackDescriptor();
    }

    // ---- for who runs the loop

    /** Whether the last select found nothing to do and would be waiting still. */
    boolean waited() {
        return waited;
    }

    /** How long it would have waited; the maximum for ever. */
    long waitNanos() {
        return waitNanos;
    }

    /** Whether the last select reported what there was, nothing late and nothing made up. */
    boolean honest() {
        return honest;
    }

    int selected() {
        return selected;
    }

    /** Whether there is something to select at this moment. */
    boolean isReady() {
        if (wakeupPending || hasKeyInVain()) {
            return true;
        }
        for (SimKey key : keys) {
            if (key.readyNow() != 0) {
                return true;
            }
        }
        return false;
    }

    /** Whether a key makes every select return at once with nothing selected. */
    boolean hasKeyInVain() {
        for (SimKey key : keys) {
            if (key.wakesInVain()) {
                return true;
            }
        }
        return false;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (SimKey key : keys) {
            text.append("\n  ").append(key);
        }
        return text.toString();
    }

    // ---- what the engine does not use

    @Override
    public Set<SelectionKey> keys() {
        return Set.copyOf(keys);
    }

    @Override
    public Set<SelectionKey> selectedKeys() {
        throw new UnsupportedOperationException();
    }

    @Override
    public int selectNow() {
        throw new UnsupportedOperationException();
    }

    @Override
    public int select(long timeout) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int select() {
        throw new UnsupportedOperationException();
    }
}
