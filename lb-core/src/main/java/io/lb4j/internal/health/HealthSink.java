package io.lb4j.internal.health;

/** Is told what checks found. Called on the control thread. */
@FunctionalInterface
public interface HealthSink {
    /** A check has ended, and this is what it makes of the backend. */
    void checked(CheckedBackend backend, Health health);
}
