package io.lb4j.internal.loop;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

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

    /**
     * What the rest of a stream's turn passes through after a read.
     *
     * @param read how many bytes it brought
     * @param wanted how many it could have
     * @return null when that says that there is no more
     */
    @Nullable
    Passage after(int read, int wanted);

    /** Keeps what it holds, as long as the sink does not take it. */
    Pending keep();
}
