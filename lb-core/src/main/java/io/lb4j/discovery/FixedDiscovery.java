package io.lb4j.discovery;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.Checks;
import java.util.List;

/** The same answer each time. */
final class FixedDiscovery implements BackendDiscovery {
    private final List<Backend> backends;

    FixedDiscovery(List<Backend> backends) {
        Checks.notNull("backends", backends).forEach(backend -> Checks.notNull("backend", backend));
        this.backends = List.copyOf(backends);
    }

    @Override
    public List<Backend> discover() {
        return backends;
    }

    @Override
    public String toString() {
        return "fixed(" + backends.size() + ")";
    }
}
