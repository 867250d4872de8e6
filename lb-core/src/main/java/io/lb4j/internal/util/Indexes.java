package io.lb4j.internal.util;

import java.util.Arrays;

/** A few of a list's indexes, in ascending order. Immutable. */
public final class Indexes {
    /** Not one. */
    public static final Indexes NONE = new Indexes(new int[0]);

    private final int[] sorted;

    private Indexes(int[] sorted) {
        this.sorted = sorted;
    }

    public int size() {
        return sorted.length;
    }

    /** The smallest at 0, and so on. */
    public int get(int position) {
        return sorted[position];
    }

    public boolean contains(int index) {
        return Arrays.binarySearch(sorted, index) >= 0;
    }

    public int[] toArray() {
        return sorted.clone();
    }

    /** These and others, in any order; some may be among them already. */
    public Indexes with(int... others) {
        return others.length == 1 ? withOne(others[0]) : withAll(others);
    }

    private Indexes withOne(int index) {
        int found = Arrays.binarySearch(sorted, index);
        if (found >= 0) {
            return this;
        }
        int place = -found - 1;
        int[] more = Arrays.copyOf(sorted, sorted.length + 1);
        System.arraycopy(sorted, place, more, place + 1, sorted.length - place);
        more[place] = index;
        return new Indexes(more);
    }

    private Indexes withAll(int[] others) {
        int[] all = Arrays.copyOf(sorted, sorted.length + others.length);
        System.arraycopy(others, 0, all, sorted.length, others.length);
        Arrays.sort(all);
        int length = 0;
        for (int index : all) {
            if (length == 0 || all[length - 1] != index) {
                all[length++] = index;
            }
        }
        return new Indexes(Arrays.copyOf(all, length));
    }

    /** These but one, if it is among them. */
    public Indexes without(int index) {
        int place = Arrays.binarySearch(sorted, index);
        if (place < 0) {
            return this;
        }
        int[] fewer = Arrays.copyOf(sorted, sorted.length - 1);
        System.arraycopy(sorted, place + 1, fewer, place, fewer.length - place);
        return new Indexes(fewer);
    }

    /** How many of these come before what is at {@code position} in the list once these are taken out of it. */
    public int before(int position) {
        int low = 0;
        int high = sorted.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (sorted[middle] - middle <= position) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
