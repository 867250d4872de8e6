package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.backend.Backend;
import io.lb4j.discovery.BackendDiscovery;
import io.lb4j.event.CloseReason;
import io.lb4j.testing.LogCapture;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A balancer whose backends are discovered, through real sockets. */
class DiscoveryEndToEndTest {
    @RegisterExtension
    final Resources resources = new Resources();

    @TempDir
    Path folder;

    private final TestBackend one = resources.add(TestBackend.saying("one"));
    private final TestBackend two = resources.add(TestBackend.saying("two"));

    @Test
    void file_replaced_isFollowedAndOpenConnectionsGoOn() throws IOException {
        TestBackend echo = resources.add(TestBackend.echoing());
        Path file = folder.resolve("backends");
        write(file, "127.0.0.1:" + echo.port() + "\n");
        LoadBalancer lb = start(BackendDiscovery.file(file));
        Peer old = resources.add(Peer.connect(lb.port()));
        assertThat(old.send("a").receiveText(1)).isEqualTo("a");
        write(file, "# now another\n127.0.0.1:" + two.port() + ",weight=3,id=second\n");
        await().until(() -> ids(lb).equals(List.of("second", "127.0.0.1:" + echo.port())));
        assertThat(lb.backends().get("second").backend().weight()).isEqualTo(3);
        assertThat(answer(lb)).isEqualTo("two");
        assertThat(old.send("b").receiveText(1)).isEqualTo("b");
        old.fin().receiveToEnd();
        await().until(() -> ids(lb).equals(List.of("second")));
    }

    /** E21: the list is quicker than the check. */
    @Test
    void discoveredBackend_whoseFirstCheckFails_getsNoClient() {
        Backend primary = Backend.of("127.0.0.1", one.port());
        Backend replica = Backend.of("127.0.0.1", two.port()).withId("replica");
        AtomicReference<List<Backend>> answer = new AtomicReference<>(List.of(primary));
        LoadBalancer lb = resources.add(LoadBalancer.builder()
                .healthCheck(check -> check.checker((backend, timeout) -> {
                    if (backend.id().equals("replica")) {
                        throw new IOException("read-only");
                    }
                }))
                .discovery(answer::get, policy -> policy.interval(Duration.ofMillis(20)))
                .start());
        answer.set(List.of(primary, replica));
        await().until(() -> ids(lb).contains("replica"));
        for (int i = 0; i < 30; i++) {
            assertThat(answer(lb)).isEqualTo("one");
        }
    }

    @Test
    void discovery_thatFails_keepsTheLastListAndSaysSoOnce() {
        AtomicReference<List<Backend>> answer = new AtomicReference<>(List.of(Backend.of("127.0.0.1", one.port())));
        AtomicInteger calls = new AtomicInteger();
        try (LogCapture log = LogCapture.open()) {
            LoadBalancer lb = start(() -> {
                calls.incrementAndGet();
                if (answer.get() == null) {
                    throw new IOException("registry is down");
                }
                return answer.get();
            });
            answer.set(null);
            int before = calls.get();
            await().until(() -> calls.get() > before + 3);
            assertThat(answer(lb)).isEqualTo("one");
            assertThat(log.messages("registry is down")).hasSize(1);
            answer.set(List.of(Backend.of("127.0.0.1", two.port())));
            await().until(() -> answer(lb).equals("two"));
        }
    }

    @Test
    void start_withoutBackends_waitsForTheFirstAnswer() {
        LoadBalancer lb = resources.add(LoadBalancer.builder()
                .noHealthCheck()
                .discovery(BackendDiscovery.fixed(List.of(Backend.of("127.0.0.1", one.port()))))
                .start());
        assertThat(answer(lb)).isEqualTo("one");
    }

    @Test
    void start_discoveryThatHangs_startsWithWhatThereIsAndEndsIt() throws InterruptedException {
        CountDownLatch interrupted = new CountDownLatch(1);
        LoadBalancer lb = resources.add(LoadBalancer.builder()
                .noHealthCheck()
                .discovery(
                        () -> {
                            try {
                                new CountDownLatch(1).await();
                            } catch (InterruptedException expected) {
                                interrupted.countDown();
                            }
                            return List.of();
                        },
                        policy -> policy.timeout(Duration.ofMillis(50)))
                .start());
        assertThat(resources.add(Peer.connect(lb.port())).receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        await().until(() -> lb.stats().proxy().closed(CloseReason.NO_BACKEND) == 1);
        lb.close();
        interrupted.await();
    }

    @Test
    void discovery_thatNamesTheBalancerItself_isTakenWithoutIt() {
        AtomicReference<List<Backend>> answer = new AtomicReference<>(List.of(Backend.of("127.0.0.1", one.port())));
        LoadBalancer lb = start(answer::get);
        answer.set(List.of(Backend.of("127.0.0.1", lb.port()), Backend.of("127.0.0.1", two.port())));
        await().until(() -> answer(lb).equals("two"));
        assertThat(ids(lb)).containsExactly("127.0.0.1:" + two.port());
    }

    private LoadBalancer start(BackendDiscovery discovery) {
        return resources.add(LoadBalancer.builder()
                .noHealthCheck()
                .discovery(discovery, policy -> policy.interval(Duration.ofMillis(20))
                        .vanishedAfter(Duration.ZERO))
                .start());
    }

    private static List<String> ids(LoadBalancer lb) {
        return lb.backends().list().stream().map(state -> state.backend().id()).toList();
    }

    private static String answer(LoadBalancer lb) {
        try (Peer client = Peer.connect(lb.port())) {
            return client.receiveText(3);
        }
    }

    private void write(Path file, String text) throws IOException {
        Path whole = Files.writeString(folder.resolve("new"), text);
        Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
