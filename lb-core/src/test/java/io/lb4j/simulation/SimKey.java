package io.lb4j.simulation;

import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectionKey;

/** A channel's registration with a {@link SimSelector}. */
final class SimKey extends AbstractSelectionKey {
    private final SimSelector selector;
    private final SelectableChannel channel;
    private int interest;

    /** What epoll knows of: the interest as of the last select that took the change. */
    private int registered;

    private boolean dropped;
    private int ready;

    SimKey(SimSelector selector, SelectableChannel channel) {
        this.selector = selector;
        this.channel = channel;
    }

    @Override
    public SelectableChannel channel() {
        return channel;
    }

    /*
     * `cancel` is final, so the selector is told here: cancelling makes the key invalid and then asks for its selector,
     * and nobody asks for that of an invalid key before.
     */
    @Override
    public Selector selector() {
        if (!isValid() && !dropped) {
            dropped = true;
            selector.cancelled(this);
        }
        return selector;
    }

    @Override
    public int interestOps() {
        requireValid();
        return interest;
    }

    @Override
    public SelectionKey interestOps(int ops) {
        requireValid();
        if ((ops & ~channel.validOps()) != 0) {
            throw new IllegalArgumentException();
        }
        if (interest != ops) {
            interest = ops;
            selector.net().progressed();
            selector.changed(this);
        }
        return this;
    }

    /** Epoll is told of the interest. */
    void register() {
        registered = interest;
    }

    /** The selector lets go of it, which needs no cancelling. */
    void drop() {
        dropped = true;
    }

    int registered() {
        return registered;
    }

    @Override
    public int readyOps() {
        requireValid();
        return ready;
    }

    private void requireValid() {
        if (!isValid()) {
            throw new CancelledKeyException();
        }
    }

    void ready(int ops) {
        ready = ops;
    }

    /** What it is ready for now. An interest of 0 takes it out of epoll: not even a reset is seen then. */
    int readyNow() {
        return isValid() && registered != 0 ? simChannel().ready(registered) : 0;
    }

    boolean wakesInVain() {
        return isValid() && simChannel().wakesInVain(registered);
    }

    /** Tells the selector if there is something for it. */
    void channelChanged() {
        if (readyNow() != 0 || wakesInVain()) {
            selector.wake();
        }
    }

    SimChannel simChannel() {
        return (SimChannel) channel;
    }

    @Override
    public String toString() {
        return channel
                + (isValid()
                        ? " interest " + interest + " in epoll " + registered + " ready " + readyNow()
                        : " cancelled");
    }
}
