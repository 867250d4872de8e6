package io.lb4j.internal.util;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The listeners of one kind, some of which may not want to hear anything for now. Thread-safe. */
public final class Telling<L> {
    /** A listener that wants to hear something at times only. */
    public interface OnDemand {
        /** Whether it does now. Asked before each event, by many threads. */
        boolean isWanted();
    }

    /** A listener that hears of backends and the balancer, and nothing of connections: no event is made of one for it. */
    public interface OfBackends {}

    private final CopyOnWriteArrayList<L> listeners;

    public Telling(List<? extends L> listeners) {
        this.listeners = new CopyOnWriteArrayList<>(listeners);
    }

    public void add(L listener) {
        listeners.add(listener);
    }

    public void remove(L listener) {
        listeners.remove(listener);
    }

    /** In the order in which they were added. */
    public List<L> all() {
        return listeners;
    }

    /** Whether anybody wants to hear. */
    public boolean isWanted() {
        for (L listener : listeners) {
            if (!(listener instanceof OnDemand onDemand) || onDemand.isWanted()) {
                return true;
            }
        }
        return false;
    }
}
