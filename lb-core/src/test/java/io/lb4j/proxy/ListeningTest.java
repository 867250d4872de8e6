package io.lb4j.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.internal.util.Platform;
import io.lb4j.testing.Resources;
import io.lb4j.testing.SystemSockets;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The port that is closed for the time being, while things go wrong. */
class ListeningTest {
    @RegisterExtension
    final Resources resources = new Resources();

    private final TestBackend backend = resources.add(TestBackend.echoing());
    private final AtomicReference<Runnable> onOpen = new AtomicReference<>(() -> {});
    private final AtomicInteger opened = new AtomicInteger();

    private TcpProxy proxy() {
        SystemSockets sockets = new SystemSockets() {
            @Override
            public ServerSocketChannel openServerSocketChannel() throws IOException {
                opened.incrementAndGet();
                onOpen.get().run();
                return super.openServerSocketChannel();
            }
        };
        Platform system = Platform.system();
        Platform platform = new Platform(sockets, system.nanoClock(), system.random(), system.threads());
        return resources.add(TcpProxy.builder()
                .platform(platform)
                .listen("127.0.0.1", 0)
                .to("127.0.0.1", backend.port())
                .eventLoops(2)
                .start());
    }

    @Test
    void listening_saidOtherwiseWhileItIsBeingOpened_isNotForgotten() {
        TcpProxy proxy = proxy();
        proxy.frontends().get(0).listening(false);
        await().until(() -> !proxy.isListening());
        onOpen.set(() -> {
            onOpen.set(() -> {});
            proxy.frontends().get(0).listening(false);
        });
        int before = opened.get();
        proxy.frontends().get(0).listening(true);
        await().until(() -> opened.get() > before && !proxy.isListening());
        proxy.frontends().get(0).listening(true);
        await().until(proxy::isListening);
    }

    @Test
    void opening_thatFailsFirst_isTriedAgain() {
        TcpProxy proxy = proxy();
        proxy.frontends().get(0).listening(false);
        await().until(() -> !proxy.isListening());
        AtomicInteger failures = new AtomicInteger();
        onOpen.set(() -> {
            switch (failures.incrementAndGet()) {
                case 1 -> throw new IllegalStateException("on purpose");
                case 2 -> throw new OutOfMemoryError("on purpose");
                default -> onOpen.set(() -> {});
            }
        });
        proxy.frontends().get(0).listening(true);
        await().until(proxy::isListening);
        assertThat(failures).hasValue(3);
    }
}
