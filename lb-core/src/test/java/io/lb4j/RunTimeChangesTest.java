package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendStatus;
import io.lb4j.event.CloseReason;
import io.lb4j.health.OnDown;
import io.lb4j.proxy.DrainResult;
import io.lb4j.selection.BackendSelector;
import io.lb4j.testing.Background;
import io.lb4j.testing.Peer;
import io.lb4j.testing.RecordingListener;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Backends and settings of a running balancer change, through real sockets. */
class RunTimeChangesTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    /** More of them, for minutes: {@code -Dchanges=50000}. */
    private static final int CHANGES = Integer.getInteger("changes", 400);

    @RegisterExtension
    final Resources resources = new Resources();

    private final RecordingListener events = new RecordingListener();

    @Test
    void drain_200ConnectionsThatEnd_completesWithTheLast() {
        LoadBalancer lb = start(TestBackend.echoing(), "a");
        List<Peer> clients = connect(lb, 200);
        CompletableFuture<DrainResult> drained =
                lb.backends().drain("a", Duration.ofHours(1)).toCompletableFuture();
        for (int i = 0; i < 199; i++) {
            clients.get(i).fin().receiveToEnd();
        }
        await().until(() -> lb.backends().get("a").activeConnections() == 1);
        assertThat(drained).isNotDone();
        assertThat(clients.get(199).send("y").receiveText(1)).isEqualTo("y");
        clients.get(199).fin().receiveToEnd();
        assertThat(drained).succeedsWithin(SOON).isEqualTo(new DrainResult(200, 0));
    }

    @Test
    void drain_200ConnectionsThatStay_resetsThemAtTheDeadlineAndCountsRight() {
        LoadBalancer lb = start(TestBackend.echoing(), "a");
        List<Peer> clients = connect(lb, 200);
        CompletableFuture<DrainResult> drained =
                lb.backends().drain("a", Duration.ofMillis(300)).toCompletableFuture();
        clients.get(0).fin().receiveToEnd();
        assertThat(drained).succeedsWithin(SOON).isEqualTo(new DrainResult(1, 199));
        assertThat(clients.get(7).receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        await().untilAsserted(() -> assertThat(events.closed())
                .filteredOn(summary -> summary.reason() == CloseReason.BACKEND_DRAINED)
                .hasSize(199));
    }

    @Test
    void close_whileABackendDrains_leavesNobodyWaiting() {
        LoadBalancer lb = start(TestBackend.echoing(), "a");
        connect(lb, 2);
        CompletableFuture<DrainResult> drained =
                lb.backends().drain("a", Duration.ofHours(1)).toCompletableFuture();
        lb.close();
        await().until(drained::isDone);
    }

    @Test
    void remove_whileItIsDialled_theClientGetsAnother() { // C13
        TestBackend stalled = resources.add(TestBackend.stalled());
        TestBackend other = resources.add(TestBackend.saying("other"));
        LoadBalancer lb = resources.add(builder()
                .selector(BackendSelector.first())
                .timeouts(timeouts -> timeouts.connect(Duration.ofHours(1)))
                .backend(backend(stalled, "stalled"))
                .backend(backend(other, "other"))
                .start());
        Peer client = resources.add(Peer.connect(lb.port()));
        await().until(() -> lb.backends().get("stalled").activeConnections() == 1);
        CompletableFuture<DrainResult> removed =
                lb.backends().remove("stalled", Duration.ZERO).toCompletableFuture();
        assertThat(client.receiveText(5)).isEqualTo("other");
        assertThat(removed).succeedsWithin(SOON);
    }

    @Test
    void onDown_close_resetsItsClients() {
        AtomicBoolean healthy = new AtomicBoolean(true);
        TestBackend server = resources.add(TestBackend.echoing());
        LoadBalancer lb = resources.add(builder()
                .onDown(OnDown.CLOSE)
                .healthCheck(check -> check.interval(Duration.ofMillis(20)).checker((backend, timeout) -> {
                    if (!healthy.get() && backend.id().equals("a")) {
                        throw new IOException("scripted");
                    }
                }))
                .backend(backend(server, "a"))
                // Somebody else to come back to: the last backend's clients are left alone.
                .backend(backend(server, "b").withPriority(1))
                .start());
        Peer client = connect(lb, 1).get(0);
        healthy.set(false);
        assertThat(client.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        assertThat(events.awaitClosed().reason()).isEqualTo(CloseReason.BACKEND_DOWN);
    }

    @Test
    void failedConnect_makesACheckDueAndTakesTheBackendOut() {
        TestBackend.Refusing refusing = resources.add(TestBackend.refusing());
        TestBackend other = resources.add(TestBackend.saying("other"));
        AtomicInteger checks = new AtomicInteger();
        LoadBalancer lb = resources.add(builder()
                .selector(BackendSelector.first())
                .healthCheck(check -> check.interval(Duration.ofHours(1)).checker((backend, timeout) -> {
                    if (backend.port() == refusing.port() && checks.incrementAndGet() > 1) {
                        throw new IOException("refuses");
                    }
                }))
                .backend(Backend.of("127.0.0.1", refusing.port()).withId("refusing"))
                .backend(backend(other, "other"))
                .start());
        await().until(() -> checks.get() == 1);
        assertThat(resources.add(Peer.connect(lb.port())).receiveText(5)).isEqualTo("other");
        // An hour before its time.
        await().until(() -> lb.backends().get("refusing").status() == BackendStatus.DOWN);
    }

    @Test
    void reconfigure_holdsForNewConnectionsAndIsAllOrNothing() {
        LoadBalancer lb = start(TestBackend.echoing(), "a");
        TestBackend second = resources.add(TestBackend.saying("b"));
        lb.backends().add(backend(second, "b"));
        Peer old = connect(lb, 1).get(0);
        lb.reconfigure(change -> change.selector((candidates, connection) -> candidates.get(1))
                .timeouts(timeouts -> timeouts.idle(Duration.ofMillis(50))));
        assertThat(resources.add(Peer.connect(lb.port())).receiveText(1)).isEqualTo("b");
        assertThat(lb.config().proxy().timeouts().idle()).contains(Duration.ofMillis(50));
        assertThatThrownBy(() -> lb.reconfigure(change -> change.selector(BackendSelector.first())
                        .limits(limits -> limits.connections(7).connectAttempts(0))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(lb.config().proxy().limits().connections()).isEmpty();
        assertThat(resources.add(Peer.connect(lb.port())).receiveText(1)).isEqualTo("b");
        assertThat(old.send("y").receiveText(1)).as("it keeps its own timeouts").isEqualTo("y");
    }

    @Test
    void reconfigure_connectionLimitRaised_letsThoseInWhoWait() {
        TestBackend server = resources.add(TestBackend.saying("hello"));
        LoadBalancer lb = resources.add(builder()
                .limits(limits -> limits.connections(1))
                .backend(backend(server, "a"))
                .start());
        Peer first = resources.add(Peer.connect(lb.port()));
        assertThat(first.receiveText(5)).isEqualTo("hello");
        Peer second = resources.add(Peer.connect(lb.port()));
        await().until(() -> lb.stats().proxy().acceptPauses() > 0);
        lb.reconfigure(change -> change.limits(limits -> limits.connections(2)));
        assertThat(second.receiveText(5)).isEqualTo("hello");
    }

    @Test
    void maxLifetime_over_resetsABusyConnection() {
        TestBackend server = resources.add(TestBackend.echoing());
        LoadBalancer lb = resources.add(builder()
                .timeouts(timeouts -> timeouts.lifetime(Duration.ofMillis(100)))
                .backend(backend(server, "a"))
                .start());
        Peer client = resources.add(Peer.connect(lb.port()));
        assertThat(client.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        assertThat(events.awaitClosed().reason()).isEqualTo(CloseReason.MAX_LIFETIME);
        assertThat(events.closed().get(0).duration()).isGreaterThanOrEqualTo(Duration.ofMillis(90));
    }

    @Test
    void add_itsOwnListener_isRefused() { // C14
        LoadBalancer lb = start(TestBackend.echoing(), "a");
        assertThatThrownBy(() -> lb.backends().add(Backend.of("127.0.0.1", lb.port())))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("own listener");
        assertThatThrownBy(() -> lb.backends().replaceAll(List.of(Backend.of("127.0.0.1", lb.port()))))
                .isInstanceOf(IllegalStateException.class);
        assertThat(lb.backends().list()).hasSize(1);
    }

    @Test
    void awaitClosed_returnsWhenItHasEnded() throws InterruptedException {
        LoadBalancer lb = start(TestBackend.echoing(), "a");
        assertThat(lb.awaitClosed(Duration.ofMillis(1))).isFalse();
        lb.drain(Duration.ofSeconds(1));
        assertThat(lb.awaitClosed(SOON)).isTrue();
    }

    @Test
    void drainOfTheBalancer_200Connections_spreadsTheResetsOverTheLastThird() throws InterruptedException {
        LoadBalancer lb = start(TestBackend.echoing(), "a");
        connect(lb, 200);
        CompletableFuture<DrainResult> drained =
                lb.drain(Duration.ofMillis(900)).toCompletableFuture();
        assertThat(drained).succeedsWithin(SOON).isEqualTo(new DrainResult(0, 200));
        List<Duration> ages = events.closed().stream()
                .map(summary -> summary.duration())
                .sorted()
                .toList();
        // Not all at once: from the first to the last a good part of 300 ms passes.
        assertThat(ages.get(199).minus(ages.get(0))).isGreaterThan(Duration.ofMillis(100));
    }

    @Test
    void removedBackend_withoutConnections_isNotHeldByAnything() { // E11
        LoadBalancer lb = start(TestBackend.echoing(), "a");
        AtomicReference<WeakReference<Object>> place = new AtomicReference<>();
        lb.reconfigure(change -> change.selector((candidates, connection) -> {
            place.compareAndSet(null, new WeakReference<>(candidates.get(0)));
            return candidates.get(0);
        }));
        connect(lb, 1).get(0).fin().receiveToEnd();
        TestBackend second = resources.add(TestBackend.echoing());
        lb.backends().add(backend(second, "b"));
        assertThat(lb.backends().remove("a").toCompletableFuture()).succeedsWithin(SOON);
        connect(lb, 2);
        await().until(() -> {
            System.gc();
            return place.get().get() == null;
        });
    }

    /** Clients come and go without a pause while backends are added, drained, removed, re-weighted and replaced. */
    @Test
    void everything_underTraffic_noClientIsHurt() { // E10
        long seed = System.nanoTime();
        LoadBalancer lb = start(TestBackend.echoing(), "a");
        List<TestBackend> servers = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            servers.add(resources.add(TestBackend.echoing()));
        }
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger exchanges = new AtomicInteger();
        List<CompletableFuture<Void>> clients = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            int most = i < 4 ? 1 : 2_000;
            Random length = new Random(seed + i);
            clients.add(Background.run(() -> exchangeUntil(over, lb, exchanges, () -> 1 + length.nextInt(most))));
        }
        Random random = new Random(seed);
        for (int change = 0; change < CHANGES; change++) {
            int before = exchanges.get();
            change(lb, servers, random, change);
            await().pollInterval(Duration.ofMillis(1)).until(() -> exchanges.get() > before);
        }
        over.set(true);
        assertThat(clients).as("seed " + seed).allSatisfy(client -> assertThat(client)
                .succeedsWithin(SOON));
        assertThat(lb.stats().proxy().closed(CloseReason.NO_BACKEND))
                .as("seed " + seed)
                .isZero();
    }

    private void change(LoadBalancer lb, List<TestBackend> servers, Random random, int number) {
        TestBackend server = servers.get(random.nextInt(servers.size()));
        Backends backends = lb.backends();
        List<String> others = backends.list().stream()
                .filter(state -> state.status() != BackendStatus.LEAVING)
                .map(state -> state.backend().id())
                .filter(id -> !id.equals("a"))
                .toList();
        String one = others.isEmpty() ? null : others.get(random.nextInt(others.size()));
        switch (random.nextInt(7)) {
            case 0 -> backends.add(backend(server, "n" + number));
            case 1 -> backends.weight("a", 1 + random.nextInt(5));
            case 2 ->
                lb.reconfigure(next -> next.selector(
                        random.nextBoolean() ? BackendSelector.leastConnections() : BackendSelector.roundRobin()));
            case 3 ->
                backends.replaceAll(List.of(
                        backends.get("a").backend(),
                        backend(server, "r" + number).withWeight(1 + random.nextInt(3))));
            case 4 -> ifThere(one, backends::remove);
            case 5 -> ifThere(one, id -> backends.drain(id, Duration.ofHours(1)));
            default -> ifThere(one, backends::enable);
        }
    }

    private static void ifThere(String id, Consumer<String> change) {
        if (id != null) {
            change.accept(id);
        }
    }

    /** One connection after another, each for as many exchanges as {@code length} says. */
    private static void exchangeUntil(
            AtomicBoolean over, LoadBalancer lb, AtomicInteger exchanges, IntSupplier length) {
        while (!over.get()) {
            try (Peer client = Peer.connect(lb.port())) {
                int count = length.getAsInt();
                for (int i = 0; i < count && !over.get(); i++) {
                    assertThat(client.send("hello").receiveText(5)).isEqualTo("hello");
                    exchanges.incrementAndGet();
                }
                client.fin();
                assertThat(client.receiveToEnd().end()).isEqualTo(Peer.End.EOF);
            }
        }
    }

    private LoadBalancerBuilder builder() {
        return LoadBalancer.builder().noHealthCheck().listener(events);
    }

    private LoadBalancer start(TestBackend server, String id) {
        resources.add(server);
        return resources.add(builder().backend(backend(server, id)).start());
    }

    private static Backend backend(TestBackend server, String id) {
        return Backend.of("127.0.0.1", server.port()).withId(id);
    }

    private List<Peer> connect(LoadBalancer lb, int count) {
        List<Peer> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Peer client = resources.add(Peer.connect(lb.port()));
            assertThat(client.send("x").receiveText(1)).isEqualTo("x");
            clients.add(client);
        }
        return clients;
    }
}
