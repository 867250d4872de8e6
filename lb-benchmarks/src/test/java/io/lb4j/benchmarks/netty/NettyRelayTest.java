package io.lb4j.benchmarks.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NettyRelayTest {
    private static final int MILLIS = 20_000;

    /** Far more than the buffers of four sockets take. */
    private static final long ENDLESS = 256L * 1024 * 1024;

    private ServerSocket backend;
    private NettyRelay relay;

    @BeforeEach
    void start() throws IOException {
        assumeTrue(NettyRelay.missing().isEmpty(), "no native epoll here");
        backend = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        backend.setSoTimeout(MILLIS);
        relay = NettyRelay.start(List.of(backend.getLocalPort()), 1);
    }

    @AfterEach
    void stop() throws IOException {
        if (relay != null) {
            relay.close();
            backend.close();
        }
    }

    @Test
    void clientsEnd_passedOn_leavesTheOtherDirectionOpen() throws IOException {
        try (Socket client = connect();
                Socket accepted = accept()) {
            client.getOutputStream().write("request".getBytes());
            client.shutdownOutput();
            assertThat(accepted.getInputStream().readAllBytes()).asString().isEqualTo("request");
            accepted.getOutputStream().write("response".getBytes());
            accepted.shutdownOutput();
            assertThat(client.getInputStream().readAllBytes()).asString().isEqualTo("response");
        }
    }

    @Test
    void backendsEnd_passedOn_leavesTheOtherDirectionOpen() throws IOException {
        try (Socket client = connect();
                Socket accepted = accept()) {
            accepted.getOutputStream().write("greeting".getBytes());
            accepted.shutdownOutput();
            assertThat(client.getInputStream().readAllBytes()).asString().isEqualTo("greeting");
            client.getOutputStream().write("answer".getBytes());
            client.shutdownOutput();
            assertThat(accepted.getInputStream().readAllBytes()).asString().isEqualTo("answer");
        }
    }

    @Test
    void clientsReset_reachesTheBackendAsReset() throws IOException {
        try (Socket client = connect();
                Socket accepted = accept()) {
            exchange(client, accepted);
            reset(client);
            assertThatThrownBy(() -> accepted.getInputStream().read()).hasMessageContaining("reset");
        }
    }

    @Test
    void backendsReset_reachesTheClientAsReset() throws IOException {
        try (Socket client = connect();
                Socket accepted = accept()) {
            exchange(client, accepted);
            reset(accepted);
            assertThatThrownBy(() -> client.getInputStream().read()).hasMessageContaining("reset");
        }
    }

    @Test
    void backendThatRefuses_resetsTheClient() throws IOException {
        backend.close();
        try (Socket client = connect()) {
            assertThatThrownBy(() -> client.getInputStream().read()).hasMessageContaining("reset");
        }
    }

    @Test
    void backendThatDoesNotRead_stallsTheClientAndLosesNothing() throws IOException {
        try (SocketChannel client = SocketChannel.open(new InetSocketAddress(backend.getInetAddress(), relay.port()));
                Socket accepted = accept()) {
            long sent = sendUntilStalled(client);
            assertThat(sent).isLessThan(ENDLESS);
            client.shutdownOutput();
            long arrived = 0;
            byte[] buffer = new byte[64 * 1024];
            for (int read; (read = accepted.getInputStream().read(buffer)) >= 0; ) {
                arrived += read;
            }
            assertThat(arrived).isEqualTo(sent);
        }
    }

    @Test
    void backends_areTakenInTurn() throws IOException {
        try (ServerSocket second = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
                NettyRelay both = NettyRelay.start(List.of(backend.getLocalPort(), second.getLocalPort()), 1)) {
            second.setSoTimeout(MILLIS);
            List<Socket> open = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                open.add(new Socket(InetAddress.getLoopbackAddress(), both.port()));
            }
            for (ServerSocket each : List.of(backend, second, backend, second)) {
                open.add(each.accept());
            }
            for (Socket socket : open) {
                socket.close();
            }
        }
    }

    private Socket connect() throws IOException {
        Socket client = new Socket(InetAddress.getLoopbackAddress(), relay.port());
        client.setSoTimeout(MILLIS);
        return client;
    }

    private Socket accept() throws IOException {
        Socket accepted = backend.accept();
        accepted.setSoTimeout(MILLIS);
        return accepted;
    }

    /** One byte each way: both ends are relayed now. */
    private static void exchange(Socket one, Socket other) throws IOException {
        one.getOutputStream().write(1);
        assertThat(other.getInputStream().read()).isEqualTo(1);
        other.getOutputStream().write(2);
        assertThat(one.getInputStream().read()).isEqualTo(2);
    }

    private static void reset(Socket socket) throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    /** Stalled: not writable for a while. On a machine so slow that it only seems so, the test proves less. */
    private static long sendUntilStalled(SocketChannel client) throws IOException {
        long sent = 0;
        ByteBuffer bytes = ByteBuffer.allocateDirect(64 * 1024);
        try (Selector selector = Selector.open()) {
            client.configureBlocking(false);
            client.register(selector, SelectionKey.OP_WRITE);
            while (sent < ENDLESS && selector.select(500) > 0) {
                selector.selectedKeys().clear();
                sent += client.write(bytes.clear());
            }
        }
        client.configureBlocking(true);
        return sent;
    }
}
