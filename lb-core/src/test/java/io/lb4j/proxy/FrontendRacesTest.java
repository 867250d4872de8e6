package io.lb4j.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lb4j.event.AcceptPaused;
import io.lb4j.event.ConnectionListener;
import io.lb4j.internal.util.Platform;
import io.lb4j.testing.Background;
import io.lb4j.testing.Insides;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Frontends that go, and settings that change, while something else of the proxy is under way. */
class FrontendRacesTest {
    @RegisterExtension
    final Resources resources = new Resources();

    private final TestBackend echo = resources.add(TestBackend.echoing());

    private static String ask(Peer client) {
        return client.send("?").receiveText(1);
    }

    private TcpProxy two(int loops, ConnectionListener listener) {
        return resources.add(TcpProxy.builder()
                .eventLoops(loops)
                .listener(listener)
                .to("127.0.0.1", echo.port())
                .listen("127.0.0.1", 0, f -> f.name("first"))
                .listen("127.0.0.1", 0, f -> f.name("second"))
                .start());
    }

    private static CountDownLatch slowChange(TcpProxy proxy) throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        Thread thread = new Thread(() -> proxy.reconfigure(change -> {
            inside.countDown();
            try {
                release.await();
            } catch (InterruptedException over) {
                Thread.currentThread().interrupt();
            }
        }));
        thread.setDaemon(true);
        thread.start();
        inside.await();
        return release;
    }

    @Test
    void changeThatTakesItsTime_keepsNoClientWaiting() throws Exception {
        TcpProxy proxy = two(2, new ConnectionListener() {});
        CountDownLatch release = slowChange(proxy);
        try {
            CompletableFuture<String> answer = CompletableFuture.supplyAsync(() -> {
                try (Peer client = Peer.connect(proxy.port())) {
                    return ask(client);
                }
            });
            assertThat(answer).succeedsWithin(Duration.ofSeconds(20)).isEqualTo("?");
        } finally {
            release.countDown();
        }
    }

    @Test
    void changeThatTakesItsTime_keepsNoConnectionWaiting_whenAFrontendEnds() throws Exception {
        TcpProxy proxy = two(1, new ConnectionListener() {});
        Peer stays = resources.add(Peer.connect(proxy.frontend("first").port()));
        Peer last = resources.add(Peer.connect(proxy.frontend("second").port()));
        ask(stays);
        ask(last);
        Frontend second = proxy.frontend("second");
        second.drain(Duration.ofMinutes(1));
        CountDownLatch release = slowChange(proxy);
        try {
            last.close();
            await().until(second::isClosed);
            CompletableFuture<Boolean> answers = CompletableFuture.supplyAsync(() -> {
                for (int i = 0; i < 10; i++) {
                    ask(stays);
                }
                return true;
            });
            assertThat(answers).succeedsWithin(Duration.ofSeconds(20)).isEqualTo(true);
        } finally {
            release.countDown();
        }
    }

    @Test
    void placeOfAFrontendThatDrains_canBeListenedAtAsSoonAsItIsFree() {
        TcpProxy proxy = two(2, new ConnectionListener() {});
        int port = proxy.frontend("second").port();
        proxy.frontend("second").close();
        Frontend fixed = proxy.listen(
                "127.0.0.1", PortRange.of(port), f -> f.name("fixed").to("127.0.0.1", echo.port()));
        Peer stays = resources.add(Peer.connect(port));
        ask(stays);
        fixed.drain(Duration.ofMinutes(10));
        assertThat(fixed.isListening()).isFalse();
        proxy.listen("127.0.0.1", PortRange.of(port), f -> f.name("successor").to("127.0.0.1", echo.port()));
    }

    @Test
    void frontendsThatComeAndGo_leaveTheProxyListening() {
        TcpProxy proxy = two(2, new ConnectionListener() {});
        AtomicBoolean stop = new AtomicBoolean();
        CompletableFuture<Void> looker = Background.run(() -> {
            while (!stop.get()) {
                assertThat(proxy.isListening()).as("listening").isTrue();
            }
        });
        try {
            for (int i = 0; i < 500 && !looker.isDone(); i++) {
                proxy.listen("127.0.0.1", PortRange.of(0), f -> f.name("more").to("127.0.0.1", echo.port()))
                        .close();
            }
        } finally {
            stop.set(true);
        }
        assertThat(looker).succeedsWithin(Duration.ofSeconds(20));
    }

    @Test
    void proxyThatCloses_hasItsFrontends() {
        for (int i = 0; i < 100; i++) {
            TcpProxy proxy = two(2, new ConnectionListener() {});
            AtomicBoolean stop = new AtomicBoolean();
            CompletableFuture<Void> looker = Background.run(() -> {
                while (!stop.get()) {
                    assertThat(proxy.frontends()).hasSize(2);
                }
            });
            proxy.close();
            stop.set(true);
            assertThat(looker).succeedsWithin(Duration.ofSeconds(20));
        }
    }

    @Test
    void loopsThatCannotStart_leaveNothing() throws Exception {
        AtomicLong ahead = new AtomicLong();
        AtomicInteger made = new AtomicInteger();
        Platform system = Platform.system();
        Platform scarce =
                new Platform(system.sockets(), () -> System.nanoTime() + ahead.get(), system.random(), task -> {
                    if (made.getAndIncrement() > 0) {
                        throw new OutOfMemoryError("unable to create native thread");
                    }
                    return system.threads().newThread(task);
                });
        TcpProxy proxy = resources.add(TcpProxy.builder()
                .platform(scarce)
                .to("127.0.0.1", echo.port())
                .eventLoops(4)
                .start());
        for (int i = 0; i < 20; i++) {
            ahead.addAndGet(Duration.ofSeconds(2).toNanos());
            try (Peer client = Peer.connect(proxy.port())) {
                ask(client);
            }
        }
        // One of the loop, one of the frontend on it, and one of those that are gone.
        assertThat(Insides.of(proxy))
                .filteredOn(line -> line.startsWith("LoopCounters#"))
                .hasSize(3);
    }

    @Test
    void frontendThatDrains_closesNoPortForTheTimeBeing() {
        Queue<AcceptPaused> paused = new ConcurrentLinkedQueue<>();
        TcpProxy proxy = two(2, new ConnectionListener() {
            @Override
            public void acceptPaused(AcceptPaused event) {
                paused.add(event);
            }
        });
        Frontend second = proxy.frontend("second");
        Peer stays = resources.add(Peer.connect(second.port()));
        ask(stays);
        second.drain(Duration.ofMinutes(10));
        second.listening(false);
        ask(stays);
        ask(stays);
        await().during(Duration.ofMillis(300)).atMost(Duration.ofSeconds(2)).until(paused::isEmpty);
    }

    @Test
    void frontendAddedWhileItRuns_toTheProxyItself_isRefused() {
        TcpProxy proxy = two(1, new ConnectionListener() {});
        int own = proxy.port();
        assertThatThrownBy(() -> proxy.listen("127.0.0.1", PortRange.of(0), frontend -> frontend.name("x")
                        .to("127.0.0.1", own)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is the balancer's own listener");
        assertThat(proxy.frontends()).hasSize(2);
    }
}
