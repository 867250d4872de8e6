package io.lb4j;

/** Collects the settings of a pool that has a name. Each setter checks its value at once; the last value set wins. */
public final class PoolBuilder extends PoolSetup<PoolBuilder> {
    PoolBuilder() {}

    @Override
    PoolBuilder self() {
        return this;
    }
}
