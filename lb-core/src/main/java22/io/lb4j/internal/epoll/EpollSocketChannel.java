package io.lb4j.internal.epoll;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.Socket;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.Objects;
import java.util.Set;

/**
 * The bytes of a TCP socket that never blocks, and its options: what is written and read, and what is known of the room and
 * the end. Thread-safe until it is registered, and then to be used on the selector's thread, but for closing it.
 */
final class EpollSocketChannel extends ConnectableSocket {
    /*
     * Of a socket that nothing is on its way from, the first write is sent whatever this option says (Nagle's rule, RFC
     * 896, holds back what is small while something small is on its way): so it is set before the second one, and never
     * for a connection that has only one.
     *
     * The ways from here to the kernel are kept short: what the JIT compiler does not inline as a whole, because it is too
     * deep (MaxInlineLevel), allocates with each call.
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

    /** Without a descriptor. */
    EpollSocketChannel(SelectorProvider provider, int family) {
        super(provider, family);
    }

    static EpollSocketChannel open(SelectorProvider provider, int family) throws IOException {
        EpollSocketChannel channel = new EpollSocketChannel(provider, family);
        channel.obtain();
        return channel;
    }

    @Override
    synchronized void accepted(int descriptor, Scratch scratch) {
        // Of the listener.
        hasNoDelay = true;
        wantsNoDelay = true;
        super.accepted(descriptor, scratch);
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
        if (!into.isDirect()) {
            ByteBuffer direct = ByteBuffer.allocateDirect(most);
            int read = read(direct);
            into.put(direct.flip());
            return read;
        }
        Scratch scratch = Scratch.get();
        MemorySegment memory = scratch.remaining(into);
        long received;
        do {
            received = Libc.recv(scratch, fd, memory, most);
        } while (received == -Libc.EINTR);
        if (received <= 0) {
            return receivedNone(received);
        }
        into.position(into.position() + (int) received);
        EpollKey told = key;
        if (received < most && told != null) {
            isAtEnd = told.readShort();
        }
        return (int) received;
    }

    private int receivedNone(long received) throws IOException {
        if (received == 0) {
            isAtEnd = true;
            return -1;
        }
        if (received == -Libc.EAGAIN) {
            EpollKey told = key;
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

    /** As {@link #read(ByteBuffer)}, into an empty pipe; but what it brings, or that it brings nothing, says no more. */
    synchronized int readInto(int pipe, int most) throws IOException {
        refuseUnconnected();
        if (isReset) {
            throw Errors.reset();
        }
        if (isAtEnd || isInputShut) {
            return -1;
        }
        Scratch scratch = Scratch.get();
        long received;
        do {
            received = PipeCalls.splice(scratch, fd, pipe, most);
        } while (received == -Libc.EINTR);
        if (received == 0 || received == -Libc.EAGAIN) {
            // There may be some behind a mark of urgent data, where a splice says either; only a read gets over it.
            return 0;
        }
        return received > 0 ? (int) received : receivedNone(received);
    }

    /** Whether the peer is known to have ended its stream, and not to have reset the connection after that. */
    synchronized boolean hasEnded() {
        EpollKey told = key;
        return isAtEnd || (told != null && told.hasOnlyEnded());
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
        if (!from.isDirect()) {
            ByteBuffer direct =
                    ByteBuffer.allocateDirect(most).put(from.duplicate()).flip();
            int sent = write(direct);
            from.position(from.position() + sent);
            return sent;
        }
        Scratch scratch = beforeWrite();
        MemorySegment memory = scratch.remaining(from);
        long sent;
        do {
            sent = Libc.send(scratch, fd, memory, most);
        } while (sent == -Libc.EINTR);
        if (sent < 0 && sent != -Libc.EAGAIN) {
            throw Errors.ofTransfer(sent);
        }
        int taken = (int) Math.max(0, sent);
        from.position(from.position() + taken);
        if (taken < most) {
            tookNoMore();
        }
        return taken;
    }

    private Scratch beforeWrite() throws IOException {
        if (hasWritten && wantsNoDelay != hasNoDelay) {
            settleNoDelay();
        }
        hasWritten = true;
        return Scratch.get();
    }

    private void tookNoMore() {
        // For the key after this one, too.
        isRoomUnknown = true;
        EpollKey told = key;
        if (told != null) {
            told.isFull();
        }
    }

    /**
     * As {@link #write(ByteBuffer)}, out of a pipe that holds so many.
     *
     * @return how many were taken, which if not all says nothing of the room; 0 if there is none; or the negative errno
     */
    synchronized long writeFrom(int pipe, int most) throws IOException {
        refuseUnconnected();
        if (isOutputShut) {
            throw new ClosedChannelException();
        }
        Scratch scratch = beforeWrite();
        long sent;
        do {
            sent = PipeCalls.splice(scratch, pipe, fd, most);
        } while (sent == -Libc.EINTR);
        if (sent == -Libc.EAGAIN) {
            tookNoMore();
            return 0;
        }
        return sent;
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

    // ---- options

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

    // ---- for the selector

    @Override
    public synchronized int knownAtFirst() {
        return isConnected() && !isRoomUnknown ? Libc.EPOLLOUT : 0;
    }
}
