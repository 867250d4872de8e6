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
    private int ready;

    SimKey(SimSelector selector, SelectableChannel channel) {
        this.selector = selector;
        this.channel = channel;
    }

    @Override
    public SelectableChannel channel() {
        return channel;
    }

    @Override
    public Selector selector() {
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
        }
        return this;
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
        return isValid() && interest != 0 ? simChannel().ready(interest) : 0;
    }

    boolean wakesInVain() {
        return isValid() && simChannel().wakesInVain(interest);
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
        return channel + (isValid() ? " interest " + interest + " ready " + readyNow() : " cancelled");
    }
}
