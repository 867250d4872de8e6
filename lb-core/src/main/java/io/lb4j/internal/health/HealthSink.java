package io.lb4j.internal.health;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Is told what checks found. Called on the control thread. */
@FunctionalInterface
public interface HealthSink {
    /** A check has ended, and this is what it makes of the backend. */
    void checked(CheckedBackend backend, Health health);

    /** All that should be checked at this moment; null when the sink does not know. */
    default @Nullable List<? extends CheckedBackend> places() {
        return null;
    }
}
