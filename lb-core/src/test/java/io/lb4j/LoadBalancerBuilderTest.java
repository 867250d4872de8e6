package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.backend.Backend;
import io.lb4j.testing.LeakCheck;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LoadBalancerBuilderTest {
    private final LoadBalancerBuilder builder = LoadBalancer.builder();

    static Stream<Arguments> wrongSettings() {
        return Stream.of(
                wrong("listen port: 70000 (expected: 0..65535)", b -> b.listen(70000)),
                wrong("listen port: -1 (expected: 0..65535)", b -> b.listen("127.0.0.1", -1)),
                wrong("listen host: \"\" (expected: 1..255 characters", b -> b.listen("", 0)),
                wrong("host: \"[nonsense]\" (expected: a name, an IPv4", b -> b.listen("[nonsense]", 0)),
                wrong("backend port: 0 (expected: 1..65535)", b -> b.backend("127.0.0.1", 0)),
                wrong("backend port: 70000 (expected: 1..65535)", b -> b.backend("127.0.0.1", 70000)),
                wrong("backend host: \"\" (expected: 1..255 characters", b -> b.backend("", 80)),
                wrong(
                        "weight: -1 (expected: 0..1000)",
                        b -> b.backend(Backend.of("a", 1).withWeight(-1))),
                wrong("name: \"a?b\" (expected: 1..255 characters", b -> b.name("a\rb")),
                wrong("connectTimeout: PT0S (expected: > 0", b -> b.connectTimeout(Duration.ZERO)),
                wrong("connectAttempts: 0 (expected: 1..100)", b -> b.connectAttempts(0)),
                wrong("idleTimeout: PT-1S (expected: > 0", b -> b.idleTimeout(Duration.ofSeconds(-1))),
                wrong("halfClosedTimeout: PT0S (expected: > 0", b -> b.halfClosedTimeout(Duration.ZERO)),
                wrong("stallTimeout: PT0S (expected: > 0", b -> b.stallTimeout(Duration.ZERO)),
                wrong("maxConnections: -1 (expected: 1..2147483647)", b -> b.maxConnections(-1)),
                wrong("eventLoops: 0 (expected: 1..1024)", b -> b.eventLoops(0)),
                wrong(
                        "health check interval: PT0S (expected: > 0",
                        b -> b.healthCheck(check -> check.interval(Duration.ZERO))),
                wrong("healthyAfter: 0 (expected: 1..100)", b -> b.healthCheck(check -> check.healthyAfter(0))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongSettings")
    void setter_wrongValue_isRefusedOnItsLine(String message, Consumer<LoadBalancerBuilder> setter) {
        assertThatThrownBy(() -> setter.accept(builder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message);
    }

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
    @SuppressWarnings("NullAway")
    void null_isRefusedByItsName() {
        assertThatThrownBy(() -> builder.backend(null)).hasMessage("backend: null (expected: a value)");
        assertThatThrownBy(() -> builder.selector(null)).hasMessage("selector: null (expected: a value)");
        assertThatThrownBy(() -> builder.listener(null)).hasMessage("listener: null (expected: a value)");
        assertThatThrownBy(() -> builder.healthCheck((io.lb4j.health.HealthCheckPolicy) null))
                .hasMessage("healthCheck: null (expected: a value)");
    }

    private static Arguments wrong(String message, Consumer<LoadBalancerBuilder> setter) {
        return Arguments.of(message, setter);
    }
}
