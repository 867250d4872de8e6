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
import java.util.List;
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

    /** At the same time, as it takes two seconds until it is told. */
    @Test
    void guests_thatHang_areToldOf_wherever() {
        LoadBalancer reconfigured = start(builder("control").listener(new LoadBalancerListener() {
            @Override
            public void reconfigured() {
                hang();
            }
        }));
        reconfigured.reconfigure(change -> change.limits(limits -> limits.connectAttempts(2)));
        LoadBalancer opening = start(builder("loop").listener(new LoadBalancerListener() {
            @Override
            public void connectionOpened(ConnectionOpened event) {
                hang();
            }
        }));
        LoadBalancer selecting = start(builder("selector").selector((candidates, connection) -> {
            hang();
            return candidates.get(0);
        }));
        TcpProxy routing = resources.add(TcpProxy.builder()
                .name("router")
                .eventLoops(1)
                .router((connection, failed) -> {
                    hang();
                    return null;
                })
                .start());
        for (int port : List.of(opening.port(), selecting.port(), routing.port())) {
            resources.add(Peer.connect(port));
        }

        String self = getClass().getName();
        assertTold("control: listener " + self + "$1 on lb-control-control", "reconfigured");
        assertTold("loop: listener " + self + "$2 on lb-loop-io-0", "connectionOpened");
        assertTold("selector: selector " + self + "$$Lambda", "guests_thatHang_areToldOf_wherever");
        assertTold("router: router " + self + "$$Lambda", "guests_thatHang_areToldOf_wherever");
        release.countDown();
        await().untilAsserted(() -> assertThat(log.messages("came back after")).hasSize(4));
    }

    private void assertTold(String who, String where) {
        await().untilAsserted(() -> assertThat(log.messages("has not returned for 1 s"))
                .filteredOn(message -> message.startsWith(who))
                .singleElement()
                .asString()
                .contains(where));
    }

    private void hang() {
        try {
            release.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private LoadBalancerBuilder builder(String name) {
        return LoadBalancer.builder()
                .name(name)
                .listen("127.0.0.1", 0)
                .eventLoops(1)
                .noHealthCheck()
                .backend("127.0.0.1", backend.port());
    }

    private LoadBalancer start(LoadBalancerBuilder builder) {
        return resources.add(builder.start());
    }
}
