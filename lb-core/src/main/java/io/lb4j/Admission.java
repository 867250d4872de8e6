package io.lb4j;

import io.lb4j.backend.Backend;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/** What every backend passes on its way into one pool. Thread-safe, as far as the user's part of it is. */
final class Admission {
    private final String pool;
    private final UnaryOperator<Backend> eachBackend;

    Admission(String pool, UnaryOperator<Backend> eachBackend) {
        this.pool = pool;
        this.eachBackend = eachBackend;
    }

    /**
     * What this one is in the pool.
     *
     * @throws IllegalArgumentException when {@code eachBackend} refuses it
     */
    Backend admit(Backend backend) {
        Backend admitted;
        try {
            admitted = eachBackend.apply(backend.inPool(pool));
        } catch (OutOfMemoryError shortage) {
            // Nobody's word on this backend.
            throw shortage;
        } catch (Throwable refusal) {
            throw new IllegalArgumentException(
                    "backend: " + backend + " (expected: one that eachBackend takes, and it threw "
                            + refusal.getClass().getSimpleName() + ")",
                    refusal);
        }
        if (admitted == null) {
            throw new IllegalArgumentException(
                    "backend: " + backend + " (expected: one that eachBackend takes, and it returned null)");
        }
        // It may be another one, of nowhere.
        return admitted.inPool(pool);
    }

    /**
     * What these are in the pool.
     *
     * @throws IllegalArgumentException when {@code eachBackend} refuses one of them, or two have the same id then
     */
    List<Backend> admit(List<Backend> backends) {
        List<Backend> admitted = new ArrayList<>(backends.size());
        Set<String> ids = new HashSet<>();
        for (Backend backend : backends) {
            Backend one = admit(backend);
            if (!ids.add(one.id())) {
                throw new IllegalArgumentException("backend id: " + one.id() + " (expected: each id once)");
            }
            admitted.add(one);
        }
        return admitted;
    }
}
