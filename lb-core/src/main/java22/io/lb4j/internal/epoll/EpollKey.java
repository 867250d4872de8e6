package io.lb4j.internal.epoll;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectionKey;
import org.jspecify.annotations.Nullable;

/** One channel in one selector. Confined to the selector's thread. */
final class EpollKey extends AbstractSelectionKey {
    /*
     * A socket is put into the kernel's set once, edge-triggered, and stays as it is: the kernel says once what has
     * become possible, and that is kept here (`known`) until the channel finds out that it is so no more: a read that
     * brings less than it could, a write that is not taken whole (epoll(7), "Questions and answers", 9). Whoever asks
     * sees what java.nio promises: what is possible and asked for is told again and again. So interest that comes and
     * goes costs no call. Room to write is asked of the kernel only after a write was not taken whole: else every new
     * socket would be told of for that alone.
     *
     * A listening socket is level-triggered: there, each accept that finds nobody would be a call more.
     */
    private final EpollSelector selector;
    private final SelectableChannel channel;
    private final EpollChannel endpoint;
    final int slot;
    final int generation;
    private final boolean isLevelTriggered;

    /** What the kernel is asked for; 0 before the first interest. */
    private int events;

    /** What is possible, for all that is known: EPOLLIN and its like. */
    private int known;

    private int interest;
    private int ready;

    /** Both are those of {@link HotKeys}. */
    @Nullable
    EpollKey nextHot;

    boolean isHot;

    EpollKey(EpollSelector selector, SelectableChannel channel, int slot, int generation) {
        this.selector = selector;
        this.channel = channel;
        this.endpoint = (EpollChannel) channel;
        this.slot = slot;
        this.generation = generation;
        isLevelTriggered = (endpoint.events() & Libc.EPOLLET) == 0;
        known = endpoint.knownAtFirst();
    }

    @Override
    public SelectableChannel channel() {
        return channel;
    }

    @Override
    public Selector selector() {
        return selector;
    }

    EpollChannel endpoint() {
        return endpoint;
    }

    @Override
    public int interestOps() {
        refuseCancelled();
        return interest;
    }

    @Override
    public SelectionKey interestOps(int ops) {
        refuseCancelled();
        if ((ops & ~channel.validOps()) != 0) {
            throw new IllegalArgumentException("ops: " + ops + " (expected: some of " + channel.validOps() + ")");
        }
        interest = ops;
        ask();
        if (possible() != 0) {
            selector.hot.add(this);
        }
        return this;
    }

    @Override
    public int readyOps() {
        refuseCancelled();
        return ready;
    }

    private void refuseCancelled() {
        if (!isValid()) {
            throw new CancelledKeyException();
        }
    }

    // ---- the kernel

    /** Asks the kernel for what is wanted and not asked for yet. */
    private void ask() {
        int wanted = events;
        if (isLevelTriggered) {
            wanted = interest == 0 ? 0 : endpoint.events();
        } else if (interest != 0) {
            wanted |= endpoint.events() | (wantsRoom() ? Libc.EPOLLOUT : 0);
        }
        if (wanted != events) {
            control(wanted);
        }
    }

    private boolean wantsRoom() {
        boolean wants = (interest & OP_WRITE) != 0 || wantsConnection();
        return wants && (known & Libc.EPOLLOUT) == 0;
    }

    /** Of one that is connected, as with the JDK's, it is the wish to hear of a reset alone. */
    private boolean wantsConnection() {
        return (interest & OP_CONNECT) != 0 && endpoint.isConnecting();
    }

    private void control(int wanted) {
        int failure = selector.control(this, events == 0 && !isLevelTriggered, wanted);
        if (failure < 0) {
            throw new UncheckedIOException(new IOException("epoll_ctl: " + Libc.message(-failure)));
        }
        events = wanted;
    }

    /** Whether the kernel's set has it, and would go on telling of it. */
    boolean isInTheWay() {
        return isLevelTriggered && events != 0;
    }

    // ---- what is possible

    /** The kernel says so. */
    void happened(int what) {
        known = isLevelTriggered ? what : known | what;
    }

    /** What is both possible and asked for. */
    int possible() {
        if ((known & (Libc.EPOLLERR | Libc.EPOLLHUP)) != 0) {
            return interest;
        }
        int ops = 0;
        if ((known & (Libc.EPOLLIN | Libc.EPOLLRDHUP)) != 0) {
            ops = OP_READ | OP_ACCEPT;
        }
        if ((known & Libc.EPOLLOUT) != 0) {
            ops |= OP_WRITE | (wantsConnection() ? OP_CONNECT : 0);
        }
        return ops & interest;
    }

    /** Returns what is possible and asked for, which is what it is ready for from now on. */
    int makeReady() {
        ready = possible();
        return ready;
    }

    /** A level-triggered one is asked again before it is told again. */
    boolean isStillHot() {
        return !isLevelTriggered && isValid() && possible() != 0;
    }

    // ---- what the channel found out

    /** Whether the connection is known to be made, and not to have failed. */
    boolean isConnected() {
        return (known & (Libc.EPOLLOUT | Libc.EPOLLERR | Libc.EPOLLHUP)) == Libc.EPOLLOUT;
    }

    /**
     * A read has brought less than it could. Returns whether the stream's end is what comes next: it was known to be
     * there, and nothing comes behind it.
     */
    boolean readShort() {
        if ((known & Libc.EPOLLPRI) != 0) {
            // At the mark of urgent data a read stops, and what is behind it is not told of again.
            return false;
        }
        int ended = known & (Libc.EPOLLRDHUP | Libc.EPOLLERR);
        if (ended == 0) {
            known &= ~Libc.EPOLLIN;
        }
        return ended == Libc.EPOLLRDHUP;
    }

    /** Whether the peer has ended its stream, and nothing else has happened. */
    boolean hasOnlyEnded() {
        return (known & (Libc.EPOLLRDHUP | Libc.EPOLLERR | Libc.EPOLLHUP)) == Libc.EPOLLRDHUP;
    }

    /** A read has found nothing. */
    void readNothing() {
        known &= ~(Libc.EPOLLIN | Libc.EPOLLPRI);
    }

    /** A write was not taken whole. */
    void isFull() {
        known &= ~Libc.EPOLLOUT;
        if (isValid()) {
            ask();
        }
    }

    /** What is known of these has to be asked anew. */
    void askAnew(int what) {
        known &= ~what;
        if (isValid() && events != 0) {
            control(events | (what & Libc.EPOLLOUT));
        }
    }
}
