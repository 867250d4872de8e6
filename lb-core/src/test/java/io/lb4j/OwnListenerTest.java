package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lb4j.backend.Backend;
import io.lb4j.proxy.Route;
import io.lb4j.proxy.TcpProxy;
import io.lb4j.proxy.TcpProxyBuilder;
import io.lb4j.testing.IdleProbe;
import io.lb4j.testing.LeakCheck;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A balancer whose backend is itself: at once, or by way of another one (catalogue, C14). */
class OwnListenerTest {
    private static final int LIMIT = 50;

    @RegisterExtension
    final Resources resources = new Resources();

    /** Its port is taken: a start that is not refused for its backend fails because it cannot listen. */
    private final TestBackend.Refusing taken = resources.add(TestBackend.refusing());

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 127.0.0.1",
        "127.0.0.1, localhost",
        "127.0.0.1, 0.0.0.0",
        "127.0.0.1, ::ffff:127.0.0.1",
        "localhost, 127.0.0.1",
        "localhost, localhost",
        "0.0.0.0, 127.0.0.1",
        "0.0.0.0, 127.0.0.2",
        "0.0.0.0, localhost",
        "0.0.0.0, 0.0.0.0",
        "0.0.0.0, ::1",
        "::, ::1",
        "::, 127.0.0.1",
        "[::1], ::1"
    })
    void start_backendIsOwnListener_isRefused(String listenHost, String backendHost) { // C14
        int port = taken.port();
        Backend backend = Backend.of(backendHost, port).withId("myself");
        assertThatThrownBy(() -> LoadBalancer.builder()
                        .listen(listenHost, port)
                        .backend(backend)
                        .start())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("backend: myself", "own listener", String.valueOf(port));
        assertThatThrownBy(() -> TcpProxy.builder()
                        .listen(listenHost, port)
                        .to(backendHost, port)
                        .start())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("own listener");
        assertThat(LeakCheck.balancerThreads()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, 127.0.0.2", "127.0.0.1, 192.0.2.1", "0.0.0.0, 192.0.2.1"})
    void start_backendHasOnlyThePortOfTheListener_isNotRefusedForThat(String listenHost, String backendHost) { // C14
        LoadBalancerBuilder builder =
                LoadBalancer.builder().listen(listenHost, taken.port()).backend(backendHost, taken.port());
        assertThatThrownBy(builder::start).isInstanceOf(UncheckedIOException.class);
    }

    @Test
    void twoBalancers_pointingAtEachOther_stayBoundedAndHealWhenTheLoopIsBroken() { // C14
        TestBackend echoing = resources.add(TestBackend.echoing());
        AtomicInteger destination = new AtomicInteger();
        TcpProxy first = resources.add(builder("first")
                .router((connection, failed) -> routeTo(destination.get()))
                .start());
        TcpProxy second =
                resources.add(builder("second").to("127.0.0.1", first.port()).start());
        destination.set(second.port());

        Peer client = resources.add(Peer.connect(first.port()));
        client.send("round and round");
        await().pollInterval(Duration.ofMillis(5))
                .until(() -> first.stats().active() == LIMIT
                        && second.stats().active() == LIMIT
                        && first.stats().acceptPauses() > 0);
        // And until the bytes have gone all the way round: before that the loops have something to do.
        long bytes = (long) LIMIT * "round and round".length();
        await().pollInterval(Duration.ofMillis(5))
                .until(() -> first.stats().bytesToBackend() == bytes
                        && second.stats().bytesToBackend() == bytes);
        IdleProbe.assertIdle(first::stats);
        IdleProbe.assertIdle(second::stats);
        assertThat(first.stats().accepted()).isEqualTo(LIMIT);
        assertThat(second.stats().accepted()).isEqualTo(LIMIT);

        destination.set(echoing.port());
        client.rst();
        await().pollInterval(Duration.ofMillis(5))
                .until(() -> first.stats().active() == 0 && second.stats().active() == 0);
        try (Peer next = Peer.connect(second.port())) {
            next.send("hello");
            assertThat(next.receiveText(5)).isEqualTo("hello");
        }
    }

    private static TcpProxyBuilder builder(String name) {
        return TcpProxy.builder().name(name).eventLoops(1).limits(limits -> limits.connections(LIMIT));
    }

    private static Route routeTo(int port) {
        Backend backend = Backend.of("127.0.0.1", port);
        return () -> backend;
    }
}
