package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lb4j.internal.util.Platform;
import io.lb4j.testing.LeakCheck;
import io.lb4j.testing.Resources;
import io.lb4j.testing.SystemSockets;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.channels.Channel;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A start that fails says why, and leaves nothing behind (catalogue, E14). */
class FailedStartTest {
    @RegisterExtension
    final Resources resources = new Resources();

    private final TestBackend.Refusing backend = resources.add(TestBackend.refusing());
    private final OpenedByUs sockets = new OpenedByUs();

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void start_portInUse_saysWhereAndLeavesNothing(int eventLoops) { // E14, J18
        TestBackend owner = resources.add(TestBackend.listening());
        LoadBalancerBuilder builder =
                builder().listen("127.0.0.1", owner.port()).eventLoops(eventLoops);
        assertThatThrownBy(builder::start)
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage("cannot listen on 127.0.0.1:" + owner.port() + ": Address already in use")
                .hasCauseInstanceOf(BindException.class);
        assertNothingIsLeft();

        owner.close();
        resources.add(builder.start());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void start_portOfAnotherBalancer_isNotShared(int eventLoops) { // E14
        LoadBalancer owner = resources.add(builder().name("owner").eventLoops(2).start());
        assertThatThrownBy(() -> LoadBalancer.builder()
                        .listen("127.0.0.1", owner.port())
                        .eventLoops(eventLoops)
                        .backend("127.0.0.1", backend.port())
                        .start())
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageStartingWith("cannot listen on 127.0.0.1:" + owner.port() + ": ");
        assertThat(LeakCheck.balancerThreads()).allMatch(name -> name.startsWith("lb-owner-"));
    }

    @Test
    void start_portInUseOnOneAddress_wildcardIsRefusedToo() { // E14, J18
        TestBackend owner = resources.add(TestBackend.listening());
        assertThatThrownBy(() -> builder().listen(owner.port()).start())
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageStartingWith("cannot listen on 0.0.0.0:" + owner.port() + ": ");
        assertNothingIsLeft();
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.1", "2001:db8::1"})
    void start_addressOfAnotherMachine_saysWhere(String host) { // E14
        String place = host.contains(":") ? "[" + host + "]:0" : host + ":0";
        assertThatThrownBy(() -> builder().listen(host, 0).start())
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageStartingWith("cannot listen on " + place + ": ");
        assertNothingIsLeft();
    }

    @Test
    void start_unknownListenHost_saysWhich() { // E14
        String unknown = "x".repeat(64);
        assertThatThrownBy(() -> builder().listen(unknown, 0).start())
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage("cannot listen on " + unknown + ":0: unknown host")
                .hasCauseInstanceOf(UnknownHostException.class);
        assertNothingIsLeft();
    }

    @Test
    void start_descriptorsRunOutAfterListening_leavesNothing() throws IOException { // E14
        sockets.selectorsLeft = 0;
        assertThatThrownBy(() -> builder().eventLoops(3).start())
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("Too many open files");
        assertNothingIsLeft();
    }

    @ParameterizedTest
    @ValueSource(strings = {"lb-orders-io-0", "lb-orders-control"})
    void start_threadsRunOut_leavesNothing(String thread) throws IOException { // E14
        ThreadFactory threads = task -> new ThreadThatMayNotStart(task, thread);
        assertThatThrownBy(() ->
                        builder().platform(platform(threads)).eventLoops(2).start())
                .isInstanceOf(OutOfMemoryError.class);
        // The loops that were started end by themselves.
        await().pollInterval(Duration.ofMillis(5)).untilAsserted(this::assertNothingIsLeft);
    }

    private LoadBalancerBuilder builder() {
        return LoadBalancer.builder()
                .name("orders")
                .platform(platform(Platform.system().threads()))
                .backend("127.0.0.1", backend.port());
    }

    private Platform platform(ThreadFactory threads) {
        Platform system = Platform.system();
        return new Platform(sockets, system.nanoClock(), system.random(), threads);
    }

    private void assertNothingIsLeft() {
        assertThat(LeakCheck.balancerThreads()).isEmpty();
        assertThat(sockets.selectors).noneMatch(Selector::isOpen);
        assertThat(sockets.channels).noneMatch(Channel::isOpen);
        sockets.ports().forEach(FailedStartTest::assertFree);
    }

    private static void assertFree(int port) {
        try (ServerSocket next = new ServerSocket()) {
            next.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        } catch (IOException e) {
            throw new AssertionError("port " + port + " is not free", e);
        }
    }

    private static final class ThreadThatMayNotStart extends Thread {
        private final String cannotStart;

        ThreadThatMayNotStart(Runnable task, String cannotStart) {
            super(task);
            this.cannotStart = cannotStart;
            setDaemon(true);
        }

        @Override
        public void start() {
            if (getName().equals(cannotStart)) {
                throw new OutOfMemoryError("unable to create native thread");
            }
            super.start();
        }
    }

    /** Remembers what the balancer opens, and can run out of descriptors. */
    private static final class OpenedByUs extends SystemSockets {
        final List<Selector> selectors = new ArrayList<>();
        final List<Channel> channels = new ArrayList<>();
        int selectorsLeft = Integer.MAX_VALUE;
        private final List<ServerSocketChannel> listeners = new ArrayList<>();
        private final List<Integer> ports = new ArrayList<>();

        @Override
        public AbstractSelector openSelector() throws IOException {
            rememberPorts();
            if (selectorsLeft-- == 0) {
                throw new IOException("Too many open files");
            }
            AbstractSelector selector = super.openSelector();
            selectors.add(selector);
            return selector;
        }

        @Override
        public ServerSocketChannel openServerSocketChannel() throws IOException {
            ServerSocketChannel listener = super.openServerSocketChannel();
            channels.add(listener);
            listeners.add(listener);
            return listener;
        }

        @Override
        public SocketChannel openSocketChannel(ProtocolFamily family) throws IOException {
            SocketChannel channel = super.openSocketChannel(family);
            channels.add(channel);
            return channel;
        }

        /** The ports that were listened on when the first selector was opened. */
        List<Integer> ports() {
            return ports;
        }

        private void rememberPorts() throws IOException {
            for (ServerSocketChannel listener : listeners) {
                if (listener.isOpen() && listener.getLocalAddress() instanceof InetSocketAddress bound) {
                    ports.add(bound.getPort());
                }
            }
        }
    }
}
