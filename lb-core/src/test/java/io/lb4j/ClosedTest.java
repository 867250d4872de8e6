package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lb4j.admin.AdminServer;
import io.lb4j.backend.Backend;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.jmx.JmxRegistration;
import io.lb4j.micrometer.LoadBalancerMetrics;
import io.lb4j.proxy.TcpProxy;
import io.lb4j.testing.Background;
import io.lb4j.testing.LeakCheck;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a balancer does that is closed, and what those hear who were promised something, whoever hangs meanwhile (E13, C7). */
@Timeout(40)
class ClosedTest {
    private static final Duration HOUR = Duration.ofHours(1);

    @RegisterExtension
    final Resources resources = new Resources();

    private final TestBackend backend = TestBackend.echoing();
    private final CountDownLatch release = new CountDownLatch(1);

    @AfterEach
    void close() {
        release.countDown();
        backend.close();
    }

    /** What can be done to a balancer. */
    @FunctionalInterface
    interface Operation {
        void on(LoadBalancer lb) throws Exception;
    }

    static Stream<Named<Operation>> changes() {
        return Stream.of(
                Named.of("add", lb -> lb.backends().add(Backend.of("127.0.0.1", 9))),
                Named.of("remove", lb -> lb.backends().remove("a")),
                Named.of("remove, with a grace", lb -> lb.backends().remove("a", Duration.ofSeconds(1))),
                Named.of("drain", lb -> lb.backends().drain("a", Duration.ofSeconds(1))),
                Named.of("disable", lb -> lb.backends().disable("a")),
                Named.of("enable", lb -> lb.backends().enable("a")),
                Named.of("undrain", lb -> lb.backends().undrain("a")),
                Named.of("weight", lb -> lb.backends().weight("a", 2)),
                Named.of("replaceAll", lb -> lb.backends().replaceAll(List.of())),
                Named.of(
                        "reconfigure",
                        lb -> lb.reconfigure(change -> change.limits(limits -> limits.connectAttempts(2)))),
                Named.of("addListener", lb -> lb.addListener(new LoadBalancerListener() {})),
                Named.of(
                        "AdminServer.start",
                        lb -> AdminServer.builder(lb).listen("127.0.0.1", 0).start()),
                Named.of("JmxRegistration.of", lb -> JmxRegistration.of(lb)),
                Named.of("bindTo", lb -> new LoadBalancerMetrics(lb).bindTo(new SimpleMeterRegistry())));
    }

    @ParameterizedTest
    @MethodSource("changes")
    void change_ofAClosedBalancer_isRefused(Operation change) {
        LoadBalancer lb = builder().start();
        lb.close();
        assertThatThrownBy(() -> change.on(lb))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("orders is closed");
    }

    @Test
    void closed_itsFiguresAreStillThere() {
        LoadBalancer lb = builder().start();
        lb.close();
        lb.close();
        assertThat(lb.backends().list()).hasSize(1);
        assertThat(lb.backends().get("a").activeConnections()).isZero();
        assertThat(lb.stats().proxy().active()).isZero();
        assertThat(lb.config().proxy().name()).isEqualTo("orders");
        assertThat(lb.port()).isPositive();
        assertThat(lb.toString()).contains("orders");
        lb.removeListener(new LoadBalancerListener() {});
    }

    @Test
    void meters_ofAClosedBalancer_areNotRegistered() {
        LoadBalancer lb = builder().start();
        lb.close();
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        assertThatThrownBy(() -> new LoadBalancerMetrics(lb).bindTo(registry))
                .isInstanceOf(IllegalStateException.class);
        assertThat(registry.getMeters()).isEmpty();
    }

    @Test
    void proxy_thatIsClosed_refusesChanges() {
        TcpProxy proxy =
                TcpProxy.builder().name("alone").to("127.0.0.1", backend.port()).start();
        proxy.close();
        assertThatThrownBy(() -> proxy.reconfigure(change -> {})).hasMessage("alone is closed");
        assertThatThrownBy(() -> proxy.addListener(new LoadBalancerListener() {}))
                .hasMessage("alone is closed");
    }

    // ---- what was promised

    @Test
    void close_whileAListenerHangsOnTheControlThread_keepsEveryPromise() {
        CountDownLatch hangs = new CountDownLatch(1);
        LoadBalancerListener hanging = new LoadBalancerListener() {
            @Override
            public void reconfigured() {
                hangs.countDown();
                awaitRelease();
            }
        };
        LoadBalancer lb =
                builder().backend(at("b")).backend(at("c")).listener(hanging).start();
        connect(lb);
        lb.reconfigure(change -> change.limits(limits -> limits.connectAttempts(2)));
        awaitLatch(hangs);
        List<CompletionStage<?>> promised = new ArrayList<>();
        promised.add(lb.whenClosed());
        promised.add(lb.backends().drain("a", HOUR));
        promised.add(lb.backends().remove("b"));
        promised.add(lb.backends().drain("c", Duration.ZERO));
        lb.backends().enable("c");
        promised.add(lb.backends().remove("c", Duration.ZERO));
        promised.add(lb.drain(HOUR));
        lb.close();
        assertThat(promised)
                .allSatisfy(one -> assertThat(one.toCompletableFuture()).isDone());
        assertThat(lb.isClosed()).isTrue();
    }

    @Test
    void backend_thatDrainsWhenTheBalancerIsClosed_isCalledOff() {
        LoadBalancer lb = builder().start();
        connect(lb);
        CompletionStage<?> drained = lb.backends().drain("a", HOUR);
        lb.close();
        assertThat(drained.toCompletableFuture())
                .failsWithin(Duration.ZERO)
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(CancellationException.class);
    }

    /** An operation either is refused or has its promise kept; never neither. */
    @Test
    void drains_thatRaceWithClose_endOrAreRefused() {
        for (int round = 0; round < 30; round++) {
            LoadBalancer lb = builder().start();
            List<CompletionStage<?>> promised = new ArrayList<>();
            AtomicInteger refused = new AtomicInteger();
            CountDownLatch begun = new CountDownLatch(1);
            var drains = Background.run(() -> {
                while (refused.get() == 0) {
                    try {
                        promised.add(lb.backends().drain("a", HOUR));
                        lb.backends().enable("a");
                    } catch (IllegalStateException closed) {
                        refused.incrementAndGet();
                    }
                    begun.countDown();
                }
            });
            awaitLatch(begun);
            lb.close();
            drains.join();
            await().untilAsserted(() -> assertThat(promised)
                    .allSatisfy(one -> assertThat(one.toCompletableFuture()).isDone()));
        }
    }

    // ---- what depends on it

    @Test
    void dependentOfWhenClosed_thatBlocks_findsThatChecksHaveEnded() throws Exception {
        AtomicInteger checks = new AtomicInteger();
        CountDownLatch told = new CountDownLatch(1);
        AtomicInteger checksWhenTold = new AtomicInteger();
        LoadBalancer lb = builder()
                .healthCheck(check ->
                        check.interval(Duration.ofMillis(5)).checker((checked, timeout) -> checks.incrementAndGet()))
                .start();
        await().until(() -> checks.get() > 3);
        CompletionStage<Void> before = lb.whenClosed();
        lb.whenClosed().thenRun(() -> {
            checksWhenTold.set(checks.get());
            told.countDown();
            awaitRelease();
        });
        CompletionStage<Void> after = lb.whenClosed();
        CompletionStage<?> drained = lb.drain(Duration.ZERO);
        awaitLatch(told);
        assertThat(Stream.of(before, after, drained))
                .allSatisfy(one -> assertThat(one.toCompletableFuture()).succeedsWithin(Duration.ofSeconds(10)));
        Background.pause(100);
        // One may have been under way.
        assertThat(checks.get() - checksWhenTold.get()).isLessThanOrEqualTo(1);
    }

    @Test
    void dependentOfADrain_thatBlocks_keepsNobodyWaiting() {
        AtomicInteger checks = new AtomicInteger();
        try (LoadBalancer lb = builder()
                .healthCheck(check ->
                        check.interval(Duration.ofMillis(5)).checker((checked, timeout) -> checks.incrementAndGet()))
                .start()) {
            // Until this one goes, so that the dependent is there before the result is.
            Peer client = Peer.connect(lb.port());
            client.send("hello").receiveText(5);
            lb.backends().add(at("b"));
            CountDownLatch blocks = new CountDownLatch(1);
            lb.backends().drain("a", HOUR).thenRun(() -> {
                blocks.countDown();
                awaitRelease();
            });
            client.close();
            awaitLatch(blocks);
            int before = checks.get();
            await().until(() -> checks.get() > before + 3);
            assertThat(lb.backends().drain("b", HOUR).toCompletableFuture()).succeedsWithin(Duration.ofSeconds(10));
            release.countDown();
        }
    }

    @Test
    void dependentsOfManyDrains_thatAllBlock_haveABoundedNumberOfThreads() {
        try (LoadBalancer lb = builder().start()) {
            connect(lb);
            AtomicInteger ran = new AtomicInteger();
            for (int i = 0; i < 100; i++) {
                lb.backends().drain("a", HOUR).whenComplete((result, calledOff) -> {
                    ran.incrementAndGet();
                    awaitRelease();
                });
            }
            var enabling = Background.run(() -> lb.backends().enable("a"));
            // The last one holds whoever called the drain off.
            await().untilAsserted(() -> assertThat(ran).hasValue(33));
            assertThat(LeakCheck.balancerThreads().stream().filter("lb-orders-promise"::equals))
                    .hasSize(32);
            release.countDown();
            enabling.join();
            await().untilAsserted(() -> assertThat(ran).hasValue(100));
        }
    }

    // ---- the stage

    private LoadBalancerBuilder builder() {
        return LoadBalancer.builder()
                .name("orders")
                .listen("127.0.0.1", 0)
                .eventLoops(1)
                .noHealthCheck()
                .backend(at("a"));
    }

    private Backend at(String id) {
        return Backend.of("127.0.0.1", backend.port()).withId(id);
    }

    /** A client that has been served, and stays. */
    private void connect(LoadBalancer lb) {
        Peer client = resources.add(Peer.connect(lb.port()));
        client.send("hello");
        assertThat(client.receiveText(5)).isEqualTo("hello");
    }

    private void awaitRelease() {
        awaitLatch(release);
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
