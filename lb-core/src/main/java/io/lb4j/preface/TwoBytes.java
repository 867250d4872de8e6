package io.lb4j.preface;

/** Numbers of two bytes, the more significant one first, as both protocols write their lengths. */
final class TwoBytes {
    private TwoBytes() {}

    /** The number at this place. */
    static int read(byte[] bytes, int at) {
        return (bytes[at] & 0xff) << Byte.SIZE | (bytes[at + 1] & 0xff);
    }

    /** Writes it to this place, and returns the one behind. */
    static int write(int number, byte[] into, int at) {
        into[at] = (byte) (number >> Byte.SIZE);
        into[at + 1] = (byte) number;
        return at + 2;
    }
}
