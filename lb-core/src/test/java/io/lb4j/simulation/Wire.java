package io.lb4j.simulation;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;

/** The bytes of one direction of a TCP connection, from the socket that took them to the one that gives them out. */
final class Wire {
    private ByteBuffer underWay = ByteBuffer.allocate(1 << 12);
    private long written;
    private long read;

    /** Up to which byte of the stream a record says, by its end; null where there are no records. */
    private final TreeMap<Long, Long> records;

    private long notified = Long.MAX_VALUE;

    /** @param isTls whether there will be records */
    Wire(boolean isTls) {
        records = isTls ? new TreeMap<>() : null;
    }

    /** These bytes are on their way. */
    void put(ByteBuffer bytes) {
        if (underWay.remaining() < bytes.remaining()) {
            underWay.flip();
            underWay = ByteBuffer.allocate(2 * (underWay.remaining() + bytes.remaining()))
                    .put(underWay);
        }
        written += bytes.remaining();
        underWay.put(bytes);
    }

    /** So many of them arrive. */
    void take(ByteBuffer into, int size) {
        underWay.flip();
        into.put(underWay.slice().limit(size));
        underWay.position(size);
        underWay.compact();
        read += size;
    }

    long written() {
        return written;
    }

    long read() {
        return read;
    }

    /** Whoever has so many bytes of this wire has so many of the stream. */
    void record(long end, long ofStream) {
        records.put(end, ofStream);
    }

    /** Whoever has so many bytes of this wire has been told that nothing follows. */
    void notified(long end) {
        notified = end;
    }

    /** How much of the stream is in so many of its bytes, as far as whole records say it. */
    long ofStream(long bytes) {
        if (records == null) {
            return bytes;
        }
        Map.Entry<Long, Long> last = records.floorEntry(bytes);
        return last == null ? 0 : last.getValue();
    }

    /** Whether its reader has been told within TLS that nothing follows. */
    boolean hasNotified() {
        return read >= notified;
    }
}
