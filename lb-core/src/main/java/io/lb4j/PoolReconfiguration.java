package io.lb4j;

/**
 * The settings of a running pool. Holds the present ones; what is not here cannot change while it runs; backends change by
 * {@link Backends}. To be used within the call it was handed to, by one thread.
 */
public final class PoolReconfiguration extends PoolSettings<PoolReconfiguration> {
    PoolReconfiguration(PoolConfig running) {
        super(running);
    }

    @Override
    PoolReconfiguration self() {
        return this;
    }
}
