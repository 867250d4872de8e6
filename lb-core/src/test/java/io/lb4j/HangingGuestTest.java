package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.event.ConnectionOpened;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.proxy.TcpProxy;
import io.lb4j.testing.LogCapture;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Guests that do not return (E7, E8): who it is, where and for how long, is told while it lasts. */
@Timeout(40)
class HangingGuestTest {
    @RegisterExtension
    final Resources resources = new Resources();

    private final LogCapture log = resources.add(LogCapture.open());
    private final TestBackend backend = resources.add(TestBackend.echoing());
    private final CountDownLatch release = new CountDownLatch(1);

    @AfterEach
    void release() {
        release.countDown();
    }

    @Test
    void listener_thatHangsOnTheControlThread_isToldOf() {
        LoadBalancer lb = start(builder().listener(new LoadBalancerListener() {
            @Override
            public void reconfigured() {
                hang();
            }
        }));
        lb.reconfigure(change -> change.limits(limits -> limits.connectAttempts(2)));
        assertTold("listener " + getClass().getName() + "$1 on lb-orders-control", "reconfigured");
    }

    @Test
    void listener_thatHangsOnAnEventLoop_isToldOf() {
        LoadBalancer lb = start(builder().listener(new LoadBalancerListener() {
            @Override
            public void connectionOpened(ConnectionOpened event) {
                hang();
            }
        }));
        resources.add(Peer.connect(lb.port()));
        assertTold("listener " + getClass().getName() + "$2 on lb-orders-io-0", "connectionOpened");
    }

    @Test
    void selector_thatHangs_isToldOf() {
        LoadBalancer lb = start(builder().selector((candidates, connection) -> {
            hang();
            return candidates.get(0);
        }));
        resources.add(Peer.connect(lb.port()));
        assertTold("selector " + getClass().getName() + "$$Lambda", "selector_thatHangs_isToldOf");
    }

    @Test
    void router_thatHangs_isToldOf() {
        TcpProxy proxy = resources.add(TcpProxy.builder()
                .name("orders")
                .eventLoops(1)
                .router((connection, failed) -> {
                    hang();
                    return null;
                })
                .start());
        resources.add(Peer.connect(proxy.port()));
        assertTold("router " + getClass().getName() + "$$Lambda", "router_thatHangs_isToldOf");
    }

    private void assertTold(String who, String where) {
        await().untilAsserted(() -> assertThat(log.messages("has not returned for 1 s"))
                .singleElement()
                .asString()
                .startsWith("orders: " + who)
                .contains(where));
        release.countDown();
        await().untilAsserted(() -> assertThat(log.messages("came back after")).hasSize(1));
    }

    private void hang() {
        try {
            release.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private LoadBalancerBuilder builder() {
        return LoadBalancer.builder()
                .name("orders")
                .listen("127.0.0.1", 0)
                .eventLoops(1)
                .noHealthCheck()
                .backend("127.0.0.1", backend.port());
    }

    private LoadBalancer start(LoadBalancerBuilder builder) {
        return resources.add(builder.start());
    }
}
