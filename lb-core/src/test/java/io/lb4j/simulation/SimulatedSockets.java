package io.lb4j.simulation;

import io.lb4j.simulation.SimNet.ConnectAttempt;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** The simulated sockets, for {@link KernelFactsTest}. */
final class SimulatedSockets implements KernelFactsTest.Sockets {
    private static final InetSocketAddress SOMEWHERE = new InetSocketAddress("10.0.0.9", 9);
    private static final InetSocketAddress NOWHERE = new InetSocketAddress("10.0.0.9", 1);
    private static final int BUFFER = 65_536;

    private final Timeline timeline = new Timeline(1, 0);
    private final SimNet net = new SimNet(timeline, new Faults(), this::dial);
    private TcpEnd peer;

    private void dial(SimSocketChannel channel, InetSocketAddress to, ConnectAttempt attempt) {
        if (to.equals(NOWHERE)) {
            attempt.refused();
            return;
        }
        peer = new TcpEnd(timeline, "peer", BUFFER, BUFFER);
        TcpEnd engine = new TcpEnd(timeline, "engine", BUFFER, BUFFER);
        TcpEnd.connect(peer, engine);
        attempt.established(engine);
    }

    @Override
    public SocketChannel connect() throws IOException {
        SocketChannel channel = unconnected();
        channel.connect(SOMEWHERE);
        channel.finishConnect();
        return channel;
    }

    @Override
    public SocketChannel connectToNobody() throws IOException {
        SocketChannel channel = unconnected();
        channel.connect(NOWHERE);
        return channel;
    }

    @Override
    public SocketChannel unconnected() throws IOException {
        SocketChannel channel = net.openSocketChannel();
        channel.configureBlocking(false);
        return channel;
    }

    @Override
    public Selector selector() throws IOException {
        return net.openSelector();
    }

    @Override
    public ServerSocketChannel listener() throws IOException {
        ServerSocketChannel listener = net.openServerSocketChannel();
        return listener.bind(new InetSocketAddress("10.0.0.1", 0), 10);
    }

    @Override
    public void connectTo(ServerSocketChannel listener) throws IOException {
        int port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
        TcpEnd client = new TcpEnd(timeline, "client", BUFFER, BUFFER);
        TcpEnd accepted = new TcpEnd(timeline, "accepted", BUFFER, BUFFER);
        net.connectFromOutside(port, SOMEWHERE, client, accepted, new ConnectAttempt() {
            @Override
            public void established(TcpEnd end) {
                peer = end;
            }

            @Override
            public void refused() {
                throw new IllegalStateException("refused");
            }
        });
    }

    @Override
    public void send(int bytes) throws IOException {
        peer.write(peer.room(bytes));
    }

    @Override
    public void fin() {
        peer.shutdownOutput();
    }

    @Override
    public void reset() {
        peer.close(true);
    }

    @Override
    public int look() {
        try {
            return peer.read(100);
        } catch (IOException reset) {
            return -2;
        }
    }

    @Override
    public void settle() {
        boolean more = true;
        while (more) {
            more = timeline.step();
        }
    }

    @Override
    public void close() {}
}
