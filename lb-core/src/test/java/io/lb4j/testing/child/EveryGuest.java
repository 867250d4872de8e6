package io.lb4j.testing.child;

import io.lb4j.LoadBalancer;
import io.lb4j.LoadBalancerBuilder;
import io.lb4j.PoolBuilder;
import io.lb4j.admin.AdminServer;
import io.lb4j.backend.Backend;
import io.lb4j.discovery.BackendDiscovery;
import io.lb4j.event.AccessLog;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.health.HealthChecker;
import io.lb4j.jmx.JmxRegistration;
import io.lb4j.selection.BackendSelector;
import io.lb4j.tls.BackendTls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.LoggerFactory;

/**
 * A balancer in which every selector, every health check and every discovery that there is does its work, each in a pool;
 * an admin server and JMX look at it.
 */
public final class EveryGuest {
    private static final Backend NOBODY = Backend.of("127.0.0.1", 1).withLabel("zone", "a");

    private static final List<BackendSelector> SELECTORS = List.of(
            BackendSelector.roundRobin(),
            BackendSelector.roundRobinFromRandomStart(),
            BackendSelector.leastConnections(),
            BackendSelector.random(),
            BackendSelector.powerOfTwoChoices(),
            BackendSelector.leastConnectTime(),
            BackendSelector.sticky(),
            BackendSelector.first(),
            BackendSelector.roundRobin().preferring("zone", "a"));

    private static final List<HealthChecker> CHECKERS = List.of(
            HealthChecker.tcpConnect(),
            HealthChecker.sendExpect("PING\r\n", "+PONG"),
            HealthChecker.http("/"),
            HealthChecker.tls(),
            HealthChecker.overTls(BackendTls.unverified(), HealthChecker.http("/")),
            HealthChecker.allOf(HealthChecker.tcpConnect(), HealthChecker.ldap()),
            HealthChecker.anyOf(HealthChecker.tcpConnect(), HealthChecker.ldap()),
            HealthChecker.agent(1),
            HealthChecker.dialogue(dialogue -> dialogue.expect("+OK").send("QUIT\r\n")),
            HealthChecker.postgres(),
            HealthChecker.mysql("check"),
            HealthChecker.redis().master(),
            HealthChecker.ldap(),
            HealthChecker.mqtt());

    private EveryGuest() {}

    /** Starts it. */
    public static AutoCloseable start() {
        LoadBalancerBuilder builder = LoadBalancer.builder().listen("127.0.0.1", 0, f -> f.route(connection -> "s0"));
        for (int i = 0; i < SELECTORS.size(); i++) {
            BackendSelector selector = SELECTORS.get(i);
            pool(builder, "s" + i, pool -> pool.selector(selector).noHealthCheck());
        }
        for (int i = 0; i < CHECKERS.size(); i++) {
            HealthChecker checker = CHECKERS.get(i);
            pool(builder, "c" + i, pool -> pool.healthCheck(check -> check.checker(checker)));
        }
        List<BackendDiscovery> discoveries = List.of(
                BackendDiscovery.fixed(List.of(Backend.of("127.0.0.1", 1).withId("fixed"))),
                BackendDiscovery.dns("127.0.0.1", 1),
                BackendDiscovery.dns("lb4j.invalid", 1, "127.0.0.1", 1),
                BackendDiscovery.dnsSrv("lb4j.invalid", "127.0.0.1", 1),
                BackendDiscovery.file(file()));
        for (int i = 0; i < discoveries.size(); i++) {
            BackendDiscovery discovery = discoveries.get(i);
            builder.pool("d" + i, pool -> pool.noHealthCheck().discovery(discovery));
        }
        LoadBalancer lb = builder.listener(AccessLog.to(LoggerFactory.getLogger("access")))
                .listener(AccessLog.haproxy(LoggerFactory.getLogger("access.haproxy")))
                .listener(LoadBalancerListener.async(new LoadBalancerListener() {}, Runnable::run))
                .start();
        JmxRegistration jmx = JmxRegistration.of(lb);
        AdminServer admin = AdminServer.builder(lb)
                .token("a-long-token")
                .listen("127.0.0.1", 0)
                .start();
        return () -> {
            admin.close();
            jmx.close();
            lb.close();
        };
    }

    private static void pool(LoadBalancerBuilder builder, String name, Consumer<PoolBuilder> setup) {
        builder.pool(name, pool -> {
            pool.backend(NOBODY.withId(name)).healthCheck(check -> check.timeout(Duration.ofSeconds(1)));
            setup.accept(pool);
        });
    }

    private static Path file() {
        try {
            Path file = Files.createTempFile("backends", null);
            file.toFile().deleteOnExit();
            return Files.writeString(file, "127.0.0.1:1,id=of-file\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
