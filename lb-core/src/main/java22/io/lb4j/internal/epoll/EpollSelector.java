package io.lb4j.internal.epoll;

import java.io.IOException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.IllegalSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A selector on epoll(7), for the channels of {@link EpollSockets}. It has the selections that call an action; sets of
 * selected keys it has not. It may return early, and with nothing. Confined to one thread, but for {@link #wakeup}.
 */
final class EpollSelector extends AbstractSelector {
    /*
     * A turn: cancelled keys are dropped -> the kernel is asked -> what it says is noted in the keys, which become hot ->
     * the action is called with each hot key for which something is possible. A key stays hot until nothing is possible
     * any more. What was noted is not lost when an action fails: the keys that it has not come to are hot still.
     *
     * The kernel's set holds a number for each key: its slot, and how many keys have had that slot before. What it says
     * of a key that is gone, as of one whose descriptor a child process still holds, matches none.
     */
    private static final long WAKEUP = -1;
    private static final int FIRST_SLOTS = 64;

    private final int epoll;
    private final int event;
    private final EpollEvents events;

    private @Nullable EpollKey[] keys = new EpollKey[FIRST_SLOTS];
    private int[] generations = new int[FIRST_SLOTS];
    private int[] free = new int[FIRST_SLOTS];
    private int freeCount;
    private int used;

    /** What is looked at in the next turn, or in this one, if that has not begun to act. */
    final HotKeys hot = new HotKeys();

    /** Guarded by {@link #wakeupLock}. */
    private boolean isShut;

    private final Object wakeupLock = new Object();

    /** Both descriptors are its own. */
    private EpollSelector(SelectorProvider provider, int epoll, int event, EpollEvents events) {
        super(provider);
        this.epoll = epoll;
        this.event = event;
        this.events = events;
    }

    static EpollSelector open(SelectorProvider provider) throws IOException {
        Scratch scratch = Scratch.get();
        int epoll = checked(Libc.epollCreate(scratch));
        int event = -1;
        EpollEvents events = null;
        try {
            events = new EpollEvents();
            event = checked(Libc.eventfd(scratch));
            // Edge-triggered: it is told of once, and need not be read.
            checked(Libc.epollCtl(scratch, epoll, Libc.EPOLL_CTL_ADD, event, Libc.EPOLLIN | Libc.EPOLLET, WAKEUP));
            return new EpollSelector(provider, epoll, event, events);
        } catch (Throwable failure) {
            Libc.close(epoll);
            if (event >= 0) {
                Libc.close(event);
            }
            if (events != null) {
                events.close();
            }
            throw failure;
        }
    }

    private static int checked(int returned) throws IOException {
        if (returned < 0) {
            throw Errors.ofTransfer(returned);
        }
        return returned;
    }

    // ---- selecting

    /** {@inheritDoc} Returns when it was interrupted by a signal, too. */
    @Override
    public int select(Consumer<SelectionKey> action, long timeout) throws IOException {
        if (timeout < 0) {
            throw new IllegalArgumentException("timeout: " + timeout + " (expected: 0 or more)");
        }
        return select(action, timeout == 0 ? -1 : (int) Math.min(timeout, Integer.MAX_VALUE));
    }

    @Override
    public int select(Consumer<SelectionKey> action) throws IOException {
        return select(action, -1);
    }

    @Override
    public int selectNow(Consumer<SelectionKey> action) throws IOException {
        return select(action, 0);
    }

    private int select(Consumer<SelectionKey> action, int millis) throws IOException {
        if (!isOpen()) {
            throw new ClosedSelectorException();
        }
        dropCancelled();
        note(await(hot.isAnyPossible() ? 0 : millis));
        return act(action);
    }

    private int await(int millis) throws IOException {
        Scratch scratch = Scratch.get();
        int count;
        if (millis == 0) {
            count = Libc.epollWait(scratch, epoll, events, 0);
        } else {
            begin();
            try {
                count = Libc.epollWait(scratch, epoll, events, millis);
            } finally {
                end();
            }
        }
        return count == -Libc.EINTR ? 0 : checked(count);
    }

    private void note(int count) {
        for (int i = 0; i < count; i++) {
            long data = events.data(i);
            int slot = (int) data;
            EpollKey key = data == WAKEUP || slot >= used ? null : keys[slot];
            if (key != null && key.generation == (int) (data >>> 32)) {
                key.happened(events.events(i));
                hot.add(key);
            }
        }
    }

    private int act(Consumer<SelectionKey> action) {
        int acted = 0;
        for (int left = hot.count(); left > 0; left--) {
            EpollKey key = hot.removeFirst();
            if (key.isValid() && key.makeReady() != 0) {
                acted++;
                try {
                    action.accept(key);
                } finally {
                    if (key.isStillHot()) {
                        hot.add(key);
                    }
                }
            }
        }
        return acted;
    }

    // ---- the keys

    @Override
    protected SelectionKey register(AbstractSelectableChannel channel, int ops, Object attachment) {
        if (!(channel instanceof EpollChannel endpoint)) {
            throw new IllegalSelectorException();
        }
        if (freeCount == 0 && used == keys.length) {
            grow();
        }
        int slot = freeCount > 0 ? free[freeCount - 1] : used;
        EpollKey key = new EpollKey(this, channel, slot, generations[slot]);
        key.attach(attachment);
        // From here on nothing allocates.
        if (freeCount > 0) {
            freeCount--;
        } else {
            used++;
        }
        keys[slot] = key;
        endpoint.key(key);
        try {
            key.interestOps(ops);
        } catch (Throwable failure) {
            release(key);
            throw failure;
        }
        return key;
    }

    private void grow() {
        int more = 2 * keys.length;
        @Nullable EpollKey[] moreKeys = Arrays.copyOf(keys, more);
        int[] moreGenerations = Arrays.copyOf(generations, more);
        free = new int[more];
        generations = moreGenerations;
        keys = moreKeys;
    }

    /** Asks the kernel for these events of it. Returns what epoll_ctl(2) does. */
    int control(EpollKey key, boolean isFirst, int wanted) {
        EpollChannel endpoint = key.endpoint();
        // Nobody closes it meanwhile, and no other file has its number.
        synchronized (endpoint) {
            int fd = endpoint.descriptor();
            return fd < 0 ? -Libc.EBADF : control(fd, isFirst, wanted, ((long) key.generation << 32) | key.slot);
        }
    }

    private int control(int fd, boolean isFirst, int wanted, long data) {
        Scratch scratch = Scratch.get();
        int done = Libc.epollCtl(scratch, epoll, isFirst ? Libc.EPOLL_CTL_ADD : Libc.EPOLL_CTL_MOD, fd, wanted, data);
        if (done == -Libc.EEXIST) {
            // Of a key before this one that was cancelled while its channel stayed open.
            done = Libc.epollCtl(scratch, epoll, Libc.EPOLL_CTL_MOD, fd, wanted, data);
        } else if (done == -Libc.ENOENT) {
            done = Libc.epollCtl(scratch, epoll, Libc.EPOLL_CTL_ADD, fd, wanted, data);
        }
        return done;
    }

    private void dropCancelled() {
        Set<SelectionKey> cancelled = cancelledKeys();
        synchronized (cancelled) {
            if (!cancelled.isEmpty()) {
                for (SelectionKey key : cancelled) {
                    drop((EpollKey) key);
                }
                cancelled.clear();
            }
        }
    }

    /**
     * A channel that is closed has left the kernel's set by itself. One that is open, as it is about to be closed, may
     * stay: what it has to say is said once, and heard by nobody.
     */
    private void drop(EpollKey key) {
        if (keys[key.slot] != key) {
            return;
        }
        EpollChannel endpoint = key.endpoint();
        synchronized (endpoint) {
            if (key.isInTheWay() && endpoint.descriptor() >= 0) {
                Libc.epollCtl(Scratch.get(), epoll, Libc.EPOLL_CTL_DEL, endpoint.descriptor(), 0, 0);
            }
        }
        release(key);
        deregister(key);
    }

    private void release(EpollKey key) {
        keys[key.slot] = null;
        generations[key.slot]++;
        free[freeCount++] = key.slot;
        key.endpoint().dropped(key);
    }

    /** {@inheritDoc} A copy. */
    @Override
    public Set<SelectionKey> keys() {
        Set<SelectionKey> all = new HashSet<>();
        for (int i = 0; i < used; i++) {
            EpollKey key = keys[i];
            if (key != null) {
                all.add(key);
            }
        }
        return all;
    }

    // ---- any thread

    @Override
    public Selector wakeup() {
        synchronized (wakeupLock) {
            if (!isShut) {
                Libc.signal(event);
            }
        }
        return this;
    }

    /** On its thread, or when that has ended. */
    @Override
    protected void implCloseSelector() {
        try {
            for (int i = 0; i < used; i++) {
                EpollKey key = keys[i];
                if (key != null) {
                    key.cancel();
                }
            }
            dropCancelled();
        } finally {
            synchronized (wakeupLock) {
                isShut = true;
                Libc.close(event);
            }
            Libc.close(epoll);
            events.close();
        }
    }

    // ---- what it has not

    @Override
    public Set<SelectionKey> selectedKeys() {
        throw new UnsupportedOperationException();
    }

    @Override
    public int select() {
        throw new UnsupportedOperationException();
    }

    @Override
    public int select(long timeout) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int selectNow() {
        throw new UnsupportedOperationException();
    }
}
