package io.lb4j.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lb4j.LoadBalancer;
import io.lb4j.internal.util.Names;
import io.lb4j.testing.Background;
import io.lb4j.testing.LogCapture;
import io.lb4j.testing.Resources;
import java.lang.ref.WeakReference;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How an admin server ends, and what it leaves: nothing. */
class AdminServerEndTest {
    private static final String TOKEN = "a-long-token";

    @RegisterExtension
    final Resources resources = new Resources();

    private final LoadBalancer lb = resources.add(
            LoadBalancer.builder().noHealthCheck().backend("127.0.0.1", 1).start());

    /** Where a log has no room left, and throws. */
    @Test
    void startThatFails_leavesNoThread() {
        try (LogCapture log = LogCapture.open()) {
            log.failWith(new OutOfMemoryError("for a test"));
            assertThatThrownBy(() -> AdminServer.builder(lb)
                            .listen("0.0.0.0", 0)
                            .token(TOKEN)
                            .start())
                    .isInstanceOf(OutOfMemoryError.class);
        }
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .doesNotContain(Names.thread(lb.name(), "admin"));
    }

    @Test
    void listenerThatIsGone_endsTheLoop() throws Exception {
        ServerSocketChannel listener = ServerSocketChannel.open();
        listener.bind(new InetSocketAddress("127.0.0.1", 0));
        AdminClock clock = AdminClock.ofSystem();
        AdminHandler handler = new AdminHandler(List.of(), new Access("127.0.0.1", List.of(), null), "", clock);
        AdminLoop loop = new AdminLoop(listener, handler, new Sampler(clock, List.of()));
        listener.close();
        var ran = Background.run(loop::run);
        try {
            await().until(ran::isDone);
        } finally {
            loop.end();
        }
    }

    @Test
    void endsWithTheBalancer() {
        AdminServer admin =
                resources.add(AdminServer.builder(lb).listen("127.0.0.1", 0).start());
        lb.close();
        await().untilAsserted(() -> assertThatThrownBy(
                        () -> new Socket(InetAddress.getLoopbackAddress(), admin.port()).close())
                .isInstanceOf(ConnectException.class));
        admin.close();
    }

    /** A host may start and end a server whenever it wants to look, while its balancer goes on. */
    @Test
    void serverThatWasClosed_isNotKeptByItsBalancer() {
        WeakReference<AdminClock> ofServer = startAndEnd();
        await().until(() -> {
            System.gc();
            return ofServer.get() == null;
        });
    }

    private WeakReference<AdminClock> startAndEnd() {
        AdminClock clock = new AdminClock(System::nanoTime, System::currentTimeMillis);
        AdminServer.builder(lb).clock(clock).listen("127.0.0.1", 0).start().close();
        return new WeakReference<>(clock);
    }
}
