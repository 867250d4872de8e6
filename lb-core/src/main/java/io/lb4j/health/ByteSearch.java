package io.lb4j.health;

/**
 * Looks for some bytes in a stream that comes in pieces, and keeps none of it (Knuth, Morris and Pratt): one step back
 * on average for each byte, whatever a backend sends.
 */
final class ByteSearch {
    private final byte[] wanted;

    /** By how much a match of {@code i + 1} bytes shrinks when the next one does not fit. */
    private final int[] shorter;

    private int matched;

    /** Looks for these bytes, of which there must be some. */
    ByteSearch(byte[] wanted) {
        this.wanted = wanted;
        shorter = new int[wanted.length];
        for (int i = 1, length = 0; i < wanted.length; i++) {
            length = next(length, wanted[i]);
            shorter[i] = length;
        }
    }

    /** Takes the next byte; true when it completes what is looked for. Not to be called again after that. */
    boolean add(byte b) {
        matched = next(matched, b);
        return matched == wanted.length;
    }

    private int next(int length, byte b) {
        int kept = length;
        while (kept > 0 && wanted[kept] != b) {
            kept = shorter[kept - 1];
        }
        return wanted[kept] == b ? kept + 1 : kept;
    }
}
