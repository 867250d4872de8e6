package io.lb4j.benchmarks.compare;

import java.util.Locale;

/** Numbers as text; nothing for those that are not known. */
final class Figure {
    private Figure() {}

    /** With about three digits that mean something. */
    static String of(double value) {
        double size = Math.abs(value);
        return number(size >= 100 ? "%,.0f" : size >= 10 ? "%.1f" : "%.2f", value);
    }

    static String percent(Median share) {
        return number("%.0f %%", 100 * share.middle());
    }

    static String number(String format, double value) {
        return Double.isNaN(value) || Double.isInfinite(value) ? "" : String.format(Locale.ROOT, format, value);
    }
}
