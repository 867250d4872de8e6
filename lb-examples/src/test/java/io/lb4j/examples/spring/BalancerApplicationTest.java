package io.lb4j.examples.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.lb4j.LoadBalancer;
import io.lb4j.LoadBalancerState;
import io.lb4j.examples.EmbeddedBackend;
import io.lb4j.examples.Http;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.boot.actuate.health.Status;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** The Spring Boot recipe as an application: it starts, balances, tells its health, and ends politely. */
class BalancerApplicationTest {
    private EmbeddedBackend one;
    private EmbeddedBackend two;
    private ConfigurableApplicationContext context;
    private LoadBalancer lb;

    @BeforeEach
    void start() throws IOException {
        one = EmbeddedBackend.start();
        two = EmbeddedBackend.start();
        context = new SpringApplicationBuilder(BalancerApplication.class)
                .run(
                        "--spring.main.banner-mode=off",
                        "--spring.lifecycle.timeout-per-shutdown-phase=40s",
                        "--lb4j.listen=127.0.0.1:0",
                        "--lb4j.backends=127.0.0.1:" + one.port() + ",127.0.0.1:" + two.port(),
                        "--lb4j.grace=30s");
        lb = context.getBean(LoadBalancer.class);
    }

    @AfterEach
    void end() {
        context.close();
        one.close();
        two.close();
    }

    @Test
    void application_withTwoBackendsInItsProperties_balancesThem() throws Exception {
        assertThat(Http.get(lb.port())).isEqualTo("" + one.port());
        assertThat(Http.get(lb.port())).isEqualTo("" + two.port());
        assertThat(context.getBean(MeterBinder.class)).isNotNull();
    }

    @Test
    void health_followsTheBackends() {
        HealthIndicator health = context.getBean("lb4jHealthIndicator", HealthIndicator.class);
        assertThat(health.health().getStatus()).isEqualTo(Status.UP);
        assertThat(health.health().getDetails()).containsKey("127.0.0.1:" + one.port());
        lb.backends().disable("127.0.0.1:" + one.port());
        lb.backends().disable("127.0.0.1:" + two.port());
        assertThat(health.health().getStatus()).isEqualTo(Status.DOWN);
    }

    @Test
    void contextCloses_whileAConnectionIsOpen_itFinishesWithinTheGrace() throws Exception {
        HealthIndicator health = context.getBean("lb4jHealthIndicator", HealthIndicator.class);
        CompletableFuture<Void> closed;
        try (Socket open = new Socket("127.0.0.1", lb.port())) {
            await().until(() -> lb.stats().proxy().active() == 1);
            closed = CompletableFuture.runAsync(context::close);
            await().pollInterval(Duration.ofMillis(5))
                    .untilAsserted(() -> assertThatExceptionOfType(ConnectException.class)
                            .isThrownBy(() -> new Socket("127.0.0.1", lb.port()).close()));
            assertThat(health.health().getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
            assertThat(closed).isNotDone();
            assertThat(Http.get(open)).isEqualTo("" + one.port());
        }
        assertThat(closed).succeedsWithin(Duration.ofSeconds(20));
        assertThat(lb.state()).isEqualTo(LoadBalancerState.CLOSED);
    }
}
