package io.lb4j;

import io.lb4j.backend.BackendState;
import io.lb4j.internal.pool.BackendPool;
import java.util.List;
import java.util.NoSuchElementException;

/** The backends of a running balancer. Every method can be called from any thread. */
public final class Backends {
    private final BackendPool pool;

    Backends(BackendPool pool) {
        this.pool = pool;
    }

    /** Every backend with its status at this moment, in the order in which they were added; unmodifiable. */
    public List<BackendState> list() {
        return pool.states();
    }

    /**
     * One backend with its status at this moment.
     *
     * @throws NoSuchElementException when there is none of this id; the message names those there are
     */
    public BackendState get(String id) {
        List<BackendState> states = list();
        return states.stream()
                .filter(state -> state.backend().id().equals(id))
                .findFirst()
                .orElseThrow(() -> new NoSuchElementException("backend id: " + id + " (expected: one of "
                        + states.stream().map(state -> state.backend().id()).toList() + ")"));
    }
}
