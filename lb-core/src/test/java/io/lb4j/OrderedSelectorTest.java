package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.backend.Backend;
import io.lb4j.selection.BackendSelector;
import io.lb4j.selection.Candidate;
import io.lb4j.selection.Candidates;
import io.lb4j.selection.ClientConnection;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A selector is asked whether it prefers earlier candidates, and that is somebody else's code. */
class OrderedSelectorTest {
    @RegisterExtension
    final Resources resources = new Resources();

    private final TestBackend backend = resources.add(TestBackend.echoing());
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger chosen = new AtomicInteger();
    private volatile boolean fails;

    private final BackendSelector selector = new BackendSelector() {
        @Override
        public Candidate select(Candidates candidates, ClientConnection connection) {
            chosen.incrementAndGet();
            return candidates.get(0);
        }

        @Override
        public boolean prefersEarlier() {
            asked.incrementAndGet();
            if (fails) {
                throw new IllegalStateException("on purpose");
            }
            return true;
        }
    };

    @Test
    void reconfigure_toOneThatThrows_changesNothing() {
        LoadBalancer lb = resources.add(LoadBalancer.builder()
                .listen("127.0.0.1", 0)
                .backend("127.0.0.1", backend.port())
                .noHealthCheck()
                .start());
        BackendSelector before = lb.config().defaultPool().selector();
        fails = true;
        assertThatThrownBy(() -> lb.reconfigure(change -> change.selector(selector)))
                .hasMessage("on purpose");
        assertThat(lb.config().defaultPool().selector()).isSameAs(before);
        Peer client = resources.add(Peer.connect(lb.port()));
        assertThat(client.send("hi").receiveText(2)).isEqualTo("hi");
        assertThat(chosen).hasValue(0);
    }

    @Test
    void backends_replaced_doNotAskAgain() {
        LoadBalancer lb = resources.add(LoadBalancer.builder()
                .listen("127.0.0.1", 0)
                .backend("127.0.0.1", backend.port())
                .selector(selector)
                .noHealthCheck()
                .start());
        int before = asked.get();
        fails = true;
        lb.backends().replaceAll(List.of(Backend.of("127.0.0.1", backend.port()).withId("x")));
        lb.backends().add(Backend.of("127.0.0.1", 1).withId("y"));
        assertThat(asked).hasValue(before);
    }
}
