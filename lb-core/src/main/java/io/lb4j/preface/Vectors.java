package io.lb4j.preface;

/** Vectors, which have their lengths in front: what TLS is written in (RFC 8446, 3.4). */
final class Vectors {
    private Vectors() {}

    /**
     * Where a vector ends that begins at {@code at}; -1 when that is behind {@code to}, or there is no begin.
     *
     * @param at negative for none: what cannot end has nothing behind it
     * @param width how many bytes its length has, 1 or 2
     */
    static int end(byte[] bytes, int at, int to, int width) {
        if (at < 0 || to - at < width) {
            return -1;
        }
        int length = width == 1 ? bytes[at] & 0xff : TwoBytes.read(bytes, at);
        int begin = at + width;
        return length <= to - begin ? begin + length : -1;
    }
}
