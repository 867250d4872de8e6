package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.backend.Backend;
import io.lb4j.discovery.BackendDiscovery;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.testing.Background;
import io.lb4j.testing.LogCapture;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A balancer whose discovery tells of changes, through real threads: the interval is far longer than any test. */
@Timeout(60)
class PushedDiscoveryTest {
    @RegisterExtension
    final Resources resources = new Resources();

    private final LogCapture log = resources.add(LogCapture.open());
    private final TestBackend one = resources.add(TestBackend.saying("one"));
    private final TestBackend two = resources.add(TestBackend.saying("two"));
    private final Pushed source = new Pushed();

    /** A source that is sent lists: it keeps the last one and answers with it. */
    private static class Pushed implements BackendDiscovery {
        private volatile List<Backend> last;
        private volatile Runnable changed;
        final AtomicInteger asked = new AtomicInteger();
        final CountDownLatch watched = new CountDownLatch(1);
        final CountDownLatch ended = new CountDownLatch(1);

        void push(List<Backend> backends) {
            last = backends;
            changed.run();
        }

        @Override
        public List<Backend> discover() {
            asked.incrementAndGet();
            if (last == null) {
                throw new IllegalStateException("nothing told yet");
            }
            return last;
        }

        @Override
        public AutoCloseable watch(Runnable toBeTold) {
            changed = toBeTold;
            watched.countDown();
            return this::end;
        }

        void end() throws InterruptedException {
            ended.countDown();
        }
    }

    @Test
    void start_waitsForTheFirstListThatIsTold() throws Exception {
        CompletableFuture<LoadBalancer> starting = Background.supply(() -> start(source));
        assertThat(source.watched.await(Peer.PATIENCE_MILLIS, TimeUnit.MILLISECONDS))
                .isTrue();
        source.push(backends(one));
        LoadBalancer lb = starting.get(Peer.PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        assertThat(answer(lb)).isEqualTo("one");
    }

    @Test
    void lists_thatAreTold_areFollowed_thoseThatAreNonsenseAreNot() {
        source.last = backends(one);
        LoadBalancer lb = start(source);
        source.push(Arrays.asList(backends(two).get(0), null));
        await().until(() -> !log.messages("failed").isEmpty());
        assertThat(ids(lb)).containsExactly(id(one));
        Backend twice = Backend.of("127.0.0.1", two.port()).withId("twice");
        source.push(List.of(Backend.of("127.0.0.1", lb.port()), Backend.of("127.0.0.1", two.port()), twice));
        await().until(() -> ids(lb).equals(Set.of(id(two))));
        assertThat(answer(lb)).isEqualTo("two");
        source.push(List.of());
        // Within a second of the other line: at the end of that.
        await().until(() -> !log.messages("answered without a backend; kept").isEmpty());
        assertThat(answer(lb)).isEqualTo("two");
    }

    @Test
    void change_toldOnAnEventLoop_isFollowed() {
        source.last = backends(one);
        AtomicBoolean onALoop = new AtomicBoolean();
        LoadBalancer lb = resources.add(builder(source)
                .listener(new LoadBalancerListener() {
                    @Override
                    public void connectionClosed(ConnectionSummary event) {
                        onALoop.set(Thread.currentThread().getName().contains("-io-"));
                        source.push(backends(two));
                    }
                })
                .start());
        assertThat(answer(lb)).isEqualTo("one");
        await().until(() -> ids(lb).equals(Set.of(id(two))));
        assertThat(onALoop).isTrue();
    }

    @Test
    void changes_withoutAPause_areFollowedAndCostTenCallsASecond() throws Exception {
        source.last = backends(one);
        LoadBalancer lb = start(source);
        AtomicBoolean over = new AtomicBoolean();
        long began = System.nanoTime();
        CompletableFuture<Void> flood = Background.run(() -> {
            for (long n = 0; !over.get(); n++) {
                source.push(n % 2 == 0 ? backends(one, two) : backends(one));
            }
        });
        await().until(() -> source.asked.get() > 3);
        assertThat(answer(lb)).isIn("one", "two");
        over.set(true);
        flood.get(Peer.PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        source.push(backends(two));
        await().until(() -> ids(lb).equals(Set.of(id(two))));
        long seconds = 1 + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began);
        assertThat(source.asked.get()).isLessThanOrEqualTo((int) seconds * 10 + 1);
    }

    @Test
    void close_endsTheWatch_andNobodyIsAskedAfterwards() throws Exception {
        source.last = backends(one);
        LoadBalancer lb = start(source);
        lb.close();
        assertThat(source.ended.getCount()).as("ended when close() returns").isZero();
        int asked = source.asked.get();
        source.push(backends(two));
        assertThat(source.asked).hasValue(asked);
    }

    @Test
    void drain_endsTheWatch() throws Exception {
        source.last = backends(one);
        LoadBalancer lb = start(source);
        lb.drain(Duration.ofSeconds(5)).get(Peer.PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        assertThat(source.ended.await(Peer.PATIENCE_MILLIS, TimeUnit.MILLISECONDS))
                .isTrue();
    }

    /** Takes the 2 s of {@code close()}. */
    @Test
    void close_ofAWatchThatDoesNotEnd_isNotWaitedForAndInterrupted() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        Pushed stubborn = new Pushed() {
            @Override
            void end() {
                try {
                    new CountDownLatch(1).await();
                } catch (InterruptedException expected) {
                    interrupted.countDown();
                }
            }
        };
        stubborn.last = backends(one);
        LoadBalancer lb = start(stubborn);
        CompletableFuture<Void> closing = Background.run(lb::close);
        closing.get(Peer.PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        assertThat(interrupted.await(Peer.PATIENCE_MILLIS, TimeUnit.MILLISECONDS))
                .isTrue();
    }

    private LoadBalancer start(BackendDiscovery discovery) {
        return resources.add(builder(discovery).start());
    }

    private static LoadBalancerBuilder builder(BackendDiscovery discovery) {
        return LoadBalancer.builder().noHealthCheck().discovery(discovery, policy -> policy.interval(
                        Duration.ofHours(1))
                .timeout(Duration.ofSeconds(30))
                .vanishedAfter(Duration.ZERO));
    }

    private static List<Backend> backends(TestBackend... backends) {
        return Arrays.stream(backends)
                .map(backend -> Backend.of("127.0.0.1", backend.port()))
                .toList();
    }

    private static String id(TestBackend backend) {
        return "127.0.0.1:" + backend.port();
    }

    private static Set<String> ids(LoadBalancer lb) {
        return lb.backends().list().stream().map(state -> state.backend().id()).collect(Collectors.toSet());
    }

    private static String answer(LoadBalancer lb) {
        try (Peer client = Peer.connect(lb.port())) {
            return client.receiveText(3);
        }
    }
}
