package io.lb4j.internal.loop;

import java.io.IOException;

/** Bytes that were read and not yet written. Confined to its loop. */
public interface Unwritten {
    boolean isEmpty();

    /** Writes some of them, of which there are some. Returns how many were taken. */
    int writeTo(Sink sink) throws IOException;

    /** Whether, after a write of so many that has left some, the next one is worth trying at once. */
    boolean mayTakeMore(int written);
}
