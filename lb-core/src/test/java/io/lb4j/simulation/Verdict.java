package io.lb4j.simulation;

/**
 * Whether the engine did what it must not do. Remembers the first objection only, and throws nothing: the engine would
 * catch it.
 */
final class Verdict {
    private String objection;

    /** Objects unless the condition holds. */
    void require(boolean condition, String otherwise, Object detail) {
        if (!condition && objection == null) {
            objection = otherwise + ": " + detail;
        }
    }

    boolean isGuilty() {
        return objection != null;
    }

    /** The first objection, null when there is none. */
    String objection() {
        return objection;
    }
}
