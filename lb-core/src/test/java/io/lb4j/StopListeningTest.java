package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lb4j.backend.Backend;
import io.lb4j.event.AcceptPaused;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.health.NoneHealthy;
import io.lb4j.testing.Background;
import io.lb4j.testing.LogCapture;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** README: whenNoneHealthy(STOP_LISTENING). Through real sockets. */
class StopListeningTest {
    @RegisterExtension
    final Resources resources = new Resources();

    private final TestBackend backend = resources.add(TestBackend.echoing());
    private final List<String> told = new CopyOnWriteArrayList<>();
    private volatile boolean isWell = true;

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void noBackendUp_thePortIsClosedUntilOneIs(int eventLoops) throws IOException {
        LoadBalancer lb = start(builder -> builder.eventLoops(eventLoops));
        List<Peer> before = connect(lb, 8);
        int port = lb.port();

        isWell = false;
        await().until(() -> isRefused(port));
        await().until(() -> !lb.isListening());
        for (int i = 0; i < 40; i++) {
            assertThat(isRefused(port)).isTrue();
        }
        before.forEach(client -> assertThat(client.send("open").receiveText(4)).isEqualTo("open"));

        isWell = true;
        await().until(lb::isListening);
        await().until(() -> !isRefused(port));
        connect(lb, 40);
        assertThat(lb.port()).isEqualTo(port);
        await().until(() -> told.equals(List.of("paused NONE_HEALTHY", "resumed")));
    }

    /** Experiment E10: with a list of hosts, every client gets to the other one. */
    @Test
    void e10_clientsWithAListOfHosts_allReachTheNext() throws IOException {
        LoadBalancer first = start(builder -> {});
        TestBackend other = resources.add(TestBackend.echoing());
        LoadBalancer second = resources.add(LoadBalancer.builder()
                .backend("127.0.0.1", other.port())
                .noHealthCheck()
                .start());
        isWell = false;
        await().until(() -> !first.isListening());
        await().until(() -> isRefused(first.port()));
        int served = 0;
        for (int i = 0; i < 40; i++) {
            // As libpq does: the next host only when the first one cannot be connected to.
            int port = isRefused(first.port()) ? second.port() : first.port();
            try (Peer client = Peer.connect(port)) {
                served += client.send("hi").receiveText(2).equals("hi") ? 1 : 0;
            }
        }
        assertThat(served).isEqualTo(40);
    }

    @Test
    void start_andNoCheckHasPassed_theyAreRefused() {
        isWell = false;
        LoadBalancer lb = start(builder -> builder.healthCheck(check ->
                check.checker(this::check).interval(Duration.ofMillis(20)).awaitFirstChecks(Duration.ofSeconds(20))));
        await().until(() -> isRefused(lb.port()));
        isWell = true;
        await().until(() -> !isRefused(lb.port()));
    }

    @Test
    void portTakenBySomebodyElse_isTakenBackWhenHeIsGone() throws IOException {
        LoadBalancer lb = start(builder -> builder.eventLoops(2));
        isWell = false;
        await().until(() -> isRefused(lb.port()));
        ServerSocket somebody = new ServerSocket(lb.port(), 1, InetAddress.getByName("127.0.0.1"));
        isWell = true;
        await().until(() -> lb.backends().list().get(0).status().name().equals("UP"));
        assertThat(lb.isListening()).isFalse();
        somebody.close();
        await().until(lb::isListening);
        connect(lb, 4);
    }

    /** Its log says so, with the audit asking for the port all the time. */
    @Test
    void portTakenForSeconds_isSaid() throws IOException {
        LoadBalancer lb = start(builder -> {});
        isWell = false;
        await().until(() -> isRefused(lb.port()));
        try (LogCapture log = LogCapture.open();
                ServerSocket somebody = new ServerSocket(lb.port(), 1, InetAddress.getByName("127.0.0.1"))) {
            isWell = true;
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> !log.messages("cannot listen again on").isEmpty());
            assertThat(somebody.isBound()).isTrue();
        }
        await().until(lb::isListening);
    }

    /** Clients that come all the time meet the moment between open and closed. */
    @Test
    void start_whileClientsCome_andNobodyIsUp_closesThePort() throws Exception {
        int port;
        try (LoadBalancer before = start(builder -> {})) {
            port = before.port();
        }
        isWell = false;
        AtomicBoolean over = new AtomicBoolean();
        CompletableFuture<?> clients = Background.run(() -> {
            while (!over.get()) {
                isRefused(port);
            }
        });
        for (int i = 0; i < 10; i++) {
            try (LoadBalancer lb = start(
                    builder -> builder.listen("127.0.0.1", port).eventLoops(4).healthCheck(check -> check.checker(
                                    this::check)
                            .interval(Duration.ofMillis(20))
                            .initiallyDown()))) {
                await().until(() -> !lb.isListening());
                await().until(() -> isRefused(port));
            }
        }
        over.set(true);
        clients.get();
    }

    @Test
    void pausedForTheLimit_andClosed_isResumedBeforeThat() {
        LoadBalancer lb = start(builder -> builder.eventLoops(1).limits(limits -> limits.connections(1)));
        Peer first = connect(lb, 1).get(0);
        Peer second = resources.add(Peer.connect(lb.port()));
        await().until(() -> told.contains("paused CONNECTION_LIMIT"));
        isWell = false;
        await().until(() -> !lb.isListening());
        first.close();
        isWell = true;
        await().until(lb::isListening);
        await().until(() ->
                told.equals(List.of("paused CONNECTION_LIMIT", "resumed", "paused NONE_HEALTHY", "resumed")));
        assertThat(second.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void end_whileThePortIsClosed_isTheEnd(boolean drained) throws Exception {
        LoadBalancer lb = start(builder -> builder.eventLoops(2));
        List<Peer> open = connect(lb, 4);
        isWell = false;
        await().until(() -> !lb.isListening());
        if (drained) {
            lb.drain(Duration.ofSeconds(20));
            open.forEach(client ->
                    assertThat(client.send("x").fin().receiveToEnd().count()).isEqualTo(1));
        } else {
            lb.close();
        }
        assertThat(lb.awaitClosed(Duration.ofSeconds(20))).isTrue();
        isWell = true;
        assertThat(isRefused(lb.port())).isTrue();
    }

    @Test
    void flaps_toAndFro_endAsTheLastOneSays() throws IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        LoadBalancer lb = start(builder -> builder.eventLoops(3).healthCheck(check -> check.checker(this::check)
                .interval(Duration.ofMillis(1))
                .timeout(Duration.ofSeconds(5))
                .unhealthyAfter(1)));
        connect(lb, 8);
        for (int i = 0; i < 300; i++) {
            isWell = random.nextBoolean();
            isRefused(lb.port());
        }
        isWell = false;
        await("seed " + seed).until(() -> !lb.isListening() && isRefused(lb.port()));
        isWell = true;
        await("seed " + seed).until(() -> lb.isListening() && !isRefused(lb.port()));
        connect(lb, 24);
        lb.reconfigure(change -> change.whenNoneHealthy(NoneHealthy.CLOSE));
        isWell = false;
        await().until(() -> lb.backends().list().get(0).status().name().equals("DOWN"));
        assertThat(isRefused(lb.port())).isFalse();
    }

    @Test
    void minimumHealthy_outOfRange_isRefused() {
        LoadBalancerBuilder builder = LoadBalancer.builder();
        assertThatThrownBy(() -> builder.minimumHealthy(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("minimumHealthy: 0 (expected: 1..10000)");
        assertThatThrownBy(() -> builder.minimumHealthyPercent(101))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("minimumHealthyPercent: 101 (expected: 0..100)");
    }

    private void check(Backend checked, Duration timeout) throws IOException {
        if (!isWell) {
            throw new IOException("not well");
        }
    }

    private LoadBalancer start(Consumer<LoadBalancerBuilder> settings) {
        LoadBalancerBuilder builder = LoadBalancer.builder()
                .listen("127.0.0.1", 0)
                .backend("127.0.0.1", backend.port())
                .whenNoneHealthy(NoneHealthy.STOP_LISTENING)
                .healthCheck(check -> check.checker(this::check).interval(Duration.ofMillis(20)))
                .listener(new LoadBalancerListener() {
                    @Override
                    public void acceptPaused(AcceptPaused event) {
                        told.add("paused " + event.cause());
                    }

                    @Override
                    public void acceptResumed() {
                        told.add("resumed");
                    }
                });
        settings.accept(builder);
        return resources.add(builder.start());
    }

    /** That many clients, each of which has been answered. */
    private List<Peer> connect(LoadBalancer lb, int count) {
        List<Peer> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Peer client = resources.add(Peer.connect(lb.port()));
            assertThat(client.send("hello").receiveText(5)).isEqualTo("hello");
            clients.add(client);
        }
        return clients;
    }

    private static boolean isRefused(int port) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoLinger(true, 0);
            return false;
        } catch (ConnectException refused) {
            return true;
        } catch (SocketException reset) {
            // It was let in, and is gone already.
            return false;
        }
    }
}
