package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.backend.Backend;
import io.lb4j.testing.LeakCheck;
import org.junit.jupiter.api.Test;

class LoadBalancerBuilderTest {
    private final LoadBalancerBuilder builder = LoadBalancer.builder();

    @Test
    void start_withoutBackend_isRefused() {
        assertThatThrownBy(builder::start)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("backend: none (expected: at least one, or a discovery)");
        assertThat(LeakCheck.balancerThreads()).isEmpty();
    }

    @Test
    void backend_withAnIdThatIsTaken_isRefused() {
        builder.backend("10.0.0.1", 9000).backend(Backend.of("10.0.0.1", 9000).withId("second"));
        assertThatThrownBy(() -> builder.backend("10.0.0.1", 9000))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("backend id: 10.0.0.1:9000 (expected: one not added before)");
        assertThatThrownBy(() -> builder.backend(Backend.of("10.0.0.2", 9000).withId("second")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("backend id: second (expected: one not added before)");
        // However an IPv6 address is written, it is the same backend.
        builder.backend("::1", 9000);
        assertThatThrownBy(() -> builder.backend("[::1]", 9000)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void backends_eachAsOneWord_areAdded() {
        builder.backends("127.0.0.1:1", "[::1]:2").backends("localhost:3").noHealthCheck();
        try (LoadBalancer lb = builder.start()) {
            assertThat(lb.backends().list())
                    .extracting(state -> state.backend().id())
                    .containsExactly("127.0.0.1:1", "[::1]:2", "localhost:3");
        }
    }

    @Test
    @SuppressWarnings("NullAway")
    void null_isRefusedByItsName() {
        assertThatThrownBy(() -> builder.backend(null)).hasMessage("backend: null (expected: a value)");
        assertThatThrownBy(() -> builder.selector(null)).hasMessage("selector: null (expected: a value)");
        assertThatThrownBy(() -> builder.listener(null)).hasMessage("listener: null (expected: a value)");
        assertThatThrownBy(() -> builder.healthCheck((io.lb4j.health.HealthCheckPolicy) null))
                .hasMessage("healthCheck: null (expected: a value)");
    }
}
