package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.admin.AdminServer;
import io.lb4j.backend.Backend;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionPhase;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.micrometer.LoadBalancerMetrics;
import io.lb4j.stats.QueueStats;
import io.lb4j.testing.Background;
import io.lb4j.testing.Peer;
import io.lb4j.testing.RecordingListener;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that wait while every backend is full, through real sockets. */
class QueueTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(100);

    @RegisterExtension
    final Resources resources = new Resources();

    private final RecordingListener listener = new RecordingListener();

    // ---- R0, E20

    /** A place that is free is seen as free: the close was there before the connect. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void sequentialClient_ofOnePlace_isNeverTurnedAway(int loops) {
        TestBackend backend = resources.add(TestBackend.saying("x"));
        LoadBalancer lb = start(builder -> builder.eventLoops(loops).backend(limited(backend, 1)));
        assertThat(served(lb, 1000)).isEqualTo(1000);
    }

    /** The backend has ended its stream, the client then closes: both are handled before the client who comes next. */
    @Test
    void sequentialClient_ofOneLoopAndOnePlace_isNotTurnedAwayEvenIfNobodyWaits() {
        TestBackend backend = resources.add(TestBackend.saying("x"));
        LoadBalancer lb = start(builder -> builder.noQueue().eventLoops(1).backend(limited(backend, 1)));
        assertThat(served(lb, 1000)).isEqualTo(1000);
    }

    private static int served(LoadBalancer lb, int clients) {
        int served = 0;
        for (int i = 0; i < clients; i++) {
            try (Peer client = Peer.connect(lb.port())) {
                served += client.receiveToEnd().end() == Peer.End.EOF ? 1 : 0;
            }
        }
        return served;
    }

    /** With a limit of the balancer's, too, that is the sum of the backends': a backend that is DOWN has its share in it. */
    @Test
    void fortyClients_oneBackendDown_areAllServed() {
        TestBackend backend = resources.add(TestBackend.serving(peer -> {
            Background.pause(20);
            peer.send("x").fin();
            peer.receiveToEnd();
        }));
        TestBackend.Refusing down = resources.add(TestBackend.refusing());
        LoadBalancer lb = start(builder -> builder.limits(limits -> limits.connections(10))
                .backend(limited(backend, 5))
                .backend(Backend.of("127.0.0.1", down.port()).withMaxConnections(5)));
        List<CompletableFuture<Integer>> clients = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            clients.add(Background.supply(() -> served(lb, 1)));
        }
        assertThat(clients)
                .allSatisfy(client -> assertThat(client).succeedsWithin(LONG).isEqualTo(1));
    }

    // ---- the order

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void placesGivenBack_goToWhoCameFirst_andNobodyWhoComesThenIsBeforeThem(int loops) {
        TestBackend backend = resources.add(TestBackend.listening());
        LoadBalancer lb = start(builder -> builder.eventLoops(loops).backend(limited(backend, 1)));
        Peer client = connect(lb);
        Peer atBackend = backend.accept();
        List<Peer> waiting = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            waiting.add(waiter(lb, i + 1));
        }
        for (int i = 0; i < waiting.size(); i++) {
            client.rst();
            assertThat(atBackend.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
            client = waiting.get(i);
            client.send("client " + i);
            atBackend = backend.accept();
            assertThat(atBackend.receiveText(8)).isEqualTo("client " + i);
        }
        QueueStats stats = lb.stats().queue();
        assertThat(stats.waits().total()).isEqualTo(5);
        assertThat(stats.waiting()).isZero();
        assertThat(stats.longestWait()).isZero();
    }

    /** One more who waits; returns when it does. */
    private Peer waiter(LoadBalancer lb, int waiting) {
        Peer client = connect(lb);
        awaitWaiting(lb, waiting);
        return client;
    }

    private static void awaitWaiting(LoadBalancer lb, int waiting) {
        await().pollInterval(Duration.ofMillis(1))
                .until(() -> lb.stats().queue().waiting() == waiting);
    }

    /** They see each other's places: one place given back serves one, whichever loop it is on. */
    @Test
    void manyClients_ofFewPlaces_areAllServedInTheirTurn() {
        TestBackend backend = resources.add(TestBackend.saying("x"));
        LoadBalancer lb = start(builder -> builder.eventLoops(4).backend(limited(backend, 3)));
        List<CompletableFuture<Integer>> clients = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            clients.add(Background.supply(() -> served(lb, 100)));
        }
        assertThat(clients)
                .allSatisfy(client -> assertThat(client).succeedsWithin(LONG).isEqualTo(100));
        assertThat(lb.stats().proxy().refusedTotal()).isZero();
    }

    // ---- who does not get a place

    @Test
    void timeout_passes_isRefusedAndSaysSo() {
        TestBackend backend = resources.add(TestBackend.listening());
        LoadBalancer lb =
                start(builder -> builder.queue(queue -> queue.timeout(SHORT)).backend(limited(backend, 1)));
        occupy(lb, backend);
        assertThat(connect(lb).receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        ConnectionSummary summary = listener.awaitClosed();
        assertThat(summary.reason()).isEqualTo(CloseReason.QUEUE_TIMEOUT);
        assertThat(summary.phase()).isEqualTo(ConnectionPhase.WAITING);
        assertThat(summary.terminationCode()).isEqualTo("sQ");
        assertThat(summary.attempts()).isZero();
        assertThat(summary.queueTime()).isBetween(SHORT, summary.duration());
        assertThat(lb.stats().proxy().refused()).containsEntry(CloseReason.QUEUE_TIMEOUT, 1L);
        assertThat(lb.stats().queue()).isEqualTo(QueueStats.empty());
    }

    @Test
    void timeout_notSet_isTheConnectTimeout() {
        TestBackend backend = resources.add(TestBackend.listening());
        LoadBalancer lb = start(
                builder -> builder.timeouts(timeouts -> timeouts.connect(SHORT)).backend(limited(backend, 1)));
        occupy(lb, backend);
        assertThat(connect(lb).receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        assertThat(listener.awaitClosed().reason()).isEqualTo(CloseReason.QUEUE_TIMEOUT);
    }

    @Test
    void line_isFull_whoComesThenIsRefusedAtOnce() {
        TestBackend backend = resources.add(TestBackend.listening());
        LoadBalancer lb = start(builder ->
                builder.queue(queue -> queue.maxWaiting(1).timeout(LONG)).backend(limited(backend, 1)));
        occupy(lb, backend);
        waiter(lb, 1);
        assertThat(connect(lb).receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        ConnectionSummary summary = listener.awaitClosed();
        assertThat(summary.reason()).isEqualTo(CloseReason.QUEUE_FULL);
        assertThat(summary.terminationCode()).isEqualTo("PC");
        assertThat(lb.stats().queue().waiting()).isEqualTo(1);
        assertThat(lb.stats().queue().longestWait()).isPositive();
    }

    @Test
    void noQueue_allFull_isRefusedAtOnce() {
        TestBackend backend = resources.add(TestBackend.listening());
        LoadBalancer lb = start(builder -> builder.noQueue().backend(limited(backend, 1)));
        occupy(lb, backend);
        assertThat(connect(lb).receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        assertThat(listener.awaitClosed().reason()).isEqualTo(CloseReason.QUEUE_FULL);
    }

    // ---- clients that go while they wait

    /** In silence, after it has sent something, and after it has ended its stream, which alone is no reason to leave. */
    @ParameterizedTest
    @ValueSource(strings = {"silent", "sent", "ended", "sent and ended"})
    void clientThatResets_leavesTheLine(String before) {
        TestBackend backend = resources.add(TestBackend.listening());
        LoadBalancer lb =
                start(builder -> builder.queue(queue -> queue.timeout(LONG)).backend(limited(backend, 1)));
        occupy(lb, backend);
        Peer gone = waiter(lb, 1);
        if (before.contains("sent")) {
            gone.send("x");
        }
        if (before.contains("ended")) {
            gone.fin();
        }
        waiter(lb, 2);
        gone.rst();
        ConnectionSummary summary = listener.awaitClosed();
        assertThat(summary.reason()).isEqualTo(CloseReason.CLIENT_RESET);
        assertThat(summary.terminationCode()).isEqualTo("CQ");
        awaitWaiting(lb, 1);
    }

    /** The place is there before anybody has looked again at the client who is gone. */
    @Test
    void clientThatHasSentAndReset_getsNoPlace_theNextOneDoes() {
        TestBackend backend = resources.add(TestBackend.listening());
        LoadBalancer lb =
                start(builder -> builder.queue(queue -> queue.timeout(LONG)).backend(limited(backend, 1)));
        Peer first = connect(lb);
        Peer atBackend = backend.accept();
        Peer gone = waiter(lb, 1).send("from one who is gone");
        Peer next = waiter(lb, 2).send("hello");
        gone.rst();
        first.rst();
        assertThat(atBackend.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        assertThat(backend.accept().receiveText(5)).isEqualTo("hello");
        next.send("more");
    }

    @Test
    void clientThatSendsAndEndsItsStream_whileItWaits_losesNothing() {
        TestBackend backend = resources.add(TestBackend.listening());
        LoadBalancer lb = start(builder -> builder.backend(limited(backend, 1)));
        Peer first = connect(lb);
        Peer atBackend = backend.accept();
        Peer second = waiter(lb, 1).send(100_000, 7).fin();
        first.rst();
        assertThat(atBackend.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        Peer served = backend.accept();
        served.receiveAll(100_000, 7);
        served.send("bye").fin();
        assertThat(second.receiveText(3)).isEqualTo("bye");
    }

    // ---- backends that change

    @Test
    void backendsThatChange_callThoseWhoWait() {
        TestBackend one = resources.add(TestBackend.listening());
        TestBackend two = resources.add(TestBackend.listening());
        LoadBalancer lb = start(builder -> builder.queue(queue -> queue.timeout(LONG))
                .backend(limited(one, 1).withId("one")));
        occupy(lb, one);
        Peer first = waiter(lb, 1).send("1");
        Peer second = waiter(lb, 2).send("2");
        Peer third = waiter(lb, 3).send("3");
        lb.backends().add(limited(two, 1).withId("two"));
        assertThat(two.accept().receiveText(1)).isEqualTo("1");
        lb.backends()
                .replaceAll(
                        List.of(limited(one, 2).withId("one"), limited(two, 1).withId("two")));
        assertThat(one.accept().receiveText(1)).isEqualTo("2");
        lb.backends().disable("one");
        lb.backends().disable("two");
        assertThat(third.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        assertThat(listener.awaitClosed().reason()).isEqualTo(CloseReason.NO_BACKEND);
        first.send("x");
        second.send("x");
    }

    @Test
    void backendThatFails_whileOthersAreFull_theClientWaitsForThose() {
        TestBackend backend = resources.add(TestBackend.listening());
        TestBackend.Refusing refusing = resources.add(TestBackend.refusing());
        LoadBalancer lb = start(builder -> builder.queue(queue -> queue.timeout(LONG))
                .noOutlierDetection()
                .backend(limited(backend, 1))
                .backend("127.0.0.1", refusing.port()));
        Peer first = connect(lb);
        Peer atBackend = backend.accept();
        waiter(lb, 1).send("hello");
        first.rst();
        assertThat(atBackend.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        assertThat(backend.accept().receiveText(5)).isEqualTo("hello");
    }

    // ---- the end

    @Test
    void drain_whileSomebodyWaits_servesHim() {
        TestBackend backend = resources.add(TestBackend.listening());
        LoadBalancer lb =
                start(builder -> builder.queue(queue -> queue.timeout(LONG)).backend(limited(backend, 1)));
        Peer first = connect(lb);
        backend.accept();
        Peer second = waiter(lb, 1).send("hello");
        lb.drain(LONG);
        first.rst();
        Peer served = backend.accept();
        assertThat(served.receiveText(5)).isEqualTo("hello");
        served.close();
        assertThat(second.receiveToEnd().end()).isEqualTo(Peer.End.EOF);
        second.close();
        await().until(lb::isClosed);
    }

    @Test
    void drainDeadline_passesWhileSomebodyWaits_endsHimAsTheOthers() throws Exception {
        TestBackend backend = resources.add(TestBackend.listening());
        LoadBalancer lb =
                start(builder -> builder.queue(queue -> queue.timeout(LONG)).backend(limited(backend, 1)));
        occupy(lb, backend);
        Peer waiting = waiter(lb, 1);
        lb.drain(SHORT).toCompletableFuture().get();
        assertThat(waiting.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        assertThat(listener.closed()).extracting(ConnectionSummary::reason).containsOnly(CloseReason.DRAIN_DEADLINE);
        assertThat(lb.stats().queue().waiting()).isZero();
    }

    @Test
    void close_whileSomebodyWaits_endsHim() {
        TestBackend backend = resources.add(TestBackend.listening());
        LoadBalancer lb =
                start(builder -> builder.queue(queue -> queue.timeout(LONG)).backend(limited(backend, 1)));
        occupy(lb, backend);
        Peer waiting = waiter(lb, 1);
        lb.close();
        assertThat(waiting.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        assertThat(lb.stats().proxy().closed(CloseReason.BALANCER_CLOSED)).isEqualTo(2);
    }

    @Test
    void reconfigure_noQueue_refusesWhoComesAndServesWhoWaits() {
        TestBackend backend = resources.add(TestBackend.listening());
        LoadBalancer lb =
                start(builder -> builder.queue(queue -> queue.timeout(LONG)).backend(limited(backend, 1)));
        Peer first = connect(lb);
        backend.accept();
        waiter(lb, 1).send("hello");
        lb.reconfigure(change -> change.noQueue());
        assertThat(lb.config().defaultPool().queue()).isEmpty();
        assertThat(connect(lb).receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        first.rst();
        assertThat(backend.accept().receiveText(5)).isEqualTo("hello");
    }

    // ---- figures

    @Test
    void figures_whileSomebodyWaits_tellHowManyAndHowLong() throws Exception {
        TestBackend backend = resources.add(TestBackend.listening());
        LoadBalancer lb =
                start(builder -> builder.queue(queue -> queue.timeout(LONG)).backend(limited(backend, 1)));
        MeterRegistry registry = new SimpleMeterRegistry();
        new LoadBalancerMetrics(lb).bindTo(registry);
        AdminServer admin = resources.add(AdminServer.builder(lb).start());
        Peer first = connect(lb);
        backend.accept();
        Peer second = waiter(lb, 1);
        await().until(() -> registry.get("lb4j.queue.waiting").gauge().value() == 1);
        assertThat(registry.get("lb4j.queue.longest.wait").gauge().value()).isPositive();
        assertThat(status(admin)).contains("\"queue\":{\"waiting\":1,\"longestWaitMillis\":");
        first.rst();
        backend.accept().close();
        second.close();
        await().until(() -> listener.closed().size() == 2);
        assertThat(closed(first).queueTime()).isZero();
        assertThat(closed(second).queueTime()).isPositive();
        await().until(() -> registry.get("lb4j.queue.waiting").gauge().value() == 0);
    }

    /** Two connections that end at about the same time are told of in any order: each is on a loop of its own. */
    private ConnectionSummary closed(Peer client) {
        return listener.closed().stream()
                .filter(summary -> summary.clientAddress().getPort() == client.localPort())
                .findFirst()
                .orElseThrow();
    }

    private static String status(AdminServer admin) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + admin.port() + "/status");
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    // ---- odds and ends

    private LoadBalancer start(Consumer<LoadBalancerBuilder> settings) {
        LoadBalancerBuilder builder = LoadBalancer.builder().noHealthCheck().listener(listener);
        settings.accept(builder);
        return resources.add(builder.start());
    }

    private static Backend limited(TestBackend backend, int connections) {
        return Backend.of("127.0.0.1", backend.port()).withMaxConnections(connections);
    }

    private Peer connect(LoadBalancer lb) {
        return resources.add(Peer.connect(lb.port()));
    }

    /** Takes the only place. */
    private void occupy(LoadBalancer lb, TestBackend backend) {
        connect(lb);
        backend.accept();
    }
}
