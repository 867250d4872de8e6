package io.lb4j.micrometer;

import io.lb4j.LoadBalancer;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;

/** The meters of one balancer in one registry, until the balancer has ended. */
final class Binding {
    /** All there are in this JVM. Guarded by itself. */
    private static final List<Binding> BOUND = new ArrayList<>();

    private final MeterRegistry registry;
    private final LoadBalancer balancer;
    private final MeterSet own;
    private final BackendMeters backends;
    private final List<NamedMeters> others;

    Binding(
            MeterRegistry registry,
            LoadBalancer balancer,
            MeterSet own,
            BackendMeters backends,
            List<NamedMeters> others) {
        this.registry = registry;
        this.balancer = balancer;
        this.own = own;
        this.backends = backends;
        this.others = others;
    }

    /**
     * A registry has one meter of a name and its tags: that of a second balancer would be dropped in silence. One that has
     * ended makes room, even if it has not been told of its end yet.
     *
     * @throws IllegalStateException when the registry has the meters of a balancer of the same name
     */
    static void add(Binding added) {
        synchronized (BOUND) {
            for (Binding other : List.copyOf(BOUND)) {
                if (other.registry.equals(added.registry) && other.name().equals(added.name())) {
                    other.makeRoom();
                }
            }
            BOUND.add(added);
        }
    }

    private String name() {
        return balancer.name();
    }

    private void makeRoom() {
        if (!balancer.isClosed()) {
            throw new IllegalStateException("balancer name: " + name()
                    + " (expected: one that is not in this registry yet; give one of the two another name(...))");
        }
        end();
    }

    /** Takes its meters out; once, lest those of a successor go. */
    void end() {
        synchronized (BOUND) {
            if (BOUND.remove(this)) {
                own.remove();
                backends.removeAllBut(List.of());
                others.forEach(NamedMeters::end);
            }
        }
    }
}
