package io.lb4j.benchmarks.compare;

import io.lb4j.benchmarks.load.Work;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** How the cost of the same requests changes with what is around them, and with what a proxy may use. */
final class Growth {
    /** What follows the name of a program that runs with two loops. */
    static final String TWICE = " two loops";

    static final Work ONE_LOOP = Work.BUSY.as("requests-64-1-loop", "one loop, one core");
    static final Work TWO_LOOPS = Work.BUSY.as("requests-64-2-loops", "two loops, two cores");

    private static final String ALONE = "-alone";
    private static final String AMONG = "-among-";

    private Growth() {}

    static Work alone(Work work) {
        return work.as(work.key() + ALONE, "nothing else open");
    }

    static Work among(Work work, int idle) {
        return work.as(work.key() + AMONG + idle, "%,d idle ones around".formatted(idle));
    }

    /** Empty when neither was measured. */
    static String markdown(Samples samples) {
        String text = Stream.of(Work.BUSY, Work.TLS_BUSY)
                .flatMap(work -> samples.works().stream()
                        .filter(crowd -> crowd.key().startsWith(work.key() + AMONG))
                        .map(crowd -> table(samples, alone(work), crowd)))
                .collect(Collectors.joining());
        return text + (samples.works().contains(TWO_LOOPS) ? table(samples, ONE_LOOP, TWO_LOOPS) : "");
    }

    private static String table(Samples samples, Work from, Work to) {
        String head = "### growth: " + to.key() + " over " + from.key() + "\n\n| | CPU × | rate × |\n|---|---:|---:|\n";
        return samples.programs(to).stream()
                .map(program -> "| " + program + " | " + ratio(samples, program, from, to, Sample::cpu) + " | "
                        + ratio(samples, program, from, to, Sample::rate) + " |\n")
                .collect(Collectors.joining("", head, "\n"));
    }

    private static String ratio(Samples samples, String program, Work from, Work to, ToDoubleFunction<Sample> figure) {
        return Figure.number("%.2f", samples.ratio(to, program, from, program, figure));
    }
}
