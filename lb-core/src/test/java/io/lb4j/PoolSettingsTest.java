package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.lb4j.backend.Backend;
import io.lb4j.discovery.BackendDiscovery;
import io.lb4j.health.HealthCheckPolicy;
import io.lb4j.health.MinimumHealthy;
import io.lb4j.health.NoneHealthy;
import io.lb4j.health.OnDown;
import io.lb4j.health.OnRecovery;
import io.lb4j.health.OutlierPolicy;
import io.lb4j.selection.BackendSelector;
import io.lb4j.selection.QueuePolicy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What steers a pool: the same words for one that is built and one that runs. */
class PoolSettingsTest {
    private static final BackendSelector SELECTOR = BackendSelector.leastConnections();
    private static final HealthCheckPolicy CHECK =
            HealthCheckPolicy.builder().interval(Duration.ofSeconds(7)).build();

    @Test
    void pool_asBuilt_hasTheDefaults() {
        PoolConfig config = new PoolBuilder().config("a");
        assertThat(config.name()).isEqualTo("a");
        assertThat(config.backends()).isEmpty();
        assertThat(config.selector()).hasToString(BackendSelector.roundRobin().toString());
        assertThat(config.slowStart()).isEmpty();
        assertThat(config.healthCheck().orElseThrow().interval()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.outlierDetection()).contains(OutlierPolicy.builder().build());
        assertThat(config.whenNoneHealthy()).isEqualTo(NoneHealthy.CLOSE);
        assertThat(config.minimumHealthy()).isEqualTo(MinimumHealthy.ONE);
        assertThat(config.onDown()).isEqualTo(OnDown.KEEP);
        assertThat(config.onRecovery()).isEqualTo(OnRecovery.KEEP);
        assertThat(config.queue()).contains(QueuePolicy.builder().build());
        assertThat(config.discovery()).isEmpty();
    }

    @Test
    void everySetter_ofAPoolThatIsBuilt_isInItsConfig() {
        BackendDiscovery discovery = () -> List.of();
        PoolBuilder builder = new PoolBuilder()
                .backend("127.0.0.1", 1)
                .backends("127.0.0.1:2")
                .discovery(discovery, policy -> policy.timeout(Duration.ofSeconds(3)));
        allSet(builder);
        PoolConfig config = builder.config("a");
        thatAllIsSet(config);
        assertThat(config.backends())
                .extracting(Backend::id, Backend::pool)
                .containsExactly(tuple("a/127.0.0.1:1", "a"), tuple("a/127.0.0.1:2", "a"));
        assertThat(config.discovery()).contains(discovery);
        assertThat(config.discoveryPolicy().timeout()).isEqualTo(Duration.ofSeconds(3));
        noneSet(builder.noHealthCheck());
        assertThat(builder.config("a").healthCheck()).isEmpty();
        thatNoneIsSet(builder.config("a"));
    }

    @Test
    void everySetter_ofAPoolThatRuns_isInItsConfig_andWhatIsNotSetStays() {
        PoolConfig before = new PoolBuilder().backend("127.0.0.1", 1).config("a");
        PoolReconfiguration change = new PoolReconfiguration(before);
        assertThat(change.changed(before)).isEqualTo(before);
        allSet(change);
        PoolConfig after = change.changed(before);
        thatAllIsSet(after);
        assertThat(after.name()).isEqualTo("a");
        assertThat(after.backends()).isEqualTo(before.backends());
        PoolReconfiguration again = new PoolReconfiguration(after);
        assertThat(again.changed(after)).isEqualTo(after);
        noneSet(again);
        thatNoneIsSet(again.changed(after));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void healthChecks_ofAPoolThatRuns_areAsItWasStarted(boolean checked) {
        try (LoadBalancer lb = (checked
                        ? LoadBalancer.builder()
                        : LoadBalancer.builder().noHealthCheck())
                .backend("127.0.0.1", 1)
                .start()) {
            LoadBalancerConfig before = lb.config();
            refused(lb, change -> change.noHealthCheck(), checked ? "with it" : null);
            refused(lb, change -> change.healthCheck(CHECK), checked ? null : "without");
            refused(lb, change -> change.healthCheck(check -> check.unhealthyAfter(3)), checked ? null : "without");
            assertThat(lb.config().defaultPool().healthCheck().isPresent()).isEqualTo(checked);
            assertThat(lb.config().proxy()).isEqualTo(before.proxy());
        }
    }

    private static void refused(LoadBalancer lb, Consumer<Reconfiguration> change, String started) {
        if (started == null) {
            lb.reconfigure(change);
            return;
        }
        assertThatThrownBy(() -> lb.reconfigure(change))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("healthCheck: the pool was started " + started + " (expected: as it was started)");
    }

    private static void allSet(PoolSettings<?> settings) {
        settings.selector(SELECTOR)
                .slowStart(Duration.ofSeconds(1))
                .healthCheck(CHECK)
                .outlierDetection(outliers -> outliers.consecutiveFailures(9))
                .whenNoneHealthy(NoneHealthy.TRY_ALL)
                .minimumHealthy(2)
                .minimumHealthyPercent(30)
                .onDown(OnDown.CLOSE)
                .onRecovery(OnRecovery.STAY)
                .queue(queue -> queue.maxWaiting(4));
    }

    private static void thatAllIsSet(PoolConfig config) {
        assertThat(config.selector()).isSameAs(SELECTOR);
        assertThat(config.slowStart()).contains(Duration.ofSeconds(1));
        assertThat(config.healthCheck()).contains(CHECK);
        assertThat(config.outlierDetection())
                .contains(OutlierPolicy.builder().consecutiveFailures(9).build());
        assertThat(config.whenNoneHealthy()).isEqualTo(NoneHealthy.TRY_ALL);
        assertThat(config.minimumHealthy()).isEqualTo(new MinimumHealthy(2, 30));
        assertThat(config.onDown()).isEqualTo(OnDown.CLOSE);
        assertThat(config.onRecovery()).isEqualTo(OnRecovery.STAY);
        assertThat(config.queue()).contains(new QueuePolicy(4, Optional.empty()));
    }

    private static void noneSet(PoolSettings<?> settings) {
        settings.noSlowStart().noOutlierDetection().noQueue();
    }

    private static void thatNoneIsSet(PoolConfig config) {
        assertThat(config.slowStart()).isEmpty();
        assertThat(config.outlierDetection()).isEmpty();
        assertThat(config.queue()).isEmpty();
    }
}
