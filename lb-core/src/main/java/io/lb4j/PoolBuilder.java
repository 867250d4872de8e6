package io.lb4j;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.Checks;
import java.util.function.Consumer;

/** Collects the settings of a pool that has a name. */
public final class PoolBuilder extends PoolSetup<PoolBuilder> {
    PoolBuilder() {}

    @Override
    PoolBuilder self() {
        return this;
    }

    /**
     * What a pool of this name is to be.
     *
     * @throws IllegalArgumentException when the name is none for a pool, or its backends are refused
     * @throws IllegalStateException when there is neither a backend nor a discovery
     */
    static PoolConfig config(String name, Consumer<PoolBuilder> setup) {
        Checks.word("pool", name);
        if (name.equals(Backend.DEFAULT_POOL)) {
            throw new IllegalArgumentException("pool: " + name
                    + " (expected: another name; that pool is set up on the balancer's builder itself)");
        }
        PoolBuilder builder = Checks.filled("setup", setup, new PoolBuilder());
        if (!builder.hasSource()) {
            throw new IllegalStateException("pool " + name + ": no backend (expected: at least one, or a discovery)");
        }
        return builder.config(name);
    }
}
