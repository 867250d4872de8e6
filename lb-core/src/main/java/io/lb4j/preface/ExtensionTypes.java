package io.lb4j.preface;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The types of extensions that a hello has had so far. Takes the same time for each of them, however many there are, and little
 * memory for as many as clients have.
 */
final class ExtensionTypes {
    private static final int FEW = 16;

    /** Those below 64, as bits: nearly all that are registered. */
    private long low;

    /** Some of the others, as many as {@code count}: GREASE, renegotiation, the client's own. */
    private final char[] few = new char[FEW];

    private int count;

    /** The rest; null while there is none. */
    private @Nullable BitSet many;

    /** Whether this one, 0..65,535, is there for the first time. */
    boolean add(int type) {
        if (type < Long.SIZE) {
            long before = low;
            low |= 1L << type;
            return low != before;
        }
        for (int i = 0; i < count; i++) {
            if (few[i] == type) {
                return false;
            }
        }
        return count < FEW ? addToFew(type) : addToMany(type);
    }

    private boolean addToFew(int type) {
        few[count++] = (char) type;
        return true;
    }

    private boolean addToMany(int type) {
        if (many == null) {
            many = new BitSet();
        }
        boolean isNew = !many.get(type);
        many.set(type);
        return isNew;
    }
}
