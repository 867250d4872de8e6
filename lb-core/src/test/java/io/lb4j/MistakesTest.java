package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lb4j.admin.AdminServer;
import io.lb4j.backend.Backend;
import io.lb4j.discovery.BackendDiscovery;
import io.lb4j.health.HealthChecker;
import io.lb4j.jmx.JmxRegistration;
import io.lb4j.proxy.TcpProxy;
import io.lb4j.selection.BackendSelector;
import io.lb4j.testing.LogCapture;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.time.Duration;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What people get wrong when they use it for the first time: each mistake is refused on its own line, in words that name
 * the setting, the value and what was expected; or, where each setting is right by itself, one warning says it.
 */
class MistakesTest {
    private static final Duration NEGATIVE = Duration.ofSeconds(-1);

    @RegisterExtension
    final Resources resources = new Resources();

    static Stream<Arguments> wrongValues() {
        return Stream.of(
                wrong("listen port: 70000 (expected: 0..65535)", b -> b.listen(70000)),
                wrong("listen port: -1 (expected: 0..65535)", b -> b.listen("127.0.0.1", -1)),
                wrong("listen host: \"\" (expected: 1..255 characters", b -> b.listen("", 0)),
                wrong("host: \"[nonsense]\" (expected: a name, an IPv4", b -> b.listen("[nonsense]", 0)),
                wrong("name: \"a?b\" (expected: 1..255 characters", b -> b.name("a\rb")),
                wrong("backend port: 0 (expected: 1..65535)", b -> b.backend("127.0.0.1", 0)),
                wrong("backend port: 70000 (expected: 1..65535)", b -> b.backend("127.0.0.1", 70000)),
                wrong("backend host: \"\" (expected: 1..255 characters", b -> b.backend("", 80)),
                wrong("backend host: \"a b\" (expected: 1..255 characters", b -> b.backend("a b", 80)),
                wrong("host: \"10.0.0.256\" (expected: a name, an IPv4", b -> b.backend("10.0.0.256", 80)),
                wrong("host: \"010.0.0.1\" (expected: a name, an IPv4", b -> b.backend("010.0.0.1", 80)),
                wrong("host: \"10.0.0.1:9000\" (expected: a name", b -> b.backend("10.0.0.1:9000", 80)),
                wrong("backend: \"10.0.0.1\" (expected: host:port", b -> b.backends("10.0.0.1")),
                wrong("backend: \"::1:9000\" (expected: host:port", b -> b.backends("::1:9000")),
                wrong("backend port: \"http\" (expected: 1..65535)", b -> b.backends("10.0.0.1:http")),
                wrong("backend id: a:1 (expected: one not added before)", b -> b.backends("a:1", "a:1")),
                wrong("weight: -1 (expected: 0..1000)", b -> b.backend(backend().withWeight(-1))),
                wrong(
                        "weight: 1001 (expected: 0..1000)",
                        b -> b.backend(backend().withWeight(1001))),
                wrong(
                        "priority: 101 (expected: 0..100)",
                        b -> b.backend(backend().withPriority(101))),
                wrong(
                        "maxConnections: 0 (expected: 1..2147483647)",
                        b -> b.backend(backend().withMaxConnections(0))),
                wrong(
                        "label value: \"\" (expected: 1..255",
                        b -> b.backend(backend().withLabel("zone", ""))),
                wrong(
                        "timeouts connect: PT0S (expected: > 0",
                        b -> b.timeouts(timeouts -> timeouts.connect(Duration.ZERO))),
                wrong(
                        "limits connectAttempts: 0 (expected: 1..100)",
                        b -> b.limits(limits -> limits.connectAttempts(0))),
                wrong("timeouts idle: PT-1S (expected: > 0", b -> b.timeouts(timeouts -> timeouts.idle(NEGATIVE))),
                wrong(
                        "timeouts halfClosed: PT0S (expected: > 0",
                        b -> b.timeouts(timeouts -> timeouts.halfClosed(Duration.ZERO))),
                wrong(
                        "timeouts stall: PT0S (expected: > 0",
                        b -> b.timeouts(timeouts -> timeouts.stall(Duration.ZERO))),
                wrong(
                        "timeouts lifetime: PT0S (expected: > 0",
                        b -> b.timeouts(timeouts -> timeouts.lifetime(Duration.ZERO))),
                wrong("slowStart: PT0S (expected: > 0", b -> b.slowStart(Duration.ZERO)),
                wrong(
                        "limits connections: -1 (expected: 1..2147483647)",
                        b -> b.limits(limits -> limits.connections(-1))),
                wrong(
                        "limits bufferedBytes: 1000 (expected: at least 65536)",
                        b -> b.limits(limits -> limits.bufferedBytes(1000))),
                wrong("eventLoops: 0 (expected: 1..1024)", b -> b.eventLoops(0)),
                wrong("drainOnShutdown: PT-1S (expected: >= 0", b -> b.drainOnShutdown(NEGATIVE)),
                wrong("selector: null (expected: a value)", b -> b.selector(missing())),
                wrong(
                        "health check interval: PT0S (expected: > 0",
                        b -> b.healthCheck(check -> check.interval(Duration.ZERO))),
                wrong(
                        "health check timeout: PT-1S (expected: > 0",
                        b -> b.healthCheck(check -> check.timeout(NEGATIVE))),
                wrong("healthyAfter: 0 (expected: 1..100)", b -> b.healthCheck(check -> check.healthyAfter(0))),
                wrong("unhealthyAfter: 101 (expected: 1..100)", b -> b.healthCheck(check -> check.unhealthyAfter(101))),
                wrong("jitterPercent: 51 (expected: 0..50)", b -> b.healthCheck(check -> check.jitterPercent(51))),
                wrong("path: \"health\" (expected: /", b -> HealthChecker.http("health")),
                wrong("checkers: none (expected: at least one)", b -> HealthChecker.allOf()),
                wrong("loadBound: 1.0 (expected: 1.01..100)", b -> BackendSelector.sticky(client -> "x", 1.0)),
                wrong("label: \"\" (expected: 1..255", b -> BackendSelector.random()
                        .preferring("", "a")),
                wrong(
                        "maxEjectedPercent: 101 (expected: 0..100)",
                        b -> b.outlierDetection(outliers -> outliers.maxEjectedPercent(101))),
                wrong("queue timeout: PT-1S (expected: > 0", b -> b.queue(queue -> queue.timeout(NEGATIVE))),
                wrong(
                        "discovery interval: PT0S (expected: > 0",
                        b -> b.discovery(BackendDiscovery.fixed(List.of()), policy -> policy.interval(Duration.ZERO))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongValues")
    void value_thatIsWrong_isRefusedOnItsLine(String message, Consumer<LoadBalancerBuilder> mistake) {
        assertThatThrownBy(() -> mistake.accept(LoadBalancer.builder()))
                .isInstanceOfAny(IllegalArgumentException.class, NullPointerException.class)
                .hasMessageStartingWith(message)
                .hasMessageContaining("expected: ");
    }

    static Stream<Arguments> wrongAtStart() {
        return Stream.of(
                wrong("backend: none (expected: at least one, or a discovery)", b -> {}),
                wrong("backend: 127.0.0.1:7999 is the balancer's own listener", b -> b.listen("127.0.0.1", 7999)
                        .backend("127.0.0.1", 7999)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongAtStart")
    void start_withWhatCannotWork_isRefusedAndLeavesNothing(String message, Consumer<LoadBalancerBuilder> settings) {
        LoadBalancerBuilder builder = LoadBalancer.builder();
        settings.accept(builder);
        assertThatThrownBy(builder::start)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith(message)
                .hasMessageContaining("expected: ");
    }

    @Test
    void proxy_withoutADestination_isRefused() {
        assertThatThrownBy(() -> TcpProxy.builder().start())
                .hasMessage("to: not set (expected: a host and port, or a router)");
    }

    @Test
    void running_mistakesAreRefusedByName() {
        LoadBalancer lb = start(b -> b.name("mistakes"));
        assertThatThrownBy(() -> lb.backends().get("nobody"))
                .isInstanceOf(NoSuchElementException.class)
                .hasMessageStartingWith("backend id: nobody (expected: one of [");
        assertThatThrownBy(() -> lb.backends()
                        .weight(lb.backends().list().get(0).backend().id(), -1))
                .hasMessage("weight: -1 (expected: 0..1000)");
        assertThatThrownBy(() -> lb.backends().add(lb.backends().list().get(0).backend()))
                .hasMessageContaining("(expected: one that no backend of this balancer has)");
        assertThatThrownBy(() -> lb.backends().replaceAll(List.of(backend(), backend())))
                .hasMessage("backend id: a:1 (expected: each id once)");
        assertThatThrownBy(() -> lb.drain(NEGATIVE)).hasMessageStartingWith("grace: PT-1S (expected: >= 0");
        assertThatThrownBy(() -> AdminServer.builder(lb).token("short")).hasMessageContaining("expected: ");
        JmxRegistration first = resources.add(JmxRegistration.of(lb));
        assertThatThrownBy(() -> JmxRegistration.of(lb))
                .hasMessageContaining("mistakes (expected: one that is not registered as " + first.name());
        lb.close();
        assertThatThrownBy(() -> lb.backends().add(backend())).hasMessage("mistakes is closed");
        assertThatThrownBy(() -> lb.reconfigure(change -> {})).hasMessageContaining("closed");
    }

    @Test
    void reconfigure_withAWrongValue_changesNothing() {
        LoadBalancer lb = start(b -> b.limits(limits -> limits.connections(10)));
        assertThatThrownBy(() -> lb.reconfigure(
                        change -> change.limits(limits -> limits.connections(20).connectAttempts(0))))
                .hasMessage("limits connectAttempts: 0 (expected: 1..100)");
        assertThat(lb.config().proxy().limits().connections()).contains(10);
    }

    static Stream<Arguments> warned() {
        return Stream.of(
                odd(
                        "all backends have weight 0, so none gets connections",
                        b -> b.backend(backend().withWeight(0))),
                odd("backends a:1 and twin have the same address, a:1", b -> b.backend(backend())
                        .backend(backend().withId("twin"))),
                odd("the selector prefers backends with the label zone=a, and none has it", b -> b.backend(backend())
                        .selector(BackendSelector.roundRobin().preferring("zone", "a"))),
                odd("the selector first makes no difference between weights above 0", b -> b.backend(backend())
                        .backend(Backend.of("b", 1).withWeight(5))
                        .selector(BackendSelector.first())));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("warned")
    void settings_thatMeanNothingTogether_areSaidOnce(String warning, UnaryOperator<LoadBalancerBuilder> settings) {
        try (LogCapture log = LogCapture.open()) {
            resources.add(settings.apply(LoadBalancer.builder().name("odd").noHealthCheck())
                    .start());
            await().untilAsserted(() -> assertThat(log.messages(warning)).containsExactly("odd: " + warning));
        }
    }

    @Test
    void checkTimeout_aboveTheInterval_isSaidWhenItIsSet() {
        try (LogCapture log = LogCapture.open()) {
            String warning = "odd: health check timeout: PT5S (expected: at most the interval, PT2S)";
            Duration two = Duration.ofSeconds(2);
            Duration five = Duration.ofSeconds(5);
            LoadBalancer lb = start(
                    b -> b.name("odd").healthCheck(check -> check.interval(two).timeout(five)));
            assertThat(log.messages(warning)).hasSize(1);
            lb.reconfigure(
                    change -> change.healthCheck(check -> check.interval(two).timeout(two)));
            lb.reconfigure(change -> change.healthCheck(check -> check.interval(two)));
            lb.reconfigure(change -> change.healthCheck(check -> check.interval(Duration.ofMillis(10))));
            lb.reconfigure(
                    change -> change.healthCheck(check -> check.interval(two).timeout(five)));
            await().untilAsserted(() -> assertThat(log.messages(warning)).hasSize(2));
        }
    }

    private LoadBalancer start(UnaryOperator<LoadBalancerBuilder> settings) {
        TestBackend backend = resources.add(TestBackend.echoing());
        return resources.add(settings.apply(LoadBalancer.builder().backend("127.0.0.1", backend.port()))
                .start());
    }

    private static Backend backend() {
        return Backend.of("a", 1);
    }

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
    private static <T> T missing() {
        return null;
    }

    private static Arguments wrong(String message, Consumer<LoadBalancerBuilder> mistake) {
        return Arguments.of(message, mistake);
    }

    private static Arguments odd(String warning, UnaryOperator<LoadBalancerBuilder> settings) {
        return Arguments.of(warning, settings);
    }
}
