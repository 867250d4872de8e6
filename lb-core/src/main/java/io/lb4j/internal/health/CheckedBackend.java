package io.lb4j.internal.health;

import io.lb4j.backend.Backend;

/** Something whose health is checked. Compared by identity, and has no other equality: one that was removed and added again is another one. */
public interface CheckedBackend {
    /** What is checked. */
    Backend backend();
}
