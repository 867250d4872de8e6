package io.lb4j.simulation;

import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelector;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A selector that never waits: when nothing is ready it notes until when it would, and returns. Whoever runs the loop
 * must not run it again before {@link #wake} is called or that time has come.
 */
final class SimSelector extends AbstractSelector {
    private final SimNet net;
    private final List<SimKey> keys = new ArrayList<>();
    private final List<SimKey> batch = new ArrayList<>();
    private final KeyQueue changed = new KeyQueue();
    private final KeyQueue cancelled = new KeyQueue();
    private Runnable waker = () -> {};
    private boolean wakeupPending;

    // What the last select was like.
    private boolean waited;
    private long waitNanos;
    private boolean honest;
    private int selected;

    /** Whose key is being handled, null when none is. */
    private @Nullable SelectableChannel handled;

    SimSelector(SimNet net) {
        super(net);
        this.net = net;
    }

    SimNet net() {
        return net;
    }

    Exits exits() {
        return net.exits;
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
        waited = false;
        honest = false;
        selected = 0;
        batch.clear();
        exits().call(Exit.SELECT);
        takeChanged();
        dropCancelled();
        boolean idle = collect() && !wakeupPending;
        wakeupPending = false;
        waited = idle && mayWait;
        waitNanos = nanos;
        selected = batch.size();
        // A key cancelled by an earlier one of the batch still comes up; the JDK does not look.
        for (int i = 0; i < batch.size(); i++) {
            exits().call(Exit.SELECT_EVENT);
            handled = batch.get(i).channel();
            try {
                action.accept(batch.get(i));
            } finally {
                handled = null;
            }
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
            } else if (key.isValid() && key.registered() != 0 && timeline.oneIn(net.faults.spuriousKeys)) {
                honest = false;
                ready = key.simChannel().spuriouslyReady(key.registered());
            }
            if (ready != 0) {
                idle = false;
                key.ready(ready);
                batch.add(timeline.between(0, batch.size()), key);
            }
        }
        return idle;
    }

    // ---- changed and cancelled keys wait for the next select

    void changed(SimKey key) {
        queue(changed, key, () -> exit(Exit.INTEREST, key.channel()));
    }

    void cancelled(SimKey key) {
        queue(cancelled, key, () -> exits().call(Exit.CANCEL));
    }

    private void queue(KeyQueue queue, SimKey key, Runnable exit) {
        try {
            exit.run();
        } catch (Error full) {
            queue.addInVain(key);
            throw full;
        }
        queue.add(key);
    }

    private void takeChanged() {
        for (SimKey key = changed.take(); key != null; key = changed.take()) {
            if (key.isValid()) {
                exits().call(Exit.SELECT_UPDATE);
                key.register();
            }
        }
    }

    private void dropCancelled() {
        cancelledKeys().clear();
        for (SimKey key = cancelled.take(); key != null; key = cancelled.take()) {
            exits().call(Exit.SELECT_CANCEL);
            drop(key);
        }
    }

    private void drop(SimKey key) {
        keys.remove(key);
        key.drop();
        deregister(key);
        key.simChannel().keys().remove(key);
        key.simChannel().deregistered();
    }

    /**
     * A call for this channel. That it is moved here from another selector comes of an error only, and there is but one:
     * so who fails is a connection that is about to wait for something.
     */
    private void exit(Exit exit, SelectableChannel channel) {
        try {
            exits().call(exit);
        } catch (Error injected) {
            failed(channel);
            throw injected;
        }
    }

    /** A call that does not say for whom it is fails: it is for the one whose key is being handled. */
    void failedForWhomIsHandled() {
        failed(handled);
    }

    private void failed(@Nullable SelectableChannel channel) {
        if (channel instanceof SimSocketChannel socket) {
            net.witness().failed(socket);
        }
    }

    @Override
    protected SelectionKey register(AbstractSelectableChannel channel, int ops, Object attachment) {
        exit(Exit.REGISTER, channel);
        SimKey key = new SimKey(this, channel);
        key.attach(attachment);
        keys.add(key);
        key.interestOps(ops);
        exit(Exit.REGISTER_DONE, channel);
        ((SimChannel) channel).keys().add(key);
        net.progressed();
        return key;
    }

    @Override
    public Selector wakeup() {
        exits().call(Exit.WAKEUP);
        wakeupPending = true;
        wake();
        return this;
    }

    @Override
    protected void implCloseSelector() {
        net.giveBackDescriptor();
        exits().call(Exit.CLOSE_SELECTOR);
        List.copyOf(keys).forEach(this::drop);
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
