package io.lb4j.benchmarks.micro;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/** JMH's results in one table, beside the goals, and beside a toy that was measured once. */
@SuppressWarnings("rawtypes") // as JMH hands them out
final class Figures {
    private static final String BYTES = "gc.alloc.rate.norm";
    private static final double NONE = Double.NaN;

    /**
     * One line of the table.
     *
     * @param name class and method
     * @param params those of the benchmark, {@code backends=3}
     * @param bytes allocated for an operation by all threads; NaN when not known
     */
    record Figure(String name, String params, double score, double error, String unit, double bytes) {}

    private Figures() {}

    static List<Figure> of(Collection<RunResult> results) {
        List<Figure> figures = new ArrayList<>();
        for (RunResult result : results) {
            BenchmarkParams params = result.getParams();
            String name = shortName(params.getBenchmark());
            String described = params.getParamsKeys().stream()
                    .map(key -> key + "=" + params.getParam(key))
                    .collect(Collectors.joining(" "));
            Map<String, Result> members = members(result);
            members.forEach((member, part) -> figures.add(figure(name + "." + member, described, part, NONE)));
            if (members.isEmpty()) {
                figures.add(figure(name, described, result.getPrimaryResult(), bytes(result)));
            }
        }
        return figures;
    }

    private static Figure figure(String name, String params, Result<?> result, double bytes) {
        return new Figure(name, params, result.getScore(), result.getScoreError(), result.getScoreUnit(), bytes);
    }

    private static double bytes(RunResult result) {
        return result.getSecondaryResults().entrySet().stream()
                .filter(entry -> entry.getKey().endsWith(BYTES))
                .mapToDouble(entry -> entry.getValue().getScore())
                .findFirst()
                .orElse(NONE);
    }

    /** The methods of a group, each by its own name, whose mean means nothing; none when it is no group. */
    private static Map<String, Result> members(RunResult result) {
        return result.getSecondaryResults().entrySet().stream()
                .filter(entry -> entry.getValue().getScoreUnit().endsWith("/op")
                        && !entry.getKey().contains("gc."))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private static String shortName(String benchmark) {
        int method = benchmark.lastIndexOf('.');
        return benchmark.substring(benchmark.lastIndexOf('.', method - 1) + 1);
    }

    static String markdown(List<Figure> figures) {
        String head = "| benchmark | | | ± | B/op | goal | toy |\n|---|---|---:|---:|---:|---|---|\n";
        return figures.stream().map(Figures::row).collect(Collectors.joining("", head, Yardstick.ABOUT_THE_TOY));
    }

    private static String row(Figure figure) {
        Yardstick yardstick = Yardstick.of(figure.name());
        return Stream.of(
                        figure.name(),
                        figure.params(),
                        number(figure.score()) + " " + figure.unit(),
                        number(figure.error()),
                        number(figure.bytes()),
                        yardstick.goal(),
                        yardstick.toy())
                .collect(Collectors.joining(" | ", "| ", " |\n"));
    }

    private static String number(double value) {
        return Double.isNaN(value) ? "" : String.format(Locale.ROOT, value >= 100 ? "%,.0f" : "%.2f", value);
    }
}
