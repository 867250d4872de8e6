package io.lb4j.admin;

import java.util.Arrays;

/** Some figures of one thing over time, the last {@link #KEPT} of each. Confined to the admin thread. */
final class Track {
    /** With one in ten seconds, an hour and six minutes. */
    static final int KEPT = 400;

    /** What is not known: of the time before a backend came. */
    private static final float UNKNOWN = Float.NaN;

    private final float[][] series;

    Track(int figures) {
        series = new float[figures][KEPT];
        for (float[] one : series) {
            Arrays.fill(one, UNKNOWN);
        }
    }

    void set(int slot, double... figures) {
        for (int i = 0; i < figures.length; i++) {
            series[i][slot] = (float) figures[i];
        }
    }

    float get(int figure, int slot) {
        return series[figure][slot];
    }
}
