package io.lb4j.simulation;

/**
 * The seeds of a run: {@code -Dsim.seeds} of them from {@code -Dsim.from} on. Where neither is said, a JDK without the native
 * transport runs the first half of those that every build runs, and one with it the second: a simulation does the same on
 * either.
 */
record Seeds(long from, long count) {
    private static final int FIRST_WITH_NATIVE_TRANSPORT = 22;

    /** @param everyBuild how many a build runs on both JDKs together */
    static Seeds of(long everyBuild) {
        long half = everyBuild / 2;
        boolean isSaid = Long.getLong("sim.from") != null || Long.getLong("sim.seeds") != null;
        boolean isSecond = !isSaid && Runtime.version().feature() >= FIRST_WITH_NATIVE_TRANSPORT;
        return new Seeds(Long.getLong("sim.from", isSecond ? half : 0), Long.getLong("sim.seeds", half));
    }

    /** The one behind the last. */
    long end() {
        return from + count;
    }
}
