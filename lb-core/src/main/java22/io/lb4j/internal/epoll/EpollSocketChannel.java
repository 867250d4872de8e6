package io.lb4j.internal.epoll;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.NoConnectionPendingException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A TCP socket that never blocks. Thread-safe until it is registered, and then to be used on the selector's thread, but for
 * closing it. Each call is one at a time, so that none meets a descriptor of others.
 */
final class EpollSocketChannel extends SocketChannel implements EpollChannel {
    private enum State {
        UNCONNECTED,
        CONNECTING,
        CONNECTED
    }

    private final int family;

    /** Guarded by this, as all below. */
    private int fd = -1;

    private State state = State.UNCONNECTED;
    private @Nullable InetSocketAddress local;
    private @Nullable InetSocketAddress remote;
    private boolean isBound;

    /** The peer's address as accept has told it, for who asks; an object is made of it then, when there is memory for it. */
    private long peer0;

    private long peer8;
    private long peer16;
    private int peer24;

    /*
     * Of a socket that nothing is on its way from, the first write is sent whatever this option says (Nagle's rule, RFC
     * 896, holds back what is small while something small is on its way): so it is set before the second one, and never
     * for a connection that has only one.
     */
    private boolean hasNoDelay;

    private boolean wantsNoDelay;
    private boolean hasWritten;

    /** No byte comes any more: the end of the stream has been seen, or is what comes next. */
    private boolean isAtEnd;

    private boolean isReset;
    private boolean isInputShut;
    private boolean isOutputShut;

    /** Whether there is room is to be asked of the kernel. */
    private boolean isRoomUnknown;

    /** Who hears of it, and who did before and still may, while its selector is replaced by another one. */
    private @Nullable EpollKey key;

    private @Nullable EpollKey earlierKey;

    /** Without a descriptor. */
    EpollSocketChannel(SelectorProvider provider, int family) {
        super(provider);
        this.family = family;
    }

    static EpollSocketChannel open(SelectorProvider provider, int family) throws IOException {
        EpollSocketChannel channel = new EpollSocketChannel(provider, family);
        synchronized (channel) {
            channel.fd = EpollSockets.socket(family);
        }
        return channel;
    }

    /** Is the connection of this descriptor, whose peer is in the scratch. Allocates nothing. */
    synchronized void accepted(int descriptor, Scratch scratch) {
        // Of the listener.
        hasNoDelay = true;
        wantsNoDelay = true;
        peer0 = scratch.address.getAtIndex(ValueLayout.JAVA_LONG, 0);
        peer8 = scratch.address.getAtIndex(ValueLayout.JAVA_LONG, 1);
        peer16 = scratch.address.getAtIndex(ValueLayout.JAVA_LONG, 2);
        peer24 = (int) scratch.address.getAtIndex(ValueLayout.JAVA_LONG, 3);
        isBound = true;
        state = State.CONNECTED;
        fd = descriptor;
    }

    private InetSocketAddress peer() {
        MemorySegment address = Scratch.get().address;
        address.setAtIndex(ValueLayout.JAVA_LONG, 0, peer0);
        address.setAtIndex(ValueLayout.JAVA_LONG, 1, peer8);
        address.setAtIndex(ValueLayout.JAVA_LONG, 2, peer16);
        address.setAtIndex(ValueLayout.JAVA_LONG, 3, peer24);
        return SocketAddresses.get(address);
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

    // ---- bytes

    @Override
    public synchronized int read(ByteBuffer into) throws IOException {
        refuseUnconnected();
        if (into.isReadOnly()) {
            throw new IllegalArgumentException("Read-only buffer");
        }
        int most = into.remaining();
        if (isReset) {
            throw Errors.reset();
        }
        if (isAtEnd || isInputShut) {
            return -1;
        }
        if (most == 0) {
            return 0;
        }
        if (into.isDirect()) {
            return receive(into);
        }
        ByteBuffer direct = ByteBuffer.allocateDirect(most);
        int read = receive(direct);
        into.put(direct.flip());
        return read;
    }

    private int receive(ByteBuffer into) throws IOException {
        Scratch scratch = Scratch.get();
        int most = into.remaining();
        MemorySegment memory = scratch.remaining(into);
        long received;
        do {
            received = Libc.recv(scratch, fd, memory, most);
        } while (received == -Libc.EINTR);
        EpollKey told = key;
        if (received > 0) {
            into.position(into.position() + (int) received);
            if (received < most && told != null) {
                isAtEnd = told.readShort();
            }
            return (int) received;
        }
        if (received == 0) {
            isAtEnd = true;
            return -1;
        }
        if (received == -Libc.EAGAIN) {
            if (told != null) {
                told.readNothing();
            }
            return 0;
        }
        if (received == -Libc.ECONNRESET) {
            isReset = true;
            throw Errors.reset();
        }
        throw Errors.ofTransfer(received);
    }

    @Override
    public synchronized int write(ByteBuffer from) throws IOException {
        refuseUnconnected();
        if (isOutputShut) {
            throw new ClosedChannelException();
        }
        int most = from.remaining();
        if (most == 0) {
            return 0;
        }
        if (from.isDirect()) {
            int sent = send(from);
            from.position(from.position() + sent);
            return sent;
        }
        ByteBuffer direct =
                ByteBuffer.allocateDirect(most).put(from.duplicate()).flip();
        int sent = send(direct);
        from.position(from.position() + sent);
        return sent;
    }

    /** Returns how much of it was taken. */
    private int send(ByteBuffer from) throws IOException {
        if (hasWritten && wantsNoDelay != hasNoDelay) {
            settleNoDelay();
        }
        hasWritten = true;
        Scratch scratch = Scratch.get();
        int most = from.remaining();
        MemorySegment memory = scratch.remaining(from);
        long sent;
        do {
            sent = Libc.send(scratch, fd, memory, most);
        } while (sent == -Libc.EINTR);
        if (sent < 0 && sent != -Libc.EAGAIN) {
            throw Errors.ofTransfer(sent);
        }
        int taken = (int) Math.max(0, sent);
        EpollKey told = key;
        if (taken < most) {
            // For the key after this one, too.
            isRoomUnknown = true;
            if (told != null) {
                told.isFull();
            }
        }
        return taken;
    }

    @Override
    public synchronized long read(ByteBuffer[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        long all = 0;
        for (int i = offset; i < offset + length; i++) {
            int wanted = into[i].remaining();
            int read = read(into[i]);
            if (read < 0) {
                return all == 0 ? -1 : all;
            }
            all += read;
            if (read < wanted) {
                return all;
            }
        }
        return all;
    }

    @Override
    public synchronized long write(ByteBuffer[] from, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, from.length);
        long all = 0;
        for (int i = offset; i < offset + length; i++) {
            all += write(from[i]);
            if (from[i].hasRemaining()) {
                return all;
            }
        }
        return all;
    }

    @Override
    public synchronized SocketChannel shutdownInput() throws IOException {
        refuseUnconnected();
        if (!isInputShut) {
            shutdown(Libc.SHUT_RD);
            isInputShut = true;
        }
        return this;
    }

    @Override
    public synchronized SocketChannel shutdownOutput() throws IOException {
        refuseUnconnected();
        if (!isOutputShut) {
            shutdown(Libc.SHUT_WR);
            isOutputShut = true;
        }
        return this;
    }

    private void shutdown(int how) throws IOException {
        int done = Libc.shutdown(Scratch.get(), fd, how);
        if (done < 0 && done != -Libc.ENOTCONN) {
            throw Errors.ofSocket(done);
        }
    }

    // ---- what is known of it

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

    @Override
    public synchronized <T> SocketChannel setOption(SocketOption<T> name, T value) throws IOException {
        refuseClosed();
        if (name == StandardSocketOptions.TCP_NODELAY) {
            wantsNoDelay = (Boolean) value;
            return this;
        }
        Options.set(fd, name, value);
        if (name == StandardSocketOptions.SO_SNDBUF) {
            isRoomUnknown = true;
            EpollKey told = key;
            if (told != null) {
                told.askAnew(Libc.EPOLLOUT);
            }
        }
        return this;
    }

    @Override
    public synchronized <T> T getOption(SocketOption<T> name) throws IOException {
        refuseClosed();
        if (name == StandardSocketOptions.TCP_NODELAY) {
            settleNoDelay();
        }
        return Options.get(fd, name);
    }

    private void settleNoDelay() throws IOException {
        Options.set(fd, StandardSocketOptions.TCP_NODELAY, wantsNoDelay);
        hasNoDelay = wantsNoDelay;
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return Options.OF_SOCKETS;
    }

    @Override
    public Socket socket() {
        throw new UnsupportedOperationException();
    }

    @Override
    public synchronized String toString() {
        return "native socket " + fd + ", " + state + (remote == null ? "" : " to " + remote);
    }

    // ---- the end

    private void refuseClosed() throws ClosedChannelException {
        if (fd < 0 || !isOpen()) {
            throw new ClosedChannelException();
        }
    }

    private void refuseUnconnected() throws ClosedChannelException {
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
    public synchronized int knownAtFirst() {
        return state == State.CONNECTED && !isRoomUnknown ? Libc.EPOLLOUT : 0;
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
