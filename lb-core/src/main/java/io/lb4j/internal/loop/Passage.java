package io.lb4j.internal.loop;

import java.io.IOException;

/**
 * What the bytes of all streams of a loop pass through, one after another: empty before a read, and when its bytes are
 * written. Confined to its loop.
 */
public interface Passage extends Unwritten {
    /** The most that it can hold, and that passes through it for one stream before others have their turn. */
    int capacity();

    /** How much a read is to ask for of a stream whose reads are this large. */
    int sizeOf(int readSize);

    /** As {@link java.nio.channels.SocketChannel#read}, at most so many. */
    int fill(Source source, int most) throws IOException;

    /** Whether a read that has brought fewer than it could says that there is no more. */
    boolean readsAll();

    /** Keeps what it holds, as long as the sink does not take it. */
    Pending keep();
}
