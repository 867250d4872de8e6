package io.lb4j.testing.child;

import io.lb4j.LoadBalancer;
import io.lb4j.backend.Backend;
import io.lb4j.event.HealthCheckEnded;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.health.HealthChecker;
import io.lb4j.internal.util.Addresses;
import io.lb4j.internal.util.BlockingLookUp;
import io.lb4j.internal.util.NameResolver;
import io.lb4j.internal.util.NamedLog;
import io.lb4j.internal.util.Platform;
import io.lb4j.testing.TestBackend;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;

/**
 * A backend whose name has two addresses, of which the first is silent and the second serves. Prints where connections
 * begin after a check by the same resolver, and whether a check of a balancer that nobody connects to has passed. The
 * name is {@code backend.test}, for 127.0.0.1 and 127.0.0.3.
 */
public final class CheckedAddressesProgram {
    private static final String NAME = "backend.test";

    private CheckedAddressesProgram() {}

    public static void main(String[] arguments) throws Exception {
        NamedLog log = new NamedLog(LoggerFactory.getLogger(CheckedAddressesProgram.class), "alone");
        NameResolver resolver = new NameResolver("alone", Platform.system(), log);
        CompletableFuture<Boolean> passed = new CompletableFuture<>();
        try (TestBackend silent = TestBackend.stalled();
                ServerSocket serving = new ServerSocket(silent.port(), 50, InetAddress.getByName("127.0.0.3"))) {
            Backend backend = Backend.of(NAME, serving.getLocalPort());
            BlockingLookUp.during(resolver, () -> HealthChecker.tcpConnect().check(backend, Duration.ofSeconds(4)));
            Addresses known = resolver.lookUp(NAME, System.nanoTime(), (found, failure) -> {});
            System.out.println(
                    known == null ? "unknown" : known.get(0, known.first()).getHostAddress());
            try (LoadBalancer lb = LoadBalancer.builder()
                    .name("checked")
                    .backend(backend)
                    .healthCheck(check -> check.timeout(Duration.ofSeconds(4)))
                    .listener(new LoadBalancerListener() {
                        @Override
                        public void healthCheckEnded(HealthCheckEnded event) {
                            passed.complete(event.result().passed());
                        }
                    })
                    .start()) {
                System.out.println(lb.name() + " " + passed.get(20, TimeUnit.SECONDS));
            }
        } finally {
            resolver.close();
        }
    }
}
