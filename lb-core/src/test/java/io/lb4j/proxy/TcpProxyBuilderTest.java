package io.lb4j.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.testing.LeakCheck;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TcpProxyBuilderTest {
    private final TcpProxyBuilder builder = TcpProxy.builder();

    static Stream<Arguments> wrongSettings() {
        return Stream.of(
                wrong("listen port: 70000 (expected: 0..65535)", b -> b.listen(70000)),
                wrong("listen port: -1 (expected: 0..65535)", b -> b.listen("127.0.0.1", -1)),
                wrong("listen host: \"\" (expected: 1..255 characters", b -> b.listen("", 0)),
                wrong("listen host: \"a?b\" (expected: 1..255 characters", b -> b.listen("a\nb", 0)),
                wrong("host: \"[nonsense]\" (expected: a name, an IPv4", b -> b.listen("[nonsense]", 0)),
                wrong("backend port: 0 (expected: 1..65535)", b -> b.to("127.0.0.1", 0)),
                wrong("backend port: 70000 (expected: 1..65535)", b -> b.to("127.0.0.1", 70000)),
                wrong("backend host: \"\" (expected: 1..255 characters", b -> b.to("", 80)),
                wrong("name: \"\" (expected: 1..255 characters", b -> b.name("")),
                wrong("name: \"a b\" (expected: 1..255 characters", b -> b.name("a b")),
                wrong("name: \"a?[2Jb\" (expected: 1..255 characters", b -> b.name("a\u001b[2Jb")),
                wrong(
                        "timeouts connect: PT0S (expected: > 0",
                        b -> b.timeouts(timeouts -> timeouts.connect(Duration.ZERO))),
                wrong(
                        "timeouts connect: PT-1S (expected: > 0",
                        b -> b.timeouts(timeouts -> timeouts.connect(Duration.ofSeconds(-1)))),
                wrong(
                        "limits connectAttempts: 0 (expected: 1..100)",
                        b -> b.limits(limits -> limits.connectAttempts(0))),
                wrong(
                        "limits connectAttempts: 101 (expected: 1..100)",
                        b -> b.limits(limits -> limits.connectAttempts(101))),
                wrong("timeouts idle: PT0S (expected: > 0", b -> b.timeouts(timeouts -> timeouts.idle(Duration.ZERO))),
                wrong(
                        "timeouts halfClosed: PT0S (expected: > 0",
                        b -> b.timeouts(timeouts -> timeouts.halfClosed(Duration.ZERO))),
                wrong(
                        "timeouts stall: PT-0.001S (expected: > 0",
                        b -> b.timeouts(timeouts -> timeouts.stall(Duration.ofMillis(-1)))),
                wrong(
                        "timeouts stall: PT87624H (expected: > 0",
                        b -> b.timeouts(timeouts -> timeouts.stall(Duration.ofDays(3651)))),
                wrong(
                        "limits connections: 0 (expected: 1..2147483647)",
                        b -> b.limits(limits -> limits.connections(0))),
                wrong("eventLoops: 0 (expected: 1..1024)", b -> b.eventLoops(0)),
                wrong("eventLoops: 1025 (expected: 1..1024)", b -> b.eventLoops(1025)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongSettings")
    void setter_wrongValue_isRefusedOnItsLineAndChangesNothing(String message, Consumer<TcpProxyBuilder> setter) {
        TcpProxyConfig before = builder.config();
        assertThatThrownBy(() -> setter.accept(builder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message);
        assertThat(builder.config()).isEqualTo(before);
    }

    @Test
    void start_withoutDestination_isRefused() {
        assertThatThrownBy(builder::start)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("to: not set (expected: a host and port, or a router)");
        assertThat(LeakCheck.balancerThreads()).isEmpty();
    }

    @Test
    @SuppressWarnings("NullAway")
    void null_isRefusedByItsName() {
        assertThatThrownBy(() -> builder.router(null)).hasMessage("router: null (expected: a value)");
        assertThatThrownBy(() -> builder.listener(null)).hasMessage("listener: null (expected: a value)");
        assertThatThrownBy(() -> builder.name(null)).hasMessage("name: null (expected: a value)");
        assertThatThrownBy(() -> builder.timeouts(timeouts -> timeouts.idle(null)))
                .hasMessage("timeouts idle: null (expected: a value)");
        assertThatThrownBy(() -> builder.timeouts(null)).hasMessage("timeouts: null (expected: a value)");
        assertThatThrownBy(() -> builder.limits(null)).hasMessage("limits: null (expected: a value)");
    }

    @Test
    void config_afterSetters_holdsTheLastValues() {
        TcpProxyConfig config = builder.name("a")
                .name("b")
                .listen("[::1]", 0)
                .limits(limits -> limits.connections(7))
                .timeouts(timeouts -> timeouts.noIdle())
                .config();
        assertThat(config.name()).isEqualTo("b");
        assertThat(config.frontends()).extracting(FrontendConfig::host).containsExactly("::1");
        assertThat(config.limits().connections()).hasValue(7);
        assertThat(config.timeouts().idle()).isEmpty();
        assertThat(config.timeouts().connect()).isEqualTo(Duration.ofSeconds(5));
        assertThat(config.limits().connectAttempts()).isEqualTo(3);
    }

    @Test
    void timeoutsAndLimits_calledAgain_addUp() {
        TcpProxyConfig config = builder.timeouts(timeouts -> timeouts.connect(Duration.ofMillis(1)))
                .timeouts(timeouts -> timeouts.stall(Duration.ofMillis(2)))
                .limits(limits -> limits.connections(3))
                .limits(limits -> limits.connectAttempts(4))
                .config();
        assertThat(config.timeouts().connect()).isEqualTo(Duration.ofMillis(1));
        assertThat(config.timeouts().stall()).isEqualTo(Duration.ofMillis(2));
        assertThat(config.limits().connections()).contains(3);
        assertThat(config.limits().connectAttempts()).isEqualTo(4);
    }

    @Test
    void timeoutsAndLimits_thatThrow_changeNothing() {
        TcpProxyConfig before = builder.config();
        assertThatThrownBy(() -> builder.timeouts(timeouts -> {
                    timeouts.connect(Duration.ofMillis(1));
                    throw new IllegalStateException("as it does");
                }))
                .hasMessage("as it does");
        assertThatThrownBy(() -> builder.limits(limits -> limits.connections(3).connectAttempts(0)))
                .hasMessage("limits connectAttempts: 0 (expected: 1..100)");
        assertThat(builder.config()).isEqualTo(before);
    }

    private static Arguments wrong(String message, Consumer<TcpProxyBuilder> setter) {
        return Arguments.of(message, setter);
    }
}
