package io.lb4j.simulation;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.NoConnectionPendingException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A socket of the engine on the simulated network: the JDK's rules on top of a {@link TcpEnd}. */
final class SimSocketChannel extends SocketChannel implements SimChannel {
    private enum State {
        NEW,
        PENDING,
        REFUSED,
        CONNECTED
    }

    private static final Set<SocketOption<?>> OPTIONS = Set.of(
            StandardSocketOptions.TCP_NODELAY,
            StandardSocketOptions.SO_KEEPALIVE,
            StandardSocketOptions.SO_LINGER,
            StandardSocketOptions.SO_SNDBUF);

    private final SimNet net;
    private final ProtocolFamily family;
    private final List<SimKey> keys = new ArrayList<>(1);
    private State state = State.NEW;
    private TcpEnd end;
    private InetSocketAddress local;
    private InetSocketAddress remote;
    private int linger = -1;
    private boolean answered;
    private boolean closing;
    private boolean killed;
    private boolean endSeen;

    /** Whatever the oracles know of the connection this socket belongs to. */
    private Object truth;

    SimSocketChannel(SimNet net, ProtocolFamily family) {
        super(net);
        this.net = net;
        this.family = family;
    }

    /** A channel that was accepted. */
    static SimSocketChannel accepted(SimNet net, TcpEnd end, InetSocketAddress local, InetSocketAddress remote) {
        SimSocketChannel channel = new SimSocketChannel(net, StandardProtocolFamily.INET);
        channel.connected(end, local, remote);
        return channel;
    }

    private void connected(TcpEnd end, InetSocketAddress local, InetSocketAddress remote) {
        state = State.CONNECTED;
        this.end = end;
        this.local = local;
        this.remote = remote;
        end.watch(this::changed);
    }

    /** The engine calls this channel. */
    private void exit(Exit exit) {
        try {
            net.exits.call(exit);
        } catch (Error injected) {
            net.witness().failed(this);
            throw injected;
        }
    }

    // ---- connecting

    @Override
    public boolean connect(SocketAddress to) throws IOException {
        net.progressed();
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
        if (state != State.NEW) {
            throw new ConnectionPendingException();
        }
        InetSocketAddress target = (InetSocketAddress) to;
        if (family == StandardProtocolFamily.INET && target.getAddress().getAddress().length != 4) {
            throw new UnsupportedAddressTypeException();
        }
        exit(Exit.CONNECT);
        remote = target;
        state = State.PENDING;
        net.dial(this, target, new SimNet.ConnectAttempt() {
            @Override
            public void established(TcpEnd made) {
                answer(made);
            }

            @Override
            public void refused() {
                answer(null);
            }

            @Override
            public void connectedToItself() {
                TcpEnd self = new TcpEnd(net.timeline, "self", 1 << 16, 1 << 16);
                TcpEnd.connect(self, self);
                local = remote;
                answer(self);
            }
        });
        exit(Exit.CONNECT_DONE);
        return false;
    }

    private void answer(TcpEnd made) {
        if (killed || closing) {
            if (made != null) {
                made.close(true);
            }
            return;
        }
        answered = true;
        end = made;
        if (made != null) {
            made.watch(this::changed);
        }
        changed();
    }

    @Override
    public boolean finishConnect() throws IOException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
        exit(Exit.FINISH_CONNECT);
        if (state == State.CONNECTED) {
            return true;
        }
        if (state != State.PENDING) {
            throw new NoConnectionPendingException();
        }
        if (!answered) {
            return false;
        }
        net.progressed();
        if (end == null) {
            state = State.REFUSED;
            close();
            throw new ConnectException("Connection refused");
        }
        state = State.CONNECTED;
        if (local == null) {
            local = new InetSocketAddress(InetAddress.getLoopbackAddress(), 61_000);
        }
        exit(Exit.FINISH_CONNECT_DONE);
        return true;
    }

    // ---- moving bytes

    @Override
    public int read(ByteBuffer into) throws IOException {
        requireConnected();
        exit(Exit.READ);
        int most = into.remaining();
        if (end.hasUnread() && most > 1 && net.timeline.oneIn(net.faults.shortTransfers)) {
            most = net.timeline.between(1, most);
        }
        int size;
        try {
            size = end.read(most);
        } catch (IOException reset) {
            sawEnd();
            net.trace(this, "read throws", reset.getMessage());
            throw new SocketException(reset.getMessage());
        }
        net.trace(this, "read", size);
        if (size > 0) {
            net.progressed();
            net.timeline.note(size);
            net.witness().read(this, into, size);
        } else if (size < 0) {
            sawEnd();
        }
        exit(Exit.READ_DONE);
        return size;
    }

    /** Who reads the end of its stream again is told of it again. */
    void tellEndAgain() {
        endSeen = false;
    }

    private void sawEnd() {
        if (!endSeen) {
            endSeen = true;
            net.progressed();
            net.witness().ended(this);
        }
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
        requireConnected();
        exit(Exit.WRITE);
        int room;
        try {
            room = end.room(bytes.remaining());
        } catch (IOException failure) {
            net.progressed();
            net.witness().writeFailed(this);
            net.trace(this, "write throws", failure.getMessage());
            throw failure;
        }
        if (net.timeline.oneIn(net.faults.zeroWrites)) {
            net.progressed();
            return 0;
        }
        if (room > 1 && net.timeline.oneIn(net.faults.shortTransfers)) {
            room = net.timeline.between(1, room);
        }
        net.trace(this, "write", room);
        if (room > 0) {
            net.progressed();
            int limit = bytes.limit();
            bytes.limit(bytes.position() + room);
            net.witness().wrote(this, bytes);
            bytes.position(bytes.limit()).limit(limit);
            end.write(room);
        }
        exit(Exit.WRITE_DONE);
        return room;
    }

    private void requireConnected() throws ClosedChannelException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
        if (state != State.CONNECTED) {
            throw new NotYetConnectedException();
        }
    }

    @Override
    public SocketChannel shutdownOutput() throws IOException {
        requireConnected();
        exit(Exit.SHUTDOWN_OUTPUT);
        net.progressed();
        net.trace(this, "shutdownOutput", "");
        end.shutdownOutput();
        return this;
    }

    // ---- what a selector asks

    @Override
    public int ready(int interest) {
        if (killed) {
            return 0;
        }
        if (state == State.NEW) {
            return interest;
        }
        if (state == State.PENDING) {
            return answered ? interest & SelectionKey.OP_CONNECT : 0;
        }
        if (state == State.REFUSED) {
            return interest & ~SelectionKey.OP_CONNECT;
        }
        if (end.isBroken()) {
            return interest;
        }
        return interest
                & ((end.isReadable() ? SelectionKey.OP_READ : 0) | (end.isWritable() ? SelectionKey.OP_WRITE : 0));
    }

    @Override
    public boolean wakesInVain(int interest) {
        boolean hungUp = state == State.NEW && interest != 0;
        return !killed
                && (hungUp
                        || (state == State.CONNECTED && (interest & SelectionKey.OP_CONNECT) != 0 && end.isWritable()));
    }

    /** Epoll asks the socket before it reports it, and the engine counts on that where it waits for a delivery. */
    @Override
    public int spuriouslyReady(int interest) {
        int possible = state == State.CONNECTED ? interest & ~SelectionKey.OP_CONNECT : interest;
        return end != null && end.isShrunk() ? possible & ~SelectionKey.OP_WRITE : possible;
    }

    @Override
    public List<SimKey> keys() {
        return keys;
    }

    private void changed() {
        for (SimKey key : keys) {
            key.channelChanged();
        }
    }

    // ---- closing

    /*
     * As the JDK does it: a registered channel that is closed stays open for the kernel until its selector's next
     * select. Unless a reset was asked for (SO_LINGER 0), the end of its stream is sent at once.
     */
    @Override
    protected void implCloseSelectableChannel() {
        net.progressed();
        net.trace(this, "close, SO_LINGER", linger);
        closing = true;
        if (keys.isEmpty()) {
            kill();
        } else {
            net.closing(1);
            if (linger != 0 && state == State.CONNECTED) {
                end.shutdownOutput();
            }
        }
        exit(Exit.CLOSE_SOCKET);
    }

    @Override
    public void deregistered() {
        if (closing && !killed && keys.isEmpty()) {
            net.closing(-1);
            kill();
        }
    }

    private void kill() {
        if (!killed) {
            killed = true;
            net.giveBackDescriptor();
            if (end != null) {
                end.close(linger == 0);
            }
        }
    }

    // ---- the rest of a SocketChannel

    @Override
    public <T> SocketChannel setOption(SocketOption<T> option, T value) throws IOException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
        exit(Exit.SET_OPTION);
        if (option.equals(StandardSocketOptions.SO_LINGER)) {
            linger = (Integer) value;
        } else if (option.equals(StandardSocketOptions.SO_SNDBUF)) {
            end.sendBuffer((Integer) value);
        }
        return this;
    }

    @Override
    public <T> T getOption(SocketOption<T> option) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return OPTIONS;
    }

    @Override
    protected void implConfigureBlocking(boolean block) {}

    /** Only asked of one that never connects, to see whether somebody listens there. */
    @Override
    public SocketChannel bind(SocketAddress address) throws IOException {
        local = net.bindable((InetSocketAddress) address, false);
        return this;
    }

    @Override
    public SocketChannel shutdownInput() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Socket socket() {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isConnected() {
        return state == State.CONNECTED;
    }

    @Override
    public boolean isConnectionPending() {
        return state == State.PENDING;
    }

    @Override
    public SocketAddress getRemoteAddress() throws ClosedChannelException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
        exit(Exit.ADDRESS);
        return remote;
    }

    @Override
    public SocketAddress getLocalAddress() throws ClosedChannelException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
        exit(Exit.ADDRESS);
        return local;
    }

    @Override
    public long read(ByteBuffer[] into, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long write(ByteBuffer[] bytes, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    // ---- for oracles

    InetSocketAddress remote() {
        return remote;
    }

    InetSocketAddress localAddress() {
        return local;
    }

    TcpEnd end() {
        return end;
    }

    void truth(Object truth) {
        this.truth = truth;
    }

    Object truth() {
        return truth;
    }

    /** Whether a selector has it. */
    boolean isWatched() {
        return keys.stream().anyMatch(SimKey::isValid);
    }

    /** What it waits for, in whatever selector. */
    int interest() {
        return keys.stream()
                .filter(SimKey::isValid)
                .mapToInt(SimKey::interestOps)
                .reduce(0, (one, other) -> one | other);
    }

    @Override
    public String toString() {
        return "socket to " + remote + " " + state + " " + end;
    }
}
