package io.lb4j.benchmarks.compare;

/**
 * A program that runs.
 *
 * @param name its program's, unless that runs more than once
 */
record Participant(String name, Running running) {
    boolean isDirect() {
        return name.equals(Direct.NAME);
    }
}
