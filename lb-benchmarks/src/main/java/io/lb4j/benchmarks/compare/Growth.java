package io.lb4j.benchmarks.compare;

import io.lb4j.benchmarks.load.Work;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** How the cost of the same requests changes with what is around them, and with what a proxy may use. */
final class Growth {
    /** What follows the name of a program that runs with two loops. */
    static final String TWICE = " two loops";

    static final Work ALONE = Work.BUSY.as("requests-64-alone", "nothing else open");
    static final Work ONE_LOOP = Work.BUSY.as("requests-64-1-loop", "one loop, one core");
    static final Work TWO_LOOPS = Work.BUSY.as("requests-64-2-loops", "two loops, two cores");

    private static final String AMONG = "requests-64-among-";

    private Growth() {}

    static Work among(int idle) {
        return Work.BUSY.as(AMONG + idle, "%,d idle ones around".formatted(idle));
    }

    /** Empty when neither was measured. */
    static String markdown(Samples samples) {
        Predicate<Work> among = work -> work.key().startsWith(AMONG);
        List<Work> crowds = samples.works().stream().filter(among).toList();
        String text = crowds.stream().map(crowd -> table(samples, ALONE, crowd)).collect(Collectors.joining());
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
