package io.lb4j.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.backend.Backend;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import jdk.net.ExtendedSocketOptions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
class ExchangeTest {
    private static final Duration LONG = Duration.ofMillis(Peer.PATIENCE_MILLIS);

    @RegisterExtension
    final Resources resources = new Resources();

    private final TestBackend backend = resources.add(TestBackend.listening());

    @Test
    void close_ofAConnectionThatIsToLeaveNoTrace_isNotSeenByTheBackend() throws IOException {
        assumeQuickAck();
        for (int i = 0; i < 20; i++) {
            CheckDial.connect(Backend.of("127.0.0.1", backend.port()), LONG, true)
                    .close();
        }
        try (Exchange seen = connect(LONG)) {
            seen.send(new byte[] {'x'}, 1);
            Peer first = backend.accept();
            assertThat(first.receive(1)).isEqualTo(new byte[] {'x'});
            first.fin();
        }
    }

    private static void assumeQuickAck() throws IOException {
        try (SocketChannel channel = SocketChannel.open()) {
            Assumptions.assumeTrue(
                    channel.supportedOptions().contains(ExtendedSocketOptions.TCP_QUICKACK),
                    "skipped: this system has no TCP_QUICKACK");
        }
    }

    @Test
    void close_withAnAnswerUnread_endsWithFin() throws IOException {
        Exchange exchange = connect(LONG);
        Peer peer = backend.accept().send("220 ready");
        assertThat(exchange.read(new byte[1], 0, 1)).isEqualTo(1);

        exchange.close();

        assertThat(peer.receiveToEnd().end()).isEqualTo(Peer.End.EOF);
        // A reset behind the FIN shows when something is sent: that fails at once.
        peer.send("more");
    }

    @Test
    void close_whileTheBackendStillSends_readsOn() throws Exception {
        Exchange exchange = connect(LONG);
        Peer peer = backend.accept().send("first");
        assertThat(exchange.read()).isEqualTo('f');
        Thread closing = new Thread(exchange::close);
        closing.start();

        // The end has come, and the other side goes on for a moment.
        assertThat(peer.receiveToEnd().end()).isEqualTo(Peer.End.EOF);
        peer.send("second").fin();

        closing.join();
        assertThat(peer.socket().getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void close_ofABackendThatStays_returns() throws IOException {
        Exchange exchange = connect(LONG);
        Peer peer = backend.accept();

        exchange.close();

        assertThat(peer.receiveToEnd().end()).isEqualTo(Peer.End.EOF);
    }

    @Test
    void close_afterTheTimeIsOver_returns() throws IOException {
        Exchange exchange = connect(Duration.ofMillis(50));
        Peer peer = backend.accept();
        assertThatThrownBy(exchange::read)
                .isInstanceOf(SocketTimeoutException.class)
                .hasMessage("no answer within 50 ms");

        exchange.close();

        assertThat(peer.receiveToEnd().end()).isEqualTo(Peer.End.EOF);
    }

    @Test
    void close_afterAReset_returns() throws IOException {
        Exchange exchange = connect(LONG);
        backend.accept().rst();
        assertThatThrownBy(exchange::read).isInstanceOf(IOException.class);

        exchange.close();
    }

    @Test
    void send_ofTheMost_doesNotWaitForABackendThatDoesNotRead() throws IOException {
        TestBackend small = resources.add(TestBackend.listening(4096));
        try (Exchange exchange = CheckDial.connect(Backend.of("127.0.0.1", small.port()), Duration.ofMillis(200))) {
            small.accept();

            exchange.send(new byte[Exchange.LIMIT], Exchange.LIMIT);

            assertThatThrownBy(exchange::read).hasMessage("no answer within 200 ms");
        }
    }

    @Test
    void connect_toARefusingPort_fails() {
        TestBackend.Refusing refusing = resources.add(TestBackend.refusing());

        assertThat(Checking.check(HealthChecker.tcpConnect(), refusing.port())).hasMessageContaining("refused");
    }

    @Test
    void connect_toAnIpv6Literal_connects() throws Exception {
        try (ServerSocket listener = new ServerSocket()) {
            listen(listener);

            HealthChecker.tcpConnect().check(Backend.of("[::1]", listener.getLocalPort()), LONG);
            Exchange exchange = CheckDial.connect(Backend.of("[::1]", listener.getLocalPort()), LONG);

            try (Socket accepted = listener.accept()) {
                assertThat(accepted.getInetAddress()).isInstanceOf(Inet6Address.class);
            }
            exchange.close();
        }
    }

    private static void listen(ServerSocket listener) {
        try {
            listener.bind(new InetSocketAddress(InetAddress.getByName("::1"), 0));
        } catch (IOException noIpv6) {
            Assumptions.abort("skipped: this machine has no ::1");
        }
    }

    @Test
    void connect_interrupted_ends() throws Exception {
        TestBackend stalled = resources.add(TestBackend.stalled());

        Checking.endsWhenInterrupted(HealthChecker.tcpConnect(), stalled.port());
    }

    private Exchange connect(Duration timeout) throws IOException {
        return CheckDial.connect(Backend.of("127.0.0.1", backend.port()), timeout);
    }
}
