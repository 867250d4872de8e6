package io.lb4j.internal.loop;

import java.io.IOException;
import java.nio.channels.SocketChannel;

/**
 * A pipe of the kernel: what is read from a socket into it, and written from it to another, never comes into this process.
 * Its sockets are those of the {@link Splicing} that opened it. Confined to its loop.
 */
public interface SplicePipe {
    /** How many bytes it holds. */
    int size();

    /** The most that it is filled with at a time. */
    int capacity();

    /**
     * Reads from a socket into the pipe, which is empty.
     *
     * @param most how many bytes
     * @return how many it has brought. That it brings nothing, or less than it could, does not say that there is no more,
     *     nor that the stream has ended: at a mark of urgent data it stops, and only a read goes on behind it, and finds out
     */
    int fill(SocketChannel source, int most) throws IOException;

    /**
     * Writes what it holds to a socket.
     *
     * @return how many bytes were taken. If they were not all, it is to be called at once again, until it returns 0 or
     *     throws: the kernel may have said already what it would have thrown, and does not say it to others
     */
    int drain(SocketChannel sink) throws IOException;

    /** Closes it, with what it holds. Does not fail. */
    void close();
}
