package io.lb4j.internal.discovery;

import io.lb4j.backend.Backend;
import java.util.List;

/** Is told which backends there are. */
@FunctionalInterface
public interface DiscoverySink {
    /**
     * The list has changed, or is known for the first time. Called on the control thread.
     *
     * @param backends all backends there are now, no id and no address twice; unmodifiable. One that was there before
     *     keeps its place before those that are new
     * @return why some of them are left out, which may be otherwise later; empty when all were taken
     */
    List<String> discovered(List<Backend> backends);

    /**
     * What a backend is on its way into the list; throws why it is to be left out. Called on the discovery's thread, for
     * each backend of each answer.
     */
    default Backend admitted(Backend backend) {
        return backend;
    }
}
