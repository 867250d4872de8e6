package io.lb4j.internal.epoll;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.AlreadyBoundException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetBoundException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A listening socket that never blocks. Thread-safe; each call is one at a time, so that none meets a descriptor of others. */
final class EpollServerSocketChannel extends ServerSocketChannel implements EpollChannel {
    private static final int DEFAULT_BACKLOG = 50;

    private final int family;

    /** Guarded by this, as all below. */
    private int fd;

    private @Nullable InetSocketAddress local;

    /** What the next one who comes is accepted as: no descriptor is without an owner for want of memory. */
    private @Nullable EpollSocketChannel next;

    private EpollServerSocketChannel(SelectorProvider provider, int family) {
        super(provider);
        this.family = family;
    }

    static EpollServerSocketChannel open(SelectorProvider provider, int family) throws IOException {
        EpollServerSocketChannel listener = new EpollServerSocketChannel(provider, family);
        listener.obtain();
        return listener;
    }

    private synchronized void obtain() throws IOException {
        fd = EpollSockets.socket(family);
        try {
            // As the JDK's: a port whose last connections linger can be listened on again.
            Options.set(fd, StandardSocketOptions.SO_REUSEADDR, true);
        } catch (Throwable failure) {
            close();
            throw failure;
        }
    }

    @Override
    public synchronized ServerSocketChannel bind(@Nullable SocketAddress address, int backlog) throws IOException {
        refuseClosed();
        if (local != null) {
            throw new AlreadyBoundException();
        }
        InetSocketAddress wanted = address == null ? new InetSocketAddress(0) : SocketAddresses.checked(address);
        Scratch scratch = Scratch.get();
        // Those who are accepted inherit it (tcp(7)).
        Options.set(fd, StandardSocketOptions.TCP_NODELAY, true);
        Errors.check(Libc.bind(scratch, fd, SocketAddresses.put(scratch.address, family, wanted)));
        Errors.check(Libc.listen(scratch, fd, backlog < 1 ? DEFAULT_BACKLOG : backlog));
        Errors.check(Libc.getsockname(scratch, fd));
        local = SocketAddresses.get(scratch.address);
        return this;
    }

    @Override
    public synchronized @Nullable SocketChannel accept() throws IOException {
        refuseClosed();
        if (local == null) {
            throw new NotYetBoundException();
        }
        EpollSocketChannel accepted = next == null ? new EpollSocketChannel(provider(), family) : next;
        next = accepted;
        Scratch scratch = Scratch.get();
        int peer;
        do {
            peer = Libc.accept4(scratch, fd);
        } while (peer == -Libc.ECONNABORTED || peer == -Libc.EINTR);
        if (peer == -Libc.EAGAIN) {
            return null;
        }
        if (peer < 0) {
            throw Errors.ofTransfer(peer);
        }
        next = null;
        try {
            accepted.accepted(peer, scratch);
        } catch (Throwable exhausted) {
            Libc.close(peer);
            throw exhausted;
        }
        return accepted;
    }

    private void refuseClosed() throws ClosedChannelException {
        if (fd < 0 || !isOpen()) {
            throw new ClosedChannelException();
        }
    }

    @Override
    public synchronized @Nullable SocketAddress getLocalAddress() throws IOException {
        refuseClosed();
        return local;
    }

    @Override
    public synchronized <T> ServerSocketChannel setOption(SocketOption<T> name, T value) throws IOException {
        refuseClosed();
        refuseUnsupported(name);
        Options.set(fd, name, value);
        return this;
    }

    @Override
    public synchronized <T> T getOption(SocketOption<T> name) throws IOException {
        refuseClosed();
        refuseUnsupported(name);
        return Options.get(fd, name);
    }

    private static void refuseUnsupported(SocketOption<?> name) {
        if (!Options.OF_LISTENERS.contains(name)) {
            throw new UnsupportedOperationException("'" + name + "' not supported");
        }
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return Options.OF_LISTENERS;
    }

    @Override
    public ServerSocket socket() {
        throw new UnsupportedOperationException();
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
        EpollSocketChannel.refuseBlocking(block);
    }

    // ---- for the selector

    @Override
    public synchronized int descriptor() {
        return fd;
    }

    @Override
    public int events() {
        return Libc.EPOLLIN;
    }

    @Override
    public int knownAtFirst() {
        return 0;
    }

    @Override
    public boolean isConnecting() {
        return false;
    }

    @Override
    public void key(EpollKey key) {
        // It has nothing to tell its key.
    }

    @Override
    public void dropped(EpollKey key) {
        // As above.
    }
}
