package io.lb4j.benchmarks.compare;

import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What idle connections cost. */
final class IdleReport {
    private final List<IdleSample> samples;

    IdleReport(List<IdleSample> samples) {
        this.samples = samples;
    }

    /** One line for each run, failed ones too. */
    String csv() {
        String head = "round,pairs,program,resident_before,resident,used_before,used,resident_per_pair,used_per_pair,"
                + "cpu_ms_per_s,failed\n";
        return samples.stream().map(IdleReport::csv).collect(Collectors.joining("", head, ""));
    }

    private static String csv(IdleSample sample) {
        return Stream.of(
                        sample.round(),
                        sample.pairs(),
                        sample.program(),
                        sample.before().resident(),
                        sample.with().resident(),
                        number(sample.before()),
                        number(sample.with()),
                        Figure.number("%.0f", sample.residentPerPair()),
                        Figure.number("%.0f", sample.usedPerPair()),
                        Figure.number("%.3f", sample.cpu()),
                        sample.failed())
                .map(Objects::toString)
                .collect(Collectors.joining(",", "", "\n"));
    }

    private static String number(IdleSample.Held held) {
        return held.used().isPresent() ? Long.toString(held.used().getAsLong()) : "";
    }

    String markdown() {
        return samples.stream()
                .map(IdleSample::pairs)
                .distinct()
                .map(this::section)
                .collect(Collectors.joining());
    }

    private String section(int pairs) {
        String head = "### idle-%d: %,d connections that have had one response each\n\n".formatted(pairs, pairs)
                + "| | B resident/pair | least–most | the same, slope"
                + " | B heap + direct/pair | the same, slope | CPU ms/s | least–most |\n"
                + "|---|---:|---:|---:|---:|---:|---:|---:|\n";
        String rows = of(pairs)
                .map(IdleSample::program)
                .distinct()
                .map(program -> row(pairs, program))
                .collect(Collectors.joining());
        String failed = of(pairs)
                .filter(IdleSample::failed)
                .map(sample -> "- **FAILED**, in no median: round " + sample.round() + ", " + sample.program() + ": "
                        + sample.messages() + "\n")
                .collect(Collectors.joining());
        return head + rows + "\n" + (failed.isEmpty() ? "" : failed + "\n");
    }

    private String row(int pairs, String program) {
        Median resident = median(pairs, program, IdleSample::residentPerPair);
        Median cpu = median(pairs, program, IdleSample::cpu);
        return Stream.of(
                        program,
                        bytes(resident.middle()),
                        bytes(resident.least()) + "–" + bytes(resident.most()),
                        slope(pairs, program, IdleSample::residentPerPair),
                        bytes(median(pairs, program, IdleSample::usedPerPair).middle()),
                        slope(pairs, program, IdleSample::usedPerPair),
                        Figure.of(cpu.middle()),
                        Figure.of(cpu.least()) + "–" + Figure.of(cpu.most()))
                .collect(Collectors.joining(" | ", "| ", " |\n"));
    }

    /** What each pair more costs than with the fewest: without what a relay allocates once. */
    private String slope(int pairs, String program, ToDoubleFunction<IdleSample> perPair) {
        return bytes(median(pairs, program, sample -> slope(sample, perPair)).middle());
    }

    private double slope(IdleSample sample, ToDoubleFunction<IdleSample> perPair) {
        return samples.stream()
                .filter(fewest -> fewest.round() == sample.round()
                        && fewest.program().equals(sample.program())
                        && fewest.pairs() > 0
                        && fewest.pairs() < sample.pairs()
                        && !fewest.failed())
                .min(Comparator.comparingInt(IdleSample::pairs))
                .map(fewest -> slope(fewest, sample, perPair))
                .orElse(Double.NaN);
    }

    private static double slope(IdleSample fewest, IdleSample sample, ToDoubleFunction<IdleSample> perPair) {
        double more = sample.pairs() * perPair.applyAsDouble(sample) - fewest.pairs() * perPair.applyAsDouble(fewest);
        return more / (sample.pairs() - fewest.pairs());
    }

    private static String bytes(double value) {
        return Figure.number("%,.0f", value);
    }

    private Median median(int pairs, String program, ToDoubleFunction<IdleSample> figure) {
        return Median.of(of(pairs)
                .filter(sample -> sample.program().equals(program) && !sample.failed())
                .mapToDouble(figure));
    }

    private Stream<IdleSample> of(int pairs) {
        return samples.stream().filter(sample -> sample.pairs() == pairs);
    }
}
