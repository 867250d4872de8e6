package io.lb4j.internal.loop;

import java.nio.ByteBuffer;

/**
 * What records of TLS pass through between a socket and an engine, for all connections of a loop. Engines of the JDK work in heap
 * arrays: what they are given in direct buffers they copy. Confined to its loop.
 */
public final class RecordBuffers {
    /** The most that is read of records at once. Beyond it, a read costs next to nothing beside what is done with its bytes. */
    public static final int LARGEST_READ = 128 * 1024;

    /** No engine asks for more room for one record, or what is in it. */
    public static final int LARGEST_RECORD = 34 * 1024;

    private final ByteBuffer socket = ByteBuffer.allocateDirect(LARGEST_READ + LARGEST_RECORD);
    private final ByteBuffer arriving = ByteBuffer.allocate(LARGEST_READ + LARGEST_RECORD);
    private final ByteBuffer leaving = ByteBuffer.allocate(LARGEST_READ + LARGEST_RECORD);
    private final ByteBuffer plain = ByteBuffer.allocate(LARGEST_RECORD);

    RecordBuffers() {}

    /** What a socket reads and writes, for the moment of the call. */
    public ByteBuffer socket() {
        return socket.clear();
    }

    /** Records that were read, for the moment of a read. */
    public ByteBuffer arriving() {
        return arriving.clear();
    }

    /** Records that are to be written, for the moment of a write. */
    public ByteBuffer leaving() {
        return leaving.clear();
    }

    /** What is in a record, where there is too little room for it. */
    public ByteBuffer plain() {
        return plain.clear();
    }
}
