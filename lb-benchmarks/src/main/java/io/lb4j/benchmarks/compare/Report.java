package io.lb4j.benchmarks.compare;

import io.lb4j.benchmarks.load.Work;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The figures as tables. Runs in which something failed are named and are in no median. */
final class Report {
    private static final String PEER = HaProxy.DEFAULT;

    private final List<Sample> samples;

    Report(List<Sample> samples) {
        this.samples = samples;
    }

    /** One line for each run, failed ones too, as it was. */
    String csv() {
        String head =
                "round,work,program,count,seconds,rate,cpu,cpu_unit,proxy_busy,proxy_waited,load_busy,load_waited,"
                        + "allocated_per_unit,failures\n";
        return samples.stream().map(Report::csv).collect(Collectors.joining("", head, ""));
    }

    private static String csv(Sample sample) {
        boolean direct = sample.program().equals(Direct.NAME);
        return Stream.of(
                        sample.round(),
                        sample.work().key(),
                        sample.program(),
                        sample.outcome().count(),
                        number("%.3f", sample.outcome().nanos() / 1e9),
                        number("%.3f", sample.rate()),
                        direct ? "" : number("%.4f", sample.cpu()),
                        sample.work().cpuUnit(),
                        direct ? "" : number("%.3f", sample.proxyBusy()),
                        direct ? "" : number("%.3f", sample.proxyWaited()),
                        number("%.3f", sample.loadBusy()),
                        number("%.3f", sample.loadWaited()),
                        number("%.1f", sample.allocatedPerUnit()),
                        sample.outcome().failures())
                .map(Objects::toString)
                .collect(Collectors.joining(",", "", "\n"));
    }

    /** A table for each work, and what must be known to read it. */
    String markdown() {
        StringBuilder text = new StringBuilder();
        for (Work work : samples.stream().map(Sample::work).distinct().toList()) {
            text.append("### ")
                    .append(work.key())
                    .append(": ")
                    .append(work.title())
                    .append("\n\n");
            text.append(table(work)).append('\n').append(remarks(work)).append('\n');
        }
        return text.toString();
    }

    private String table(Work work) {
        String head =
                "| | %s/s | CPU %s | least–most | CPU × %s | rate × %s | proxy core | load core | B allocated/%s |\n"
                        .formatted(work.unit(), work.cpuUnit(), PEER, PEER, work.unit());
        return programs(work)
                .map(program -> row(work, program))
                .collect(Collectors.joining("", head + "|---|---:|---:|---:|---:|---:|---:|---:|---:|\n", ""));
    }

    private Stream<String> programs(Work work) {
        return samples.stream()
                .filter(sample -> sample.work() == work)
                .map(Sample::program)
                .distinct()
                .sorted((left, right) -> Boolean.compare(right.equals(Direct.NAME), left.equals(Direct.NAME)));
    }

    private String row(Work work, String program) {
        boolean direct = program.equals(Direct.NAME);
        Median cpu = median(work, program, Sample::cpu);
        return Stream.of(
                        program,
                        figure(median(work, program, Sample::rate).middle()),
                        direct ? "" : figure(cpu.middle()),
                        direct ? "" : figure(cpu.least()) + "–" + figure(cpu.most()),
                        direct ? "" : number("%.2f", ratio(work, program, Sample::cpu)),
                        number("%.2f", ratio(work, program, Sample::rate)),
                        direct ? "" : percent(median(work, program, Sample::proxyBusy)),
                        percent(median(work, program, Sample::loadBusy)),
                        number(
                                "%,.0f",
                                median(work, program, Sample::allocatedPerUnit).middle()))
                .collect(Collectors.joining(" | ", "| ", " |\n"));
    }

    private Median median(Work work, String program, ToDoubleFunction<Sample> figure) {
        return Median.of(good(work, program).mapToDouble(figure));
    }

    /** The median of the rounds' ratios: both figures of a ratio were measured within the same minute or so. */
    private double ratio(Work work, String program, ToDoubleFunction<Sample> figure) {
        return Median.of(good(work, program).mapToDouble(sample -> {
                    double peer = good(work, PEER)
                            .filter(other -> other.round() == sample.round())
                            .mapToDouble(figure)
                            .findFirst()
                            .orElse(Double.NaN);
                    return figure.applyAsDouble(sample) / peer;
                }))
                .middle();
    }

    private Stream<Sample> good(Work work, String program) {
        return samples.stream()
                .filter(sample -> sample.work() == work && sample.program().equals(program) && !sample.failed());
    }

    private String remarks(Work work) {
        List<String> remarks = new ArrayList<>();
        names(work, Sample::loadSaturated).ifPresent("The load's own core was the limit of the rate in: ", remarks);
        names(work, Sample::disturbed)
                .ifPresent(
                        "**Proxy or load waited for its core for over 5 % of the time** (other programs, or a JVM's"
                                + " own threads), do not trust: ",
                        remarks);
        samples.stream()
                .filter(sample -> sample.work() == work && sample.failed())
                .map(sample -> "**FAILED**, in no median: round " + sample.round() + ", " + sample.program() + ": "
                        + sample.outcome().failures() + " failures "
                        + sample.outcome().messages())
                .forEach(remarks::add);
        return remarks.stream().map(remark -> "- " + remark + "\n").collect(Collectors.joining());
    }

    private Names names(Work work, Predicate<Sample> that) {
        return new Names(samples.stream()
                .filter(sample -> sample.work() == work && that.test(sample))
                .collect(Collectors.groupingBy(Sample::program, TreeMap::new, Collectors.counting()))
                .entrySet()
                .stream()
                .map(entry -> entry.getKey() + " (" + entry.getValue() + "×)")
                .collect(Collectors.joining(", ")));
    }

    private record Names(String joined) {
        void ifPresent(String before, List<String> remarks) {
            if (!joined.isEmpty()) {
                remarks.add(before + joined);
            }
        }
    }

    private static String percent(Median share) {
        return number("%.0f %%", 100 * share.middle());
    }

    /** With about three digits that mean something. */
    private static String figure(double value) {
        String format = value >= 100 ? "%,.0f" : value >= 10 ? "%.1f" : "%.2f";
        return number(format, value);
    }

    private static String number(String format, double value) {
        return Double.isNaN(value) || Double.isInfinite(value) ? "" : String.format(Locale.ROOT, format, value);
    }
}
