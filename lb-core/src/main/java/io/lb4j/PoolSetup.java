package io.lb4j;

import io.lb4j.backend.Backend;
import io.lb4j.discovery.BackendDiscovery;
import io.lb4j.discovery.DiscoveryPolicy;
import io.lb4j.internal.util.Checks;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What a pool is started with: its settings, and where its backends come from. Each setter checks its value at once.
 * {@code backend} and {@code backends} add; of all others the last value set wins. Not thread-safe.
 *
 * @param <S> what the setters return: this
 */
public abstract sealed class PoolSetup<S extends PoolSetup<S>> extends PoolSettings<S>
        permits LoadBalancerBuilder, PoolBuilder {
    private final Map<String, Backend> backends = new LinkedHashMap<>();
    private UnaryOperator<Backend> eachBackend = UnaryOperator.identity();
    private @Nullable BackendDiscovery discovery;
    private DiscoveryPolicy discoveryPolicy = DiscoveryPolicy.builder().build();

    PoolSetup() {
        super(null);
    }

    /**
     * Adds a backend of weight 1 whose id is {@code host:port}; in a pool {@code api} it is {@code api/host:port}.
     *
     * @throws IllegalArgumentException as {@link Backend#of}, or when there is a backend of this id already
     */
    public S backend(String host, int port) {
        return backend(Backend.of(host, port));
    }

    /**
     * Adds backends of weight 1, each written as {@code host:port}: {@code backends("10.0.0.1:9000", "[::1]:9000")}.
     *
     * @throws IllegalArgumentException as {@link Backend#parse}, or when there is a backend of this id already
     */
    public S backends(String... places) {
        for (String place : places) {
            backend(Backend.parse(place));
        }
        return self();
    }

    /**
     * Adds a backend. Up to 10,000 are supported; what that costs is said at {@link Backends} and
     * {@link io.lb4j.selection.BackendSelector}.
     *
     * @throws IllegalArgumentException when there is a backend of this id already
     */
    public S backend(Backend backend) {
        Checks.notNull("backend", backend);
        if (backends.putIfAbsent(backend.id(), backend) != null) {
            throw new IllegalArgumentException("backend id: " + backend.id() + " (expected: one not added before)");
        }
        return self();
    }

    /**
     * What each backend becomes on its way into the pool, whether it is given here, added to the running balancer or
     * discovered: what all of them have in common is said once.
     *
     * <pre>{@code
     * .discovery(BackendDiscovery.dns("orders.internal", 9000))
     * .eachBackend(backend -> backend.withMaxConnections(200))
     * }</pre>
     *
     * <p>It may change anything, host and port too; ids have to differ afterwards. It is called on the thread of whoever
     * adds the backend, and for those that are discovered on the thread of the discovery, each time that answers: the
     * same backend has to become the same one each time. A backend for which it throws or returns null is refused: with an
     * {@link IllegalArgumentException} where it is added (those that are given here: by {@code start()}), and what is
     * discovered is left out, which a line in the log says. Default: they stay as they are.
     */
    public S eachBackend(UnaryOperator<Backend> change) {
        this.eachBackend = Checks.notNull("eachBackend", change);
        return self();
    }

    /**
     * Where the list of backends comes from: it is asked at once, again every 30 s, and when it
     * {@linkplain BackendDiscovery#watch tells of a change}. What it answers becomes the
     * list, as by {@link Backends#replaceAll}; backends that are given too are those until its first answer. With none
     * given, {@code start()} waits for the first answer, for as long as one may take.
     */
    public S discovery(BackendDiscovery discovery) {
        this.discovery = Checks.notNull("discovery", discovery);
        return self();
    }

    /**
     * {@link #discovery(BackendDiscovery)}; the builder handed in holds the defaults of when it is asked. Throws what
     * {@code policy} throws.
     */
    public S discovery(BackendDiscovery discovery, Consumer<DiscoveryPolicy.Builder> policy) {
        this.discoveryPolicy =
                Checks.filled("policy", policy, DiscoveryPolicy.builder()).build();
        return discovery(discovery);
    }

    /**
     * The settings as they are now.
     *
     * @throws IllegalArgumentException when {@code eachBackend} refuses a backend, or two have the same id after it
     */
    PoolConfig config(String name) {
        List<Backend> admitted = new Admission(name, eachBackend).admit(List.copyOf(backends.values()));
        return config(name, admitted, eachBackend, Optional.ofNullable(discovery), discoveryPolicy);
    }

    /** Whether it was said where backends come from. */
    boolean hasSource() {
        return !backends.isEmpty() || discovery != null;
    }
}
