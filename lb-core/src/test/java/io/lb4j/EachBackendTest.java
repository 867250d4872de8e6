package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lb4j.backend.Backend;
import io.lb4j.discovery.BackendDiscovery;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.testing.LeakCheck;
import io.lb4j.testing.LogCapture;
import io.lb4j.testing.Resources;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What every backend becomes on its way into the pool, by whichever way it comes. */
class EachBackendTest {
    private static final Backend ONE = Backend.of("127.0.0.1", 1);
    private static final Backend TWO = Backend.of("127.0.0.1", 2);
    private static final Backend THREE = Backend.of("127.0.0.1", 3);

    @RegisterExtension
    final Resources resources = new Resources();

    @Test
    void backends_given_becomeIt_whateverTheOrderOfTheSetters() {
        LoadBalancer lb = start(builder()
                .backend(ONE)
                .eachBackend(backend -> backend.withWeight(7))
                .backend(TWO));
        assertThat(backends(lb)).containsExactly(ONE.withWeight(7), TWO.withWeight(7));
        assertThat(lb.config().defaultPool().backends()).isEqualTo(backends(lb));
    }

    @Test
    void backends_addedAndReplaced_becomeIt() {
        LoadBalancer lb = start(builder().backend(ONE).eachBackend(EachBackendTest::small));
        lb.backends().add(TWO);
        assertThat(backends(lb)).containsExactly(small(ONE), small(TWO));
        var changes = lb.backends().replaceAll(List.of(TWO, THREE));
        assertThat(backends(lb)).containsExactly(small(TWO), small(THREE));
        assertThat(changes.kept()).containsExactly(small(TWO));
        lb.backends().replaceAll(List.of(ONE), Duration.ZERO);
        assertThat(backends(lb)).containsExactly(small(ONE));
    }

    @Test
    void backends_discovered_becomeIt() {
        AtomicReference<List<Backend>> answer = new AtomicReference<>(List.of(ONE));
        LoadBalancer lb = start(builder(answer::get).eachBackend(EachBackendTest::small));
        assertThat(backends(lb)).containsExactly(small(ONE));
        answer.set(List.of(ONE, TWO));
        await().until(() -> backends(lb).equals(List.of(small(ONE), small(TWO))));
    }

    @Test
    void place_isAnother_isWhereConnectionsGo() {
        LoadBalancer lb = start(builder().backend(ONE).eachBackend(backend -> Backend.of(backend.host(), 9)));
        assertThat(backends(lb)).containsExactly(Backend.of("127.0.0.1", 9));
        assertThatThrownBy(() -> lb.backends().add(TWO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("backend id: 127.0.0.1:9 (expected: one that no backend of this balancer has");
    }

    @Test
    void ids_thatAreTheSameAfterwards_areRefusedAndNothingIsChanged() {
        UnaryOperator<Backend> same = backend -> backend.withId("same");
        assertThatThrownBy(() ->
                        builder().backend(ONE).backend(TWO).eachBackend(same).start())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("backend id: same (expected: each id once)");
        assertThat(LeakCheck.balancerThreads()).isEmpty();
        LoadBalancer lb = start(builder().backend(ONE).eachBackend(same));
        assertThatThrownBy(() -> lb.backends().replaceAll(List.of(TWO, THREE)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("backend id: same (expected: each id once)");
        assertThat(backends(lb)).containsExactly(ONE.withId("same"));
    }

    @Test
    void guest_thatThrows_refusesWhereTheBackendIsAdded() {
        assertThatThrownBy(() -> builder()
                        .backend(ONE)
                        .backend(TWO)
                        .eachBackend(EachBackendTest::notTwo)
                        .start())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("backend: 127.0.0.1:2 (expected: one that eachBackend takes, and it threw"
                        + " IllegalStateException)")
                .hasRootCauseMessage("not two");
        assertThat(LeakCheck.balancerThreads()).isEmpty();
        LoadBalancer lb = start(builder().backend(ONE).eachBackend(EachBackendTest::notTwo));
        assertThatThrownBy(() -> lb.backends().add(TWO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasRootCauseMessage("not two");
        assertThatThrownBy(() -> lb.backends().replaceAll(List.of(THREE, TWO)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasRootCauseMessage("not two");
        assertThat(backends(lb)).containsExactly(ONE);
    }

    @Test
    @SuppressWarnings("NullAway")
    void guest_thatReturnsNullOrFailsBadly_refusesToo() {
        LoadBalancer lb = start(builder().backend(ONE).eachBackend(backend -> backend.equals(ONE) ? ONE : null));
        assertThatThrownBy(() -> lb.backends().add(TWO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("backend: 127.0.0.1:2 (expected: one that eachBackend takes, and it returned null)");
        assertThatThrownBy(() -> builder()
                        .backend(ONE)
                        .eachBackend(backend -> {
                            throw new StackOverflowError("on purpose");
                        })
                        .start())
                .isInstanceOf(IllegalArgumentException.class)
                .hasRootCauseMessage("on purpose");
        assertThatThrownBy(() -> builder().eachBackend(null)).hasMessage("eachBackend: null (expected: a value)");
    }

    @Test
    void guest_thatThrows_leavesOutWhatIsDiscovered_andSaysSoOnce() {
        AtomicInteger calls = new AtomicInteger();
        AtomicReference<List<Backend>> answer = new AtomicReference<>(List.of(TWO, ONE));
        try (LogCapture log = LogCapture.open()) {
            LoadBalancer lb = start(builder(() -> {
                        calls.incrementAndGet();
                        return answer.get();
                    })
                    .eachBackend(EachBackendTest::notTwo));
            assertThat(backends(lb)).containsExactly(ONE);
            int before = calls.get();
            await().until(() -> calls.get() > before + 3);
            assertThat(log.messages("that cannot be taken")).hasSize(1);
            assertThat(log.messages("that cannot be taken").get(0))
                    .contains("answered 1 backend that cannot be taken (the first: IllegalArgumentException: backend:"
                            + " 127.0.0.1:2 (expected: one that eachBackend takes, and it threw"
                            + " IllegalStateException)); left out");
            answer.set(List.of(TWO, ONE, THREE));
            await().until(() -> backends(lb).equals(List.of(ONE, THREE)));
        }
    }

    /** Who is refused altogether is no reason to give up who was there. */
    @Test
    void guest_thatRefusesAllThatIsDiscovered_leavesTheLastGoodList() {
        AtomicInteger calls = new AtomicInteger();
        AtomicReference<List<Backend>> answer = new AtomicReference<>(List.of(ONE));
        try (LogCapture log = LogCapture.open()) {
            LoadBalancer lb = start(builder(() -> {
                        calls.incrementAndGet();
                        return answer.get();
                    })
                    .eachBackend(EachBackendTest::notTwo));
            answer.set(List.of(TWO));
            await().until(() -> !log.messages("that cannot be taken").isEmpty());
            assertThat(backends(lb)).containsExactly(ONE);
        }
    }

    /** It holds the discovery's thread, and neither changes nor events. */
    @Test
    void guest_thatHangsForWhatIsDiscovered_keepsNobodyElse() throws InterruptedException {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch hang = new CountDownLatch(1);
        CountDownLatch told = new CountDownLatch(1);
        AtomicReference<List<Backend>> answer = new AtomicReference<>(List.of(ONE));
        try {
            LoadBalancer lb = start(builder(answer::get).eachBackend(backend -> {
                if (backend.equals(TWO)) {
                    entered.countDown();
                    awaitUninterruptibly(hang);
                }
                return backend;
            }));
            lb.addListener(new LoadBalancerListener() {
                @Override
                public void backendAdded(Backend backend) {
                    told.countDown();
                }
            });
            answer.set(List.of(ONE, TWO));
            entered.await();
            lb.backends().add(THREE);
            told.await();
            assertThat(backends(lb)).containsExactly(ONE, THREE);
        } finally {
            hang.countDown();
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        while (true) {
            try {
                latch.await();
                return;
            } catch (InterruptedException ignored) {
                // It hangs, as guests may.
            }
        }
    }

    private static Backend small(Backend backend) {
        return backend.withMaxConnections(2).withLabel("size", "small");
    }

    private static Backend notTwo(Backend backend) {
        if (backend.port() == 2) {
            throw new IllegalStateException("not two");
        }
        return backend;
    }

    private LoadBalancer start(LoadBalancerBuilder builder) {
        return resources.add(builder.start());
    }

    private static LoadBalancerBuilder builder() {
        return LoadBalancer.builder().noHealthCheck();
    }

    private static LoadBalancerBuilder builder(BackendDiscovery discovery) {
        return builder().discovery(discovery, policy -> policy.interval(Duration.ofMillis(20))
                .vanishedAfter(Duration.ZERO));
    }

    private static List<Backend> backends(LoadBalancer lb) {
        return lb.backends().list().stream().map(state -> state.backend()).toList();
    }
}
