package io.lb4j.simulation;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetBoundException;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;

/** A listening socket of the engine, with its backlog. */
final class SimServerChannel extends ServerSocketChannel implements SimChannel {
    private record Waiting(TcpEnd end, InetSocketAddress from) {}

    private final SimNet net;
    private final List<SimKey> keys = new ArrayList<>(1);
    private final Queue<Waiting> backlog = new ArrayDeque<>();
    private int backlogLimit;
    private boolean shared;
    private InetSocketAddress local;
    private boolean killed;

    SimServerChannel(SimNet net) {
        super(net);
        this.net = net;
    }

    // ---- as the engine sees it

    @Override
    public ServerSocketChannel bind(SocketAddress address, int limit) throws IOException {
        backlogLimit = limit < 1 ? 50 : limit;
        net.bind(this, (InetSocketAddress) address);
        return this;
    }

    @Override
    public SocketChannel accept() throws IOException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
        if (local == null) {
            throw new NotYetBoundException();
        }
        net.exits.call(Exit.ACCEPT);
        if (backlog.isEmpty()) {
            return null;
        }
        net.progressed();
        if (net.timeline.oneIn(net.faults.failingAccepts)) {
            net.faults.shortages++;
            throw new IOException("Software caused connection abort");
        }
        net.takeDescriptor();
        Waiting first = backlog.remove();
        try {
            net.exits.call(Exit.ACCEPT_DONE);
        } catch (Error lost) {
            // The JDK leaks the descriptor. It is not the engine's, and the client will give up sometime.
            net.giveBackDescriptor();
            first.end.close(true);
            net.witness().lost(first.from);
            throw lost;
        }
        SimSocketChannel channel = SimSocketChannel.accepted(net, first.end, local, first.from);
        net.witness().accepted(channel);
        return channel;
    }

    @Override
    public <T> ServerSocketChannel setOption(SocketOption<T> option, T value) {
        net.exits.call(Exit.SET_OPTION);
        if (option.equals(StandardSocketOptions.SO_REUSEPORT)) {
            shared = (Boolean) value;
        }
        return this;
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return net.sharesPorts() ? Set.of(StandardSocketOptions.SO_REUSEPORT) : Set.of();
    }

    @Override
    public SocketAddress getLocalAddress() {
        net.exits.call(Exit.ADDRESS);
        return local;
    }

    /** Closed at once unless registered; who waits in the backlog is reset when it is closed for good. */
    @Override
    protected void implCloseSelectableChannel() {
        net.progressed();
        net.witness().listenerClosed(backlog.size());
        if (keys.isEmpty()) {
            kill();
        }
        net.exits.call(Exit.CLOSE_LISTENER);
    }

    @Override
    public void deregistered() {
        if (!isOpen() && keys.isEmpty()) {
            kill();
        }
    }

    private void kill() {
        if (!killed) {
            killed = true;
            net.giveBackDescriptor();
            net.unbind(this);
            backlog.forEach(waiting -> waiting.end.close(true));
            backlog.clear();
        }
    }

    // ---- as the network sees it

    void bound(InetSocketAddress address) {
        local = address;
    }

    int port() {
        return local.getPort();
    }

    boolean isShared() {
        return shared;
    }

    boolean isFull() {
        return backlog.size() >= Math.min(backlogLimit, net.faults.backlog);
    }

    int waiting() {
        return backlog.size();
    }

    void enqueue(TcpEnd end, InetSocketAddress from) {
        backlog.add(new Waiting(end, from));
        keys.forEach(SimKey::channelChanged);
    }

    @Override
    public int ready(int interest) {
        return killed || backlog.isEmpty() ? 0 : interest & SelectionKey.OP_ACCEPT;
    }

    @Override
    public List<SimKey> keys() {
        return keys;
    }

    // ---- the rest of a ServerSocketChannel

    @Override
    protected void implConfigureBlocking(boolean block) {}

    @Override
    public ServerSocket socket() {
        throw new UnsupportedOperationException();
    }

    @Override
    public <T> T getOption(SocketOption<T> option) {
        throw new UnsupportedOperationException();
    }
}
