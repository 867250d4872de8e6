package io.lb4j.examples.spring;

import io.lb4j.LoadBalancer;
import io.lb4j.LoadBalancerState;
import io.lb4j.backend.BackendState;
import io.lb4j.backend.BackendStatus;
import io.lb4j.micrometer.LoadBalancerMetrics;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;

/**
 * A balancer as a bean of a Spring Boot application, with its settings in {@code application.properties}:
 *
 * <pre>
 * lb4j.listen=0.0.0.0:8080
 * lb4j.backends=10.0.0.1:9000,10.0.0.2:9000
 * lb4j.lame-duck=5s
 * lb4j.grace=20s
 * # longer than lb4j.lame-duck and lb4j.grace together
 * spring.lifecycle.timeout-per-shutdown-phase=30s
 * management.endpoint.health.group.readiness.include=readinessState,lb4j
 * </pre>
 *
 * <p>When the context closes, the balancer drains first, before the web server does, which so goes on answering health
 * checks. It does not come back: a context that was stopped is not started again, it is made anew.
 */
@SpringBootApplication(proxyBeanMethods = false)
@EnableConfigurationProperties(BalancerApplication.Settings.class)
public class BalancerApplication {
    /** What begins with {@code lb4j.} */
    @ConfigurationProperties("lb4j")
    public record Settings(
            @DefaultValue("127.0.0.1:8080") String listen,
            List<String> backends,
            @DefaultValue("0s") Duration lameDuck,
            @DefaultValue("20s") Duration grace) {}

    public static void main(String[] args) {
        SpringApplication.run(BalancerApplication.class, args);
    }

    /** It runs from here on, and is closed, should nothing have drained it, when the context closes or does not start. */
    @Bean
    LoadBalancer loadBalancer(Settings settings) {
        return LoadBalancer.builder()
                .listen(host(settings.listen()), port(settings.listen()))
                .healthCheck(check -> check.interval(Duration.ofSeconds(5)).awaitFirstChecks(Duration.ofSeconds(5)))
                .backends(settings.backends().toArray(String[]::new))
                .start();
    }

    /** Of the last phase, as by default: what starts last is stopped first. */
    @Bean
    SmartLifecycle loadBalancerDrain(LoadBalancer balancer, Settings settings) {
        return new SmartLifecycle() {
            @Override
            public void start() {
                // It runs since it is a bean.
            }

            @Override
            public void stop(Runnable done) {
                balancer.drain(settings.lameDuck(), settings.grace()).whenComplete((result, failure) -> done.run());
            }

            @Override
            public void stop() {
                balancer.close();
            }

            @Override
            public boolean isRunning() {
                return !balancer.isClosed();
            }
        };
    }

    /** {@code lb4j} in {@code /actuator/health}, as the name of the bean says. */
    @Bean
    HealthIndicator lb4jHealthIndicator(LoadBalancer balancer) {
        return () -> {
            List<BackendState> backends = balancer.backends().list();
            Health.Builder health = backends.stream().anyMatch(state -> state.status() == BackendStatus.UP)
                    ? Health.up()
                    : Health.down();
            if (balancer.state() != LoadBalancerState.RUNNING) {
                health = Health.outOfService();
            }
            for (BackendState state : backends) {
                health.withDetail(state.backend().id(), state.status() + " " + state.reason());
            }
            return health.build();
        };
    }

    /** With an actuator, Spring Boot binds it to its registry. */
    @Bean
    LoadBalancerMetrics loadBalancerMetrics(LoadBalancer balancer) {
        return new LoadBalancerMetrics(balancer);
    }

    private static String host(String place) {
        return place.substring(0, place.lastIndexOf(':'));
    }

    private static int port(String place) {
        return Integer.parseInt(place.substring(place.lastIndexOf(':') + 1));
    }
}
