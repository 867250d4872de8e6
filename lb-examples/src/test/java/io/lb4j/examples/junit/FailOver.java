package io.lb4j.examples.junit;

import io.lb4j.LoadBalancer;
import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendState;
import io.lb4j.backend.BackendStatus;
import io.lb4j.selection.BackendSelector;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A JUnit extension that puts a test's servers behind one address, and lets them fail over when the test says so, while
 * the servers themselves go on:
 *
 * <pre>{@code
 * @RegisterExtension
 * final FailOver database = new FailOver(() -> List.of(Backend.of("127.0.0.1", one), Backend.of("127.0.0.1", two)));
 * }</pre>
 *
 * <p>A new balancer for each test. All connections go to the first server, and to the next after {@link #failOver}.
 */
public final class FailOver implements BeforeEachCallback, AfterEachCallback {
    private final Supplier<List<Backend>> servers;
    private LoadBalancer balancer;

    /** @param servers asked before each test, after the extensions that were registered before this one */
    public FailOver(Supplier<List<Backend>> servers) {
        this.servers = servers;
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        // The test alone says who is well: nothing else may change it.
        var builder = LoadBalancer.builder()
                .name("fail-over")
                .eventLoops(1)
                .selector(BackendSelector.first())
                .noHealthCheck()
                .noOutlierDetection();
        servers.get().forEach(builder::backend);
        balancer = builder.start();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        balancer.close();
    }

    /** Where clients connect, on 127.0.0.1. */
    public int port() {
        return balancer.port();
    }

    /** The server that has the connections now is out, and its connections are reset. Returns when they are. */
    public void failOver() {
        String id = balancer.backends().list().stream()
                .filter(state -> state.status() == BackendStatus.UP)
                .findFirst()
                .orElseThrow()
                .backend()
                .id();
        balancer.backends().drain(id, Duration.ZERO).join();
    }

    /** Every server is back; new connections go to the first again, those that are open stay where they are. */
    public void failBack() {
        for (BackendState state : balancer.backends().list()) {
            balancer.backends().enable(state.backend().id());
        }
    }
}
