package io.lb4j.proxy;

import static io.lb4j.proxy.Awaiting.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.internal.util.Platform;
import io.lb4j.testing.Peer;
import io.lb4j.testing.TestBackend;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventLoopsTest {
    private final TestBackend backend = TestBackend.listening();

    @AfterEach
    void closeBackend() {
        backend.close();
    }

    @Test
    void proxy_thatNobodyHasComeTo_hasOneThread() {
        try (TcpProxy proxy = start("quiet", Platform.system())) {
            assertThat(proxy.config().eventLoops()).isEqualTo(4);
            assertThat(threads("quiet")).containsExactly("lb-quiet-io-0");
        }
    }

    @Test
    void firstConnection_startsTheOtherLoops_andAllServe() {
        try (TcpProxy proxy = start("busy", Platform.system())) {
            for (int i = 0; i < 50; i++) {
                talk(proxy);
            }
            soon().untilAsserted(() -> assertThat(threads("busy"))
                    .containsExactlyInAnyOrder("lb-busy-io-0", "lb-busy-io-1", "lb-busy-io-2", "lb-busy-io-3"));
            assertThat(proxy.stats().accepted()).isEqualTo(50);
        }
    }

    @Test
    void threadsThatCannotBeMade_leaveAllToTheFirstLoop_andAreTriedAgain() {
        AtomicInteger refused = new AtomicInteger(2);
        Platform system = Platform.system();
        Platform scarce = new Platform(system.sockets(), system.nanoClock(), system.random(), task -> {
            if (refused.get() > 0 && !threads("poor").isEmpty()) {
                refused.decrementAndGet();
                throw new OutOfMemoryError("unable to create native thread");
            }
            return system.threads().newThread(task);
        });
        try (TcpProxy proxy = start("poor", scarce)) {
            for (int i = 0; i < 20; i++) {
                talk(proxy);
            }
            assertThat(threads("poor")).containsExactly("lb-poor-io-0");
            soon().untilAsserted(() -> {
                talk(proxy);
                assertThat(threads("poor")).hasSize(4);
            });
        }
    }

    private TcpProxy start(String name, Platform platform) {
        return TcpProxy.builder()
                .name(name)
                .platform(platform)
                .to("127.0.0.1", backend.port())
                .eventLoops(4)
                .start();
    }

    private void talk(TcpProxy proxy) {
        try (Peer client = Peer.connect(proxy.port())) {
            Peer served = backend.accept();
            client.send(1000, 1).fin();
            served.receiveAll(1000, 1);
            served.send(1000, 2).close();
            client.receiveAll(1000, 2);
        }
    }

    private static List<String> threads(String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(thread -> thread.startsWith("lb-" + name + "-io"))
                .toList();
    }
}
