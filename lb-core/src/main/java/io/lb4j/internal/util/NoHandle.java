package io.lb4j.internal.util;

/** What ends a thing that never began: closing it does nothing, and whoever has it need not come to close it. */
public enum NoHandle implements AutoCloseable {
    /** The only one. */
    INSTANCE;

    @Override
    public void close() {}
}
