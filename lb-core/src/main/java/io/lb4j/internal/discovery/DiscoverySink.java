package io.lb4j.internal.discovery;

import io.lb4j.backend.Backend;
import java.util.List;

/** Is told which backends there are. Called on the control thread. */
@FunctionalInterface
public interface DiscoverySink {
    /**
     * The list has changed, or is known for the first time.
     *
     * @param backends all backends there are now, no id and no address twice; unmodifiable. One that was there before
     *     keeps its place before those that are new
     */
    void discovered(List<Backend> backends);
}
