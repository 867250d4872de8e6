package io.lb4j.internal.epoll;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.NoConnectionPendingException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A TCP socket from its descriptor's first to its last moment: how it comes to be connected, between which addresses, and
 * which key hears of it. Each call is one at a time, so that none meets a descriptor of others.
 */
abstract sealed class ConnectableSocket extends SocketChannel implements EpollChannel permits EpollSocketChannel {
    /*
     * A base rather than a part of the channel: a part would be an object more for each connection, and a step more for
     * each chunk.
     */
    private enum State {
        UNCONNECTED,
        CONNECTING,
        CONNECTED
    }

    private final int family;

    /** Guarded by this, as all below. */
    int fd = -1;

    private State state = State.UNCONNECTED;
    private @Nullable InetSocketAddress local;
    private @Nullable InetSocketAddress remote;
    private boolean isBound;

    /** The peer's address as accept has told it, for who asks; an object is made of it then, when there is memory for it. */
    private long peer0;

    private long peer8;
    private long peer16;
    private int peer24;

    /** Who hears of it, and who did before and still may, while its selector is replaced by another one. */
    @Nullable
    EpollKey key;

    private @Nullable EpollKey earlierKey;

    /** Without a descriptor. */
    ConnectableSocket(SelectorProvider provider, int family) {
        super(provider);
        this.family = family;
    }

    synchronized void obtain() throws IOException {
        fd = EpollSockets.socket(family);
    }

    /** Is the connection of this descriptor, whose peer is in the scratch. Allocates nothing. */
    synchronized void accepted(int descriptor, Scratch scratch) {
        peer0 = scratch.address.getAtIndex(ValueLayout.JAVA_LONG, 0);
        peer8 = scratch.address.getAtIndex(ValueLayout.JAVA_LONG, 1);
        peer16 = scratch.address.getAtIndex(ValueLayout.JAVA_LONG, 2);
        peer24 = (int) scratch.address.getAtIndex(ValueLayout.JAVA_LONG, 3);
        isBound = true;
        state = State.CONNECTED;
        fd = descriptor;
    }

    // ---- connecting

    @Override
    public synchronized SocketChannel bind(@Nullable SocketAddress address) throws IOException {
        refuseClosed();
        if (isBound) {
            throw new AlreadyBoundException();
        }
        InetSocketAddress wanted = address == null ? new InetSocketAddress(0) : SocketAddresses.checked(address);
        Scratch scratch = Scratch.get();
        Errors.check(Libc.bind(scratch, fd, SocketAddresses.put(scratch.address, family, wanted)));
        isBound = true;
        return this;
    }

    @Override
    public boolean connect(SocketAddress address) throws IOException {
        InetSocketAddress wanted = SocketAddresses.checked(address);
        if (wanted.getAddress().isAnyLocalAddress()) {
            wanted = new InetSocketAddress(InetAddress.getLocalHost(), wanted.getPort());
        }
        return isDone(begin(wanted));
    }

    private synchronized int begin(InetSocketAddress wanted) throws IOException {
        refuseClosed();
        if (state == State.CONNECTED) {
            throw new AlreadyConnectedException();
        }
        if (state == State.CONNECTING) {
            throw new ConnectionPendingException();
        }
        int done = askKernel(wanted);
        EpollKey told = key;
        if (told != null) {
            // Before, it was neither open nor closed.
            told.askAnew(-1);
        }
        return done;
    }

    @Override
    public boolean finishConnect() throws IOException {
        return isDone(finish());
    }

    private synchronized int finish() throws IOException {
        refuseClosed();
        if (state == State.UNCONNECTED) {
            throw new NoConnectionPendingException();
        }
        EpollKey told = key;
        if (state == State.CONNECTING && told != null && told.isConnected()) {
            state = State.CONNECTED;
        }
        return state == State.CONNECTED ? 0 : askKernel(Objects.requireNonNull(remote));
    }

    /** A connect that is under way is asked for once more: the kernel says what has become of it (connect(2)). */
    private int askKernel(InetSocketAddress to) {
        Scratch scratch = Scratch.get();
        // First: it refuses an address of the other family, and then nothing has begun.
        int length = SocketAddresses.put(scratch.address, family, to);
        remote = to;
        isBound = true;
        int done = Libc.connect(scratch, fd, length);
        boolean isThere = done == 0 || done == -Libc.EISCONN;
        state = isThere ? State.CONNECTED : State.CONNECTING;
        return isThere ? 0 : done;
    }

    private boolean isDone(int done) throws IOException {
        if (done == 0) {
            return true;
        }
        if (done == -Libc.EINPROGRESS || done == -Libc.EALREADY || done == -Libc.EINTR) {
            return false;
        }
        // As the JDK's: a connect that has failed leaves nothing that is of use.
        close();
        throw Errors.ofSocket(done);
    }

    @Override
    public synchronized boolean isConnected() {
        return state == State.CONNECTED;
    }

    @Override
    public synchronized boolean isConnectionPending() {
        return state == State.CONNECTING;
    }

    // ---- addresses

    @Override
    public synchronized @Nullable SocketAddress getLocalAddress() throws IOException {
        refuseClosed();
        if (!isBound) {
            return null;
        }
        InetSocketAddress present = local;
        if (present == null) {
            Scratch scratch = Scratch.get();
            Errors.check(Libc.getsockname(scratch, fd));
            present = SocketAddresses.get(scratch.address);
            if (state == State.CONNECTED) {
                local = present;
            }
        }
        return present;
    }

    @Override
    public synchronized @Nullable SocketAddress getRemoteAddress() throws IOException {
        refuseClosed();
        if (state == State.UNCONNECTED) {
            return null;
        }
        if (remote == null) {
            remote = peer();
        }
        return remote;
    }

    private InetSocketAddress peer() {
        MemorySegment address = Scratch.get().address;
        address.setAtIndex(ValueLayout.JAVA_LONG, 0, peer0);
        address.setAtIndex(ValueLayout.JAVA_LONG, 1, peer8);
        address.setAtIndex(ValueLayout.JAVA_LONG, 2, peer16);
        address.setAtIndex(ValueLayout.JAVA_LONG, 3, peer24);
        return SocketAddresses.get(address);
    }

    @Override
    public synchronized String toString() {
        return "native socket " + fd + ", " + state + (remote == null ? "" : " to " + remote);
    }

    // ---- the end

    final void refuseClosed() throws ClosedChannelException {
        if (fd < 0 || !isOpen()) {
            throw new ClosedChannelException();
        }
    }

    final void refuseUnconnected() throws ClosedChannelException {
        refuseClosed();
        if (state != State.CONNECTED) {
            throw new NotYetConnectedException();
        }
    }

    @Override
    protected synchronized void implCloseSelectableChannel() {
        if (fd >= 0) {
            int closed = fd;
            fd = -1;
            Libc.close(closed);
        }
    }

    @Override
    protected void implConfigureBlocking(boolean block) {
        refuseBlocking(block);
    }

    static void refuseBlocking(boolean block) {
        if (block) {
            throw new UnsupportedOperationException("the native transport never blocks");
        }
    }

    // ---- for the selector

    @Override
    public synchronized int descriptor() {
        return fd;
    }

    @Override
    public int events() {
        return Libc.EPOLLIN | Libc.EPOLLRDHUP | Libc.EPOLLPRI | Libc.EPOLLET;
    }

    @Override
    public boolean isConnecting() {
        return isConnectionPending();
    }

    @Override
    public synchronized void key(EpollKey fresh) {
        earlierKey = key;
        key = fresh;
    }

    @Override
    public synchronized void dropped(EpollKey over) {
        if (key == over) {
            key = earlierKey;
            earlierKey = null;
        } else if (earlierKey == over) {
            earlierKey = null;
        }
    }
}
