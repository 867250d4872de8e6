package io.lb4j.benchmarks.compare;

import io.lb4j.benchmarks.load.Work;

/**
 * A program that runs.
 *
 * @param name its program's, unless that runs more than once
 */
record Participant(String name, Running running) {
    boolean does(Work work) {
        // Backends do no TLS.
        return isDirect() ? !work.isTls() : work.isFor(name);
    }

    boolean isDirect() {
        return name.equals(Direct.NAME);
    }
}
