package io.lb4j.benchmarks.compare;

import io.lb4j.benchmarks.load.Work;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The figures of closed-loop works as tables. Runs in which something failed are named and are in no median. */
final class Report {
    static final String DISTURBED =
            "**Proxy or load waited for its core for over 5 % of the time** (other programs, or a JVM's own threads), do"
                    + " not trust: ";

    private final Samples samples;
    private final CallsReport calls;

    Report(Samples samples, CallsReport calls) {
        this.samples = samples;
        this.calls = calls;
    }

    /** One line for each run, failed ones too, as it was. */
    String csv() {
        String head =
                "round,work,program,count,seconds,rate,cpu,cpu_unit,proxy_busy,proxy_waited,load_busy,load_waited,"
                        + "allocated_per_unit,failures\n";
        return samples.all().stream().map(Report::csv).collect(Collectors.joining("", head, ""));
    }

    private static String csv(Sample sample) {
        boolean direct = sample.program().equals(Direct.NAME);
        return Stream.of(
                        sample.round(),
                        sample.work().key(),
                        sample.program(),
                        sample.outcome().count(),
                        Figure.number("%.3f", sample.outcome().nanos() / 1e9),
                        Figure.number("%.3f", sample.rate()),
                        direct ? "" : Figure.number("%.4f", sample.cpu()),
                        sample.work().cpuUnit(),
                        direct ? "" : Figure.number("%.3f", sample.proxyBusy()),
                        direct ? "" : Figure.number("%.3f", sample.proxyWaited()),
                        Figure.number("%.3f", sample.loadBusy()),
                        Figure.number("%.3f", sample.loadWaited()),
                        Figure.number("%.1f", sample.allocatedPerUnit()),
                        sample.outcome().failures())
                .map(Objects::toString)
                .collect(Collectors.joining(",", "", "\n"));
    }

    /** A table for each work, and what must be known to read it. */
    String markdown() {
        StringBuilder text = new StringBuilder();
        for (Work work : samples.works()) {
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
                "| | %s/s | CPU %s | least–most | CPU × %s | rate × %s | proxy core | load core | B allocated/%s |"
                        .formatted(work.unit(), work.cpuUnit(), Samples.peer(work), Samples.peer(work), work.unit());
        String lines = "|---|---:|---:|---:|---:|---:|---:|---:|---:|";
        return samples.programs(work).stream()
                .map(program -> row(work, program) + calls.cells(work, program) + "\n")
                .collect(Collectors.joining("", head + calls.head(work) + "\n" + lines + calls.lines(work) + "\n", ""));
    }

    private String row(Work work, String program) {
        boolean direct = program.equals(Direct.NAME);
        Median cpu = samples.median(work, program, Sample::cpu);
        return Stream.of(
                        program,
                        Figure.of(samples.median(work, program, Sample::rate).middle()),
                        direct ? "" : Figure.of(cpu.middle()),
                        direct ? "" : Figure.of(cpu.least()) + "–" + Figure.of(cpu.most()),
                        direct ? "" : Figure.number("%.2f", samples.ratioToPeer(work, program, Sample::cpu)),
                        Figure.number("%.2f", samples.ratioToPeer(work, program, Sample::rate)),
                        direct ? "" : Figure.percent(samples.median(work, program, Sample::proxyBusy)),
                        Figure.percent(samples.median(work, program, Sample::loadBusy)),
                        Figure.number(
                                "%,.0f",
                                samples.median(work, program, Sample::allocatedPerUnit)
                                        .middle()))
                .collect(Collectors.joining(" | ", "| ", " |"));
    }

    private String remarks(Work work) {
        List<String> remarks = new ArrayList<>();
        names(work, Sample::loadSaturated).ifPresent("The load's own core was the limit of the rate in: ", remarks);
        names(work, Sample::disturbed).ifPresent(DISTURBED, remarks);
        samples.of(work)
                .filter(Sample::failed)
                .map(sample -> "**FAILED**, in no median: round " + sample.round() + ", " + sample.program() + ": "
                        + sample.outcome().failures() + " failures "
                        + sample.outcome().messages())
                .forEach(remarks::add);
        return remarks.stream().map(remark -> "- " + remark + "\n").collect(Collectors.joining());
    }

    private Names names(Work work, Predicate<Sample> that) {
        return new Names(samples
                .of(work)
                .filter(that)
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
}
