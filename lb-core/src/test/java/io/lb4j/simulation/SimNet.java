package io.lb4j.simulation;

import io.lb4j.internal.loop.SplicePipe;
import io.lb4j.internal.loop.Splicing;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A network of one machine, and the other ends of its connections: what the engine opens instead of the JDK's sockets. */
final class SimNet extends SelectorProvider implements Splicing {
    /** What becomes of connections to addresses that are no listener of the engine's. */
    interface Outside {
        /** The engine connects; {@code attempt} is to be answered now or later, or never. */
        void dial(SimSocketChannel channel, InetSocketAddress to, ConnectAttempt attempt) throws IOException;
    }

    /** Is told what the engine does, before its call returns; throws what it has to object. */
    interface Witness {
        default void accepted(SimSocketChannel channel) {}

        /** The kernel had accepted this client's connection when the call failed: nobody will ever serve it. */
        default void lost(InetSocketAddress client) {}

        /** A call of this channel fails with an injected error. */
        default void failed(SimSocketChannel channel) {}

        /** A listening socket is closed while so many wait in its backlog. */
        default void listenerClosed(int waiting) {}

        /** Has read {@code size} bytes, which the witness must put there. */
        default void read(SimSocketChannel channel, ByteBuffer into, int size) {
            into.position(into.position() + size);
        }

        /** The bytes between position and limit were accepted. */
        default void wrote(SimSocketChannel channel, ByteBuffer bytes) {}

        default void writeFailed(SimSocketChannel channel) {}

        /** Has read the end of the stream, or that it was reset. */
        default void ended(SimSocketChannel channel) {}
    }

    static final int ANY_LISTENER = -1;

    private static final boolean TRACE = Boolean.getBoolean("sim.trace");
    private static final long SYN_RETRY = TimeUnit.SECONDS.toNanos(1);

    /** A kernel gives up after two minutes. A test of an engine that accepts late must not see that. */
    private static final int SYN_RETRIES = 100_000;

    final Timeline timeline;
    final Faults faults;
    final Exits exits;
    private final Outside outside;
    private final List<SimServerChannel> listeners = new ArrayList<>();
    private Witness witness = new Witness() {};
    private SimSelector lastSelected;
    private int open;
    private int pipes;
    private int closing;
    private int nextPort = 20_000;
    private long progress;

    /** A network on which no call fails by itself. */
    SimNet(Timeline timeline, Faults faults, Outside outside) {
        this(timeline, faults, new Exits(null), outside);
    }

    SimNet(Timeline timeline, Faults faults, Exits exits, Outside outside) {
        this.timeline = timeline;
        this.faults = faults;
        this.exits = exits;
        this.outside = outside;
    }

    void witness(Witness witness) {
        this.witness = witness;
    }

    Witness witness() {
        return witness;
    }

    // ---- what the engine opens

    @Override
    public SocketChannel openSocketChannel() throws IOException {
        return openSocketChannel(StandardProtocolFamily.INET6);
    }

    @Override
    public SocketChannel openSocketChannel(ProtocolFamily family) throws IOException {
        exits.call(Exit.OPEN_SOCKET);
        takeDescriptor();
        return new SimSocketChannel(this, family);
    }

    @Override
    public ServerSocketChannel openServerSocketChannel() throws IOException {
        exits.call(Exit.OPEN_LISTENER);
        takeDescriptor();
        return new SimServerChannel(this);
    }

    @Override
    public AbstractSelector openSelector() throws IOException {
        exits.call(Exit.OPEN_SELECTOR);
        takeDescriptor();
        return new SimSelector(this);
    }

    @Override
    public DatagramChannel openDatagramChannel() {
        throw new UnsupportedOperationException();
    }

    @Override
    public DatagramChannel openDatagramChannel(ProtocolFamily family) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Pipe openPipe() {
        throw new UnsupportedOperationException();
    }

    @Override
    public SplicePipe openPipeOfKernel() {
        try {
            exits.call(Exit.OPEN_PIPE);
        } catch (StackOverflowError injected) {
            // For want of memory a stream does without, and nobody may notice.
            if (lastSelected != null) {
                lastSelected.failedForWhomIsHandled();
            }
            throw injected;
        }
        if (timeline.oneIn(faults.noPipes)) {
            return null;
        }
        pipes++;
        return new SimPipe(this);
    }

    @Override
    public int worthwhile() {
        return 1;
    }

    void pipeClosed() {
        pipes--;
    }

    /** Pipes the engine holds. */
    int openPipes() {
        return pipes;
    }

    void takeDescriptor() throws IOException {
        if (open >= faults.descriptors) {
            faults.shortages++;
            throw new IOException("Too many open files");
        }
        open++;
    }

    void giveBackDescriptor() {
        open--;
    }

    /** Descriptors the engine holds: sockets, listeners, selectors. */
    int openDescriptors() {
        return open;
    }

    /** A socket was closed while a selector had it, or is now closed for good. */
    void closing(int sockets) {
        closing += sockets;
    }

    /** Descriptors that the next turns of the loops will close. */
    int closingDescriptors() {
        return closing;
    }

    // ---- listening

    void bind(SimServerChannel listener, InetSocketAddress wanted) throws BindException {
        listener.bound(bindable(wanted, listener.isShared()));
        listeners.add(listener);
    }

    /** What a socket that is bound there gets, with a port. */
    InetSocketAddress bindable(InetSocketAddress wanted, boolean shared) throws BindException {
        int port = wanted.getPort() == 0 ? nextPort++ : wanted.getPort();
        for (SimServerChannel other : listeners) {
            if (other.port() == port && !(other.isShared() && shared)) {
                throw new BindException("Address already in use");
            }
        }
        return new InetSocketAddress(wanted.getAddress(), port);
    }

    void unbind(SimServerChannel listener) {
        listeners.remove(listener);
    }

    /** Whether several sockets can listen on one port (SO_REUSEPORT). */
    boolean sharesPorts() {
        return faults.sharesPorts;
    }

    List<SimServerChannel> listeners() {
        return listeners;
    }

    /** A client connects to a port of the engine. {@code attempt} is answered when the handshake is over. */
    void connectFromOutside(int port, InetSocketAddress from, TcpEnd client, TcpEnd accepted, ConnectAttempt attempt) {
        connectFromOutside(port, ANY_LISTENER, from, client, accepted, attempt);
    }

    /** The same, to the listener of this index among those that share the port. */
    void connectFromOutside(
            int port, int listener, InetSocketAddress from, TcpEnd client, TcpEnd accepted, ConnectAttempt attempt) {
        knock(port, listener, SYN_RETRIES, chosen -> {
            if (chosen == null) {
                attempt.refused();
            } else {
                TcpEnd.connect(client, accepted);
                attempt.established(client);
                chosen.enqueue(accepted, from);
            }
        });
    }

    /** Hands over the listener that takes the client, null when there is none. */
    private void knock(int port, int listener, int retries, Consumer<SimServerChannel> taken) {
        List<SimServerChannel> sharing =
                listeners.stream().filter(one -> one.port() == port).toList();
        if (sharing.isEmpty() || retries == 0) {
            taken.accept(null);
            return;
        }
        SimServerChannel chosen =
                sharing.get(listener == ANY_LISTENER ? timeline.between(0, sharing.size() - 1) : listener);
        if (chosen.isFull()) {
            timeline.after(SYN_RETRY, () -> knock(port, listener, retries - 1, taken));
        } else {
            taken.accept(chosen);
        }
    }

    // ---- connecting

    void dial(SimSocketChannel channel, InetSocketAddress to, ConnectAttempt attempt) throws IOException {
        outside.dial(channel, to, attempt);
    }

    // ---- selectors

    void selecting(SimSelector selector) {
        lastSelected = selector;
    }

    /** A turn of a loop begins. */
    void turnBegins() {
        lastSelected = null;
    }

    /** The selector that was asked last in this turn, null when none was. */
    SimSelector lastSelected() {
        return lastSelected;
    }

    /** Says what the engine does, when {@code -Dsim.trace} asks for it. */
    void trace(SimSocketChannel channel, String call, Object result) {
        if (TRACE) {
            System.out.println(timeline.getAsLong() + " " + channel + ": " + call + " " + result);
        }
    }

    // ---- progress

    /** Something was done that changes what the engine waits for. A loop that turns without any of this spins. */
    void progressed() {
        progress++;
    }

    long progress() {
        return progress;
    }

    /** How a connection attempt ends. */
    interface ConnectAttempt {
        void established(TcpEnd end);

        void refused();

        /** The port was free and became the socket's own: TCP connects it to itself. */
        default void connectedToItself() {}
    }
}
