package io.lb4j.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionListener;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.testing.LeakCheck;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Several listening addresses on one set of loops; while it runs as well. */
class FrontendsTest {
    @RegisterExtension
    final Resources resources = new Resources();

    private final TestBackend one = resources.add(TestBackend.serving(peer -> answer(peer, "1")));
    private final TestBackend two = resources.add(TestBackend.serving(peer -> answer(peer, "2")));
    private final Queue<ConnectionSummary> closed = new ConcurrentLinkedQueue<>();

    private static void answer(Peer peer, String name) {
        try {
            while (peer.socket().getInputStream().read() >= 0) {
                peer.send(name);
            }
        } catch (IOException | UncheckedIOException reset) {
            // As the test wants it.
        }
    }

    private TcpProxyBuilder builder() {
        return TcpProxy.builder().eventLoops(2).listener(new ConnectionListener() {
            @Override
            public void connectionClosed(ConnectionSummary summary) {
                closed.add(summary);
            }
        });
    }

    private TcpProxy two() {
        return resources.add(builder()
                .listen("127.0.0.1", 0, frontend -> frontend.name("first").to("127.0.0.1", one.port()))
                .listen("127.0.0.1", 0, frontend -> frontend.name("second").to("127.0.0.1", two.port()))
                .start());
    }

    private static String ask(int port) {
        try (Peer client = Peer.connect(port)) {
            return ask(client);
        }
    }

    private static boolean isRefused(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return !socket.isConnected();
        } catch (IOException refused) {
            return true;
        }
    }

    private static String ask(Peer client) {
        client.send("?");
        return client.receiveText(1);
    }

    @Test
    void listen_calledTwice_addsAFrontend() {
        TcpProxy proxy = two();
        Frontend first = proxy.frontend("first");
        Frontend second = proxy.frontend("second");
        assertThat(proxy.frontends()).extracting(Frontend::name).containsExactly("first", "second");
        for (int i = 0; i < 20; i++) {
            assertThat(ask(first.port())).isEqualTo("1");
            assertThat(ask(second.port())).isEqualTo("2");
        }
        assertThat(proxy.port()).isEqualTo(first.port());
        await().until(() -> closed.size() == 40);
        assertThat(closed)
                .filteredOn(summary -> summary.frontend().equals("second"))
                .hasSize(20)
                .allMatch(summary -> summary.listenAddress().equals(second.address()));
        await().until(() -> second.stats().active() == 0);
        assertThat(second.stats().accepted()).isEqualTo(20);
        assertThat(second.stats().closed(CloseReason.COMPLETED)).isEqualTo(20);
        assertThat(second.stats().bytesToClient()).isEqualTo(20);
        assertThat(proxy.stats().accepted()).isEqualTo(40);
        assertThat(proxy.stats().bytesToClient()).isEqualTo(40);
    }

    @Test
    void frontends_ofTheSamePlaceOrName_areRefusedOnTheirLine() {
        TcpProxyBuilder builder = builder().listen("127.0.0.1", 8080).listen("::1", 8080);
        assertThatThrownBy(() -> builder.listen("127.0.0.1", 8080))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("listen: 127.0.0.1:8080 (expected: a place where no other frontend listens; "
                        + "127.0.0.1:8080 listens on 127.0.0.1:8080)");
        assertThatThrownBy(() -> builder.listen(8080))
                .hasMessageStartingWith("listen: 0.0.0.0:8080 (expected: a place");
        assertThatThrownBy(() -> builder.listen("127.0.0.1", PortRange.of(8000, 9000), frontend -> {}))
                .hasMessageStartingWith("listen: 127.0.0.1:8000-9000 (expected: a place");
        assertThatThrownBy(() -> builder.listen("127.0.0.1", 8081, frontend -> frontend.name("[::1]:8080")))
                .hasMessage("frontend name: [::1]:8080 (expected: one that no other frontend has)");
        assertThatThrownBy(() -> builder.listen("127.0.0.1", 8081, frontend -> frontend.name("a b")))
                .hasMessageStartingWith("frontend name: ");
        assertThat(builder.listen("127.0.0.2", 8080).config().frontends()).hasSize(3);
    }

    @Test
    void start_oneFrontendCannotListen_leavesNothingOpen() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            TcpProxyBuilder builder = builder()
                    .to("127.0.0.1", one.port())
                    .listen("127.0.0.1", 0)
                    .listen("127.0.0.1", taken.getLocalPort());
            assertThatThrownBy(builder::start)
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessage("cannot listen on 127.0.0.1:" + taken.getLocalPort() + ": Address already in use");
        }
        assertThat(LeakCheck.balancerThreads()).isEmpty();
    }

    @Test
    void start_frontendWithoutDestination_isRefusedByItsName() {
        TcpProxyBuilder builder = builder()
                .listen("127.0.0.1", 0, frontend -> frontend.name("a").to("127.0.0.1", 1))
                .listen("127.0.0.1", 0, frontend -> frontend.name("b"));
        assertThatThrownBy(builder::start)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("frontend b: to: not set (expected: a host and port, or a router)");
    }

    @Test
    void range_isOneFrontendThatListensOnEachPort() {
        PortRange ports = freePorts(3);
        TcpProxy proxy = resources.add(builder()
                .listen("127.0.0.1", ports, frontend -> frontend.to("127.0.0.1", one.port()))
                .start());
        for (int port = ports.first(); port <= ports.last(); port++) {
            assertThat(ask(port)).isEqualTo("1");
        }
        Frontend frontend = proxy.frontends().get(0);
        assertThat(proxy.frontends()).hasSize(1);
        assertThat(frontend.name()).isEqualTo("127.0.0.1:" + ports);
        assertThat(frontend.addresses())
                .extracting(InetSocketAddress::getPort)
                .containsExactly(ports.first(), ports.first() + 1, ports.last());
    }

    /** Free for all that can be known: nobody has them now, and they are out of the range of outgoing connections. */
    private static PortRange freePorts(int count) {
        for (int first = 20_000; first < 32_000; first += count) {
            PortRange range = PortRange.of(first, first + count - 1);
            if (areFree(range)) {
                return range;
            }
        }
        throw new AssertionError("no free ports");
    }

    private static boolean areFree(PortRange range) {
        for (int port = range.first(); port <= range.last(); port++) {
            try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                assertThat(free.isBound()).isTrue();
            } catch (IOException taken) {
                return false;
            }
        }
        return true;
    }

    @Test
    void range_thatIsNone_isRefused() {
        assertThatThrownBy(() -> PortRange.of(5, 4))
                .hasMessage("listen ports: 5-4 (expected: from the lowest, 1 or more, to the highest)");
        assertThatThrownBy(() -> PortRange.of(0, 4)).hasMessageStartingWith("listen ports: 0-4");
        assertThatThrownBy(() -> PortRange.of(1, 65_536)).hasMessageStartingWith("listen port: 65536");
        assertThatThrownBy(() -> PortRange.parse("7000-")).hasMessageStartingWith("listen ports: \"7000-\"");
        assertThat(PortRange.parse("7000-7010").size()).isEqualTo(11);
        assertThat(PortRange.parse("0")).isEqualTo(PortRange.of(0));
        assertThat(PortRange.of(1, 5).overlaps(PortRange.of(5, 9))).isTrue();
        assertThat(PortRange.of(1, 5).overlaps(PortRange.of(6))).isFalse();
        assertThat(PortRange.of(0).overlaps(PortRange.of(0))).isFalse();
    }

    @Test
    void name_thatStandsForSeveralAddresses_isListenedOnAtEachThatThisMachineHas() throws Exception {
        InetAddress[] addresses = InetAddress.getAllByName("localhost");
        TcpProxy proxy = resources.add(
                builder().listen("localhost", 0).to("127.0.0.1", one.port()).start());
        List<InetSocketAddress> listening = proxy.frontends().get(0).addresses();
        assertThat(listening).isNotEmpty().hasSizeLessThanOrEqualTo(addresses.length);
        assertThat(listening).extracting(InetSocketAddress::getPort).containsOnly(proxy.port());
        for (InetSocketAddress address : listening) {
            try (Peer client = Peer.of(new Socket(address.getAddress(), address.getPort()))) {
                assertThat(ask(client)).isEqualTo("1");
            }
        }
    }

    @Test
    void frontend_addedWhileItRuns_servesAtOnce() {
        TcpProxy proxy = two();
        assertThat(ask(proxy.port())).isEqualTo("1"); // all loops run
        Frontend third = proxy.listen(
                "127.0.0.1", PortRange.of(0), frontend -> frontend.name("third").to("127.0.0.1", two.port()));
        for (int i = 0; i < 20; i++) {
            assertThat(ask(third.port())).isEqualTo("2");
        }
        assertThat(third.stats().accepted()).isEqualTo(20);
        assertThat(proxy.config().frontends())
                .extracting(FrontendConfig::name)
                .containsExactly("first", "second", "third");
        assertThatThrownBy(() -> proxy.listen("127.0.0.1", PortRange.of(0), frontend -> frontend.name("third")
                        .to("a", 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("frontend name: third");
        assertThatThrownBy(() -> proxy.listen("127.0.0.1", PortRange.of(0), frontend -> frontend.name("fourth")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("to: not set");
        assertThat(proxy.frontends()).hasSize(3);
    }

    @Test
    void frontend_addedBeforeTheFirstConnection_isServedByEveryLoop() {
        TcpProxy proxy = two();
        Frontend third = proxy.listen("127.0.0.1", PortRange.of(0), frontend -> frontend.to("127.0.0.1", two.port()));
        for (int i = 0; i < 50; i++) {
            assertThat(ask(third.port())).isEqualTo("2");
            assertThat(ask(proxy.port())).isEqualTo("1");
        }
        assertThat(proxy.stats().accepted()).isEqualTo(100);
    }

    @Test
    void frontend_drained_goesWithItsLastConnection_andTheOtherHearsNothing() {
        TcpProxy proxy = two();
        Frontend second = proxy.frontend("second");
        int port = second.port();
        Peer stays = resources.add(Peer.connect(port));
        Peer other = resources.add(Peer.connect(proxy.port()));
        assertThat(ask(stays)).isEqualTo("2");
        assertThat(ask(other)).isEqualTo("1");

        CompletableFuture<DrainResult> drained = second.drain(Duration.ofMinutes(1));

        assertThat(isRefused(port)).isTrue();
        assertThat(second.isListening()).isFalse();
        assertThat(drained).isNotDone();
        assertThat(ask(stays)).isEqualTo("2");
        assertThat(ask(other)).isEqualTo("1");
        stays.close();
        assertThat(drained).succeedsWithin(Duration.ofSeconds(20)).isEqualTo(new DrainResult(1, 0));
        assertThat(second.isClosed()).isTrue();
        assertThat(proxy.frontends()).extracting(Frontend::name).containsExactly("first");
        assertThat(ask(other)).isEqualTo("1");
        assertThat(ask(proxy.port())).isEqualTo("1");
        assertThat(second.stats().accepted()).isEqualTo(1);
        assertThat(proxy.stats().accepted()).as("what was counted for it stays").isEqualTo(3);
        assertThatThrownBy(() -> proxy.frontend("second"))
                .isInstanceOf(NoSuchElementException.class)
                .hasMessage("frontend: second (expected: one of [first])");
        // Its place and its name are free again.
        Frontend again = proxy.listen("127.0.0.1", PortRange.of(port), frontend -> frontend.name("second")
                .to("127.0.0.1", two.port()));
        assertThat(ask(again.port())).isEqualTo("2");
    }

    @Test
    void frontend_drainedWithoutGrace_resetsItsConnections() {
        TcpProxy proxy = two();
        Frontend second = proxy.frontend("second");
        Peer gone = resources.add(Peer.connect(second.port()));
        Peer other = resources.add(Peer.connect(proxy.port()));
        assertThat(ask(gone)).isEqualTo("2");
        assertThat(ask(other)).isEqualTo("1");
        assertThat(second.drain(Duration.ZERO))
                .succeedsWithin(Duration.ofSeconds(20))
                .isEqualTo(new DrainResult(0, 1));
        assertThat(gone.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        assertThat(ask(other)).isEqualTo("1");
        await().until(() -> closed.stream().anyMatch(summary -> summary.reason() == CloseReason.DRAIN_DEADLINE));
    }

    @Test
    void frontend_closed_isGoneWhenItReturns() {
        TcpProxy proxy = two();
        Frontend second = proxy.frontend("second");
        Peer gone = resources.add(Peer.connect(second.port()));
        assertThat(ask(gone)).isEqualTo("2");
        second.close();
        assertThat(second.isClosed()).isTrue();
        assertThat(isRefused(second.port())).isTrue();
        assertThat(gone.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        second.close();
        assertThat(proxy.frontends()).hasSize(1);
    }

    @Test
    void lastFrontend_cannotGo() {
        TcpProxy proxy = two();
        proxy.frontend("first").close();
        Frontend last = proxy.frontend("second");
        assertThatThrownBy(last::close)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("frontend second is the last one "
                        + "(expected: another one that stays, or the end of the whole balancer)");
        assertThatThrownBy(() -> last.drain(Duration.ZERO)).isInstanceOf(IllegalStateException.class);
        assertThat(ask(last.port())).isEqualTo("2");
        assertThat(proxy.port()).isEqualTo(last.port());
    }

    @Test
    void proxy_closed_endsItsFrontends() {
        TcpProxy proxy = two();
        Frontend second = proxy.frontend("second");
        Peer gone = resources.add(Peer.connect(second.port()));
        assertThat(ask(gone)).isEqualTo("2");
        CompletableFuture<DrainResult> drained = second.drain(Duration.ofMinutes(1));
        proxy.close();
        assertThat(drained).succeedsWithin(Duration.ofSeconds(20)).isEqualTo(new DrainResult(0, 1));
        assertThat(second.isClosed()).isTrue();
        assertThat(proxy.frontends()).hasSize(2);
        assertThatThrownBy(() -> proxy.listen("127.0.0.1", PortRange.of(0), frontend -> frontend.to("a", 1)))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void timeoutsOfAFrontend_holdForItAlone_andFollowTheOthers() {
        TcpProxy proxy = resources.add(builder()
                .to("127.0.0.1", one.port())
                .listen("127.0.0.1", 0, frontend -> frontend.name("a"))
                .listen("127.0.0.1", 0, frontend -> frontend.name("b")
                        .timeouts(timeouts -> timeouts.idle(Duration.ofMillis(50))))
                .timeouts(timeouts -> timeouts.stall(Duration.ofSeconds(7)))
                .start());
        TimeoutPolicy ofB = proxy.frontend("b").config().timeouts();
        assertThat(ofB.idle()).contains(Duration.ofMillis(50));
        assertThat(ofB.stall()).isEqualTo(Duration.ofSeconds(7));
        proxy.reconfigure(change -> change.timeouts(
                timeouts -> timeouts.stall(Duration.ofSeconds(9)).idle(Duration.ofMinutes(2))));
        ofB = proxy.frontend("b").config().timeouts();
        assertThat(ofB.idle()).contains(Duration.ofMillis(50));
        assertThat(ofB.stall()).isEqualTo(Duration.ofSeconds(9));
        assertThat(proxy.frontend("a").config().timeouts().idle()).contains(Duration.ofMinutes(2));
        Peer silent = resources.add(Peer.connect(proxy.frontend("b").port()));
        assertThat(silent.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        await().untilAsserted(() ->
                assertThat(closed).extracting(ConnectionSummary::reason).containsExactly(CloseReason.IDLE_TIMEOUT));
    }

    @Test
    void oneFrontendClosedForTheTimeBeing_theOtherGoesOn() {
        TcpProxy proxy = two();
        Frontend second = proxy.frontend("second");
        second.listening(false);
        await().until(() -> !second.isListening());
        await().until(() -> isRefused(second.port()));
        assertThat(ask(proxy.port())).isEqualTo("1");
        assertThat(proxy.isListening()).isFalse();
        second.listening(true);
        await().until(second::isListening);
        assertThat(ask(second.port())).isEqualTo("2");
        assertThat(proxy.isListening()).isTrue();
    }

    @Test
    void hundredFrontends_needNoThreadMoreThanOne() {
        TcpProxyBuilder builder = builder().to("127.0.0.1", one.port());
        for (int i = 0; i < 100; i++) {
            int number = i;
            builder.listen("127.0.0.1", 0, frontend -> frontend.name("f" + number));
        }
        TcpProxy proxy = resources.add(builder.start());
        assertThat(LeakCheck.balancerThreads())
                .filteredOn(name -> name.contains("-io-"))
                .hasSize(1);
        for (Frontend frontend : proxy.frontends()) {
            assertThat(ask(frontend.port())).isEqualTo("1");
        }
        assertThat(LeakCheck.balancerThreads())
                .filteredOn(name -> name.contains("-io-"))
                .hasSize(2);
        assertThat(proxy.stats().accepted()).isEqualTo(100);
    }
}
