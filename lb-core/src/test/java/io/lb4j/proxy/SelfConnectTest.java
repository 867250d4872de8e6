package io.lb4j.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.Platform;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.SystemSockets;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A dead port of this machine that is picked as the source port of the connection to it (catalogue, C11). */
class SelfConnectTest {
    @RegisterExtension
    final Resources resources = new Resources();

    @Test
    void connect_toItself_countsAsRefused() throws IOException { // C11
        // Nobody listens on this port, and while it is held nobody else will. Both sides have to allow its reuse.
        Socket holder = resources.add(new Socket());
        holder.setReuseAddress(true);
        holder.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        int dead = holder.getLocalPort();
        TestBackend echoing = resources.add(TestBackend.echoing());
        SourcePort sourcePort = new SourcePort();
        RecordingRoute deadRoute = new RecordingRoute(Backend.of("127.0.0.1", dead));
        RecordingRoute liveRoute = new RecordingRoute(Backend.of("127.0.0.1", echoing.port()));
        Platform system = Platform.system();
        TcpProxy proxy = resources.add(TcpProxy.builder()
                .eventLoops(1)
                .platform(new Platform(sourcePort, system.nanoClock(), system.random(), system.threads()))
                .router((connection, failed) -> failed.isEmpty() ? deadRoute : liveRoute)
                .start());
        sourcePort.next.set(dead);

        try (Peer client = Peer.connect(proxy.port())) {
            client.send("hello");
            assertThat(client.receiveText(5)).isEqualTo("hello");
        }

        assertThat(sourcePort.next).as("the socket was bound to the dead port").hasValue(0);
        await().until(() -> proxy.stats().active() == 0);
        assertThat(proxy.stats().connectFailuresTotal()).isEqualTo(1);
        assertThat(deadRoute.failures)
                .singleElement()
                .isInstanceOf(ConnectException.class)
                .extracting(Throwable::getMessage)
                .asString()
                .contains("connected to itself");
        assertThat(deadRoute.connected).hasValue(0);
        assertThat(liveRoute.connected).hasValue(1);
    }

    private static final class RecordingRoute implements Route {
        final List<Throwable> failures = new CopyOnWriteArrayList<>();
        final AtomicInteger connected = new AtomicInteger();
        private final Backend backend;

        RecordingRoute(Backend backend) {
            this.backend = backend;
        }

        @Override
        public Backend backend() {
            return backend;
        }

        @Override
        public void connected(long nanos) {
            connected.incrementAndGet();
        }

        @Override
        public void connectFailed(Throwable cause) {
            failures.add(cause);
        }
    }

    /** The next socket that is opened to connect gets the source port that was asked for. */
    private static final class SourcePort extends SystemSockets {
        final AtomicInteger next = new AtomicInteger();

        @Override
        public SocketChannel openSocketChannel(ProtocolFamily family) throws IOException {
            SocketChannel channel = super.openSocketChannel(family);
            int port = next.getAndSet(0);
            if (port > 0) {
                channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
                channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            }
            return channel;
        }
    }
}
