package io.lb4j.benchmarks.compare;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A proxy that can be compared. */
interface Program {
    /** Its name in tables and on the command line. */
    String name();

    /** Whether it is another one with some setting changed: such a one is left out where that says nothing new. */
    default boolean isVariant() {
        return false;
    }

    /** Why it cannot be run on this machine; empty when it can. */
    Optional<String> missing();

    /** What was run, for the report. */
    String version() throws IOException, InterruptedException;

    /**
     * Starts it, relaying to these ports of loopback in turn.
     *
     * @param directory where it may write; its own
     */
    Running start(Path directory, List<Integer> backends, Cores cores) throws IOException, InterruptedException;
}
