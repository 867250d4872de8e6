package io.lb4j.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.event.CloseReason;
import io.lb4j.stats.TcpProxyStats;
import io.lb4j.testing.Peer;
import io.lb4j.testing.RandomStream;
import java.time.Duration;
import org.awaitility.core.ConditionFactory;

/** What tests wait for: counters of a proxy. */
final class Awaiting {
    private static final int STEP = 64 * 1024;

    private Awaiting() {}

    /** Polls often and is patient. */
    static ConditionFactory soon() {
        return await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .atMost(Duration.ofMillis(Peer.PATIENCE_MILLIS));
    }

    /** Waits until the only connection has ended, and checks why. */
    static void awaitClosed(TcpProxy proxy, CloseReason reason) {
        awaitAllClosed(proxy, 1);
        assertThat(proxy.stats().closed(reason))
                .as("%s in %s", reason, proxy.stats().closed())
                .isEqualTo(1);
    }

    /** Waits until this many connections were accepted and none is left. */
    static void awaitAllClosed(TcpProxy proxy, long connections) {
        soon().untilAsserted(() -> {
            TcpProxyStats stats = proxy.stats();
            assertThat(stats.accepted()).isEqualTo(connections);
            assertThat(stats.closedTotal()).isEqualTo(connections);
            assertThat(stats.active()).isZero();
        });
    }

    /** Waits until this many directions are paused because their reader takes nothing. */
    static void awaitPaused(TcpProxy proxy, long directions) {
        soon().until(() -> proxy.stats().pauses() - proxy.stats().resumes() >= directions);
    }

    /** Waits until no more bytes move and none of the directions that are paused will go on by itself. */
    static void awaitStandstill(TcpProxy proxy) {
        TcpProxyStats[] before = {proxy.stats()};
        Duration between = Duration.ofMillis(100);
        await().pollDelay(between)
                .pollInterval(between)
                .atMost(Duration.ofMillis(Peer.PATIENCE_MILLIS))
                .until(() -> {
                    TcpProxyStats now = proxy.stats();
                    TcpProxyStats moved = now.minus(before[0]);
                    before[0] = now;
                    return moved.bytesToBackend() + moved.bytesToClient() + moved.pauses() + moved.resumes() == 0;
                });
    }

    /**
     * Sends until the proxy has read more than the other side takes, and then a little more, which the proxy leaves in
     * its kernel. Returns how much of the seed's stream that is. The other direction must be silent.
     */
    static long sendBeyondPause(TcpProxy proxy, Peer sender, long seed) {
        RandomStream stream = new RandomStream(seed);
        TcpProxyStats start = proxy.stats();
        long sent = 0;
        while (proxy.stats().pauses() == proxy.stats().resumes()) {
            sender.send(stream.next(STEP));
            sent += STEP;
            long all = sent;
            soon().until(() -> {
                TcpProxyStats now = proxy.stats().minus(start);
                return now.pauses() > now.resumes() || now.bytesToBackend() + now.bytesToClient() == all;
            });
        }
        sender.send(stream.next(STEP / 8));
        return sent + STEP / 8;
    }
}
