package io.lb4j.benchmarks.compare;

import io.lb4j.benchmarks.load.Work;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Bars of CPU per unit as a ratio to HAProxy's, a group for each work. One SVG that needs nothing else, in greys and a
 * blue that can be read on white and on black.
 */
final class Chart {
    private static final int WIDTH = 760;
    private static final int LEFT = 150;
    private static final int RIGHT = 60;
    private static final int ROW = 18;
    private static final int BAR = 12;
    private static final int TOP = 40;

    /** A bar that would be longer ends here; its figure tells. */
    private static final double LONGEST = 3;

    private static final String HEAD = """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$d %2$d" width="%1$d" height="%2$d" \
            font-family="sans-serif" font-size="12" fill="#7f7f7f">
            <text x="0" y="16">Proxy CPU per unit of work, %3$s = 1; shorter is better</text>
            """;

    /** @param ratio NaN where it is not known */
    record Bar(String name, double ratio) {}

    record Group(String title, List<Bar> bars) {}

    private Chart() {}

    static List<Group> groups(Samples samples) {
        List<Group> groups = new ArrayList<>();
        for (Work work : Work.ALL) {
            List<Bar> bars = samples.programs(work).stream()
                    .filter(program -> !program.equals(Direct.NAME))
                    .map(program -> new Bar(program, samples.ratioToPeer(work, program, Sample::cpu)))
                    .toList();
            if (!bars.isEmpty()) {
                groups.add(new Group(work.key(), bars));
            }
        }
        return groups;
    }

    static String svg(List<Group> groups) {
        StringBuilder body = new StringBuilder();
        int y = TOP;
        for (Group group : groups) {
            y = append(group, y, body);
        }
        double one = LEFT + length(1);
        String peer = String.format(
                Locale.ROOT,
                "<path d=\"M%.1f %dV%d\" stroke=\"#7f7f7f\" stroke-dasharray=\"3 3\"/>\n",
                one,
                TOP - ROW,
                y);
        return String.format(Locale.ROOT, HEAD, WIDTH, y + ROW, Samples.PEER) + body + peer + "</svg>\n";
    }

    private static int append(Group group, int top, StringBuilder body) {
        int y = top;
        body.append("<text x=\"0\" y=\"%d\" font-weight=\"bold\">%s</text>\n".formatted(y, escaped(group.title())));
        for (Bar bar : group.bars()) {
            y += ROW;
            append(bar, y, body);
        }
        return y + 2 * ROW;
    }

    private static void append(Bar bar, int y, StringBuilder body) {
        body.append(
                "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n".formatted(LEFT - 6, y, escaped(bar.name())));
        if (Double.isNaN(bar.ratio()) || Double.isInfinite(bar.ratio())) {
            body.append("<text x=\"%d\" y=\"%d\">no figure</text>\n".formatted(LEFT + 4, y));
            return;
        }
        String colour = bar.name().startsWith("lb4j") ? "#3b82c4" : "#9a9a9a";
        double length = length(bar.ratio());
        body.append(String.format(
                Locale.ROOT,
                "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>\n",
                LEFT,
                y - BAR + 2,
                length,
                BAR,
                colour));
        body.append(String.format(
                Locale.ROOT, "<text x=\"%.1f\" y=\"%d\">%.2f</text>\n", LEFT + length + 6, y, bar.ratio()));
    }

    private static double length(double ratio) {
        return Math.min(LONGEST, Math.max(0, ratio)) / LONGEST * (WIDTH - LEFT - RIGHT);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
