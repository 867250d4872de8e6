package io.lb4j.benchmarks.compare;

import io.lb4j.benchmarks.load.Percentiles;
import java.util.List;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Latency at fixed rates, and what a proxy adds to it. */
final class LatencyReport {
    private final List<PacedSample> samples;

    LatencyReport(List<PacedSample> samples) {
        this.samples = samples;
    }

    /** One line for each run, failed ones too, times in microseconds. */
    String csv() {
        String head =
                "round,load_percent,rate,program,measured,p50,p99,p999,max,late_p50,late_p99,late_max,cpu_us,waited,"
                        + "failures\n";
        return samples.stream().map(LatencyReport::csv).collect(Collectors.joining("", head, ""));
    }

    private static String csv(PacedSample sample) {
        Percentiles latency = sample.paced().latency();
        Percentiles late = sample.paced().lateness();
        return Stream.of(
                        sample.round(),
                        sample.load(),
                        Figure.number("%.0f", sample.rate()),
                        sample.program(),
                        sample.paced().outcome().count(),
                        micros(latency.p50()),
                        micros(latency.p99()),
                        micros(latency.p999()),
                        micros(latency.max()),
                        micros(late.p50()),
                        micros(late.p99()),
                        micros(late.max()),
                        Figure.number("%.3f", sample.cpuMicros()),
                        Figure.number("%.3f", sample.waited()),
                        sample.paced().outcome().failures())
                .map(Objects::toString)
                .collect(Collectors.joining(",", "", "\n"));
    }

    private static String micros(long nanos) {
        return Figure.number("%.1f", nanos / 1e3);
    }

    String markdown() {
        return samples.stream()
                .map(PacedSample::load)
                .distinct()
                .map(this::section)
                .collect(Collectors.joining());
    }

    private String section(int load) {
        double rate = of(load).mapToDouble(PacedSample::rate).findFirst().orElse(Double.NaN);
        String head = ("### latency-%d: %s requests/s of 100 B, %d %% of the slowest proxy's capacity;"
                        + " µs from when a request was due\n\n")
                .formatted(load, Figure.number("%,.0f", rate), load);
        String columns = "| | p50 | p99 | p99.9 | max | added p50 | p99 | p99.9 | added × " + Samples.PEER
                + " p50 | p99 | p99.9 | sent late p99 |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n";
        String rows = of(load).map(PacedSample::program)
                .distinct()
                .map(program -> row(load, program))
                .collect(Collectors.joining());
        return head + columns + rows + "\n" + remarks(load);
    }

    private String row(int load, String program) {
        return Stream.of(
                        program,
                        median(load, program, Percentiles::p50),
                        median(load, program, Percentiles::p99),
                        median(load, program, Percentiles::p999),
                        most(load, program),
                        added(load, program, Percentiles::p50),
                        added(load, program, Percentiles::p99),
                        added(load, program, Percentiles::p999),
                        timesPeer(load, program, Percentiles::p50),
                        timesPeer(load, program, Percentiles::p99),
                        timesPeer(load, program, Percentiles::p999),
                        late(load, program))
                .collect(Collectors.joining(" | ", "| ", " |\n"));
    }

    private String median(int load, String program, ToLongFunction<Percentiles> figure) {
        return Figure.of(Median.of(good(load, program).mapToDouble(sample -> micros(sample, figure)))
                .middle());
    }

    /** Of all rounds: a median of maxima would say that the worst does not happen. */
    private String most(int load, String program) {
        return Figure.of(Median.of(good(load, program).mapToDouble(sample -> micros(sample, Percentiles::max)))
                .most());
    }

    private String late(int load, String program) {
        return Figure.of(Median.of(good(load, program)
                        .mapToDouble(sample -> sample.paced().lateness().p99() / 1e3))
                .middle());
    }

    private String added(int load, String program, ToLongFunction<Percentiles> figure) {
        return Figure.of(medianOf(load, program, sample -> added(sample, figure)));
    }

    private String timesPeer(int load, String program, ToLongFunction<Percentiles> figure) {
        return Figure.number(
                "%.2f",
                medianOf(
                        load,
                        program,
                        sample -> added(sample, figure)
                                / good(load, Samples.PEER)
                                        .filter(peer -> peer.round() == sample.round())
                                        .mapToDouble(peer -> added(peer, figure))
                                        .findFirst()
                                        .orElse(Double.NaN)));
    }

    private double medianOf(int load, String program, ToDoubleFunction<PacedSample> figure) {
        return program.equals(Direct.NAME)
                ? Double.NaN
                : Median.of(good(load, program).mapToDouble(figure)).middle();
    }

    /** More than the same round's run without a proxy. NaN when there was none. */
    private double added(PacedSample sample, ToLongFunction<Percentiles> figure) {
        return good(sample.load(), Direct.NAME)
                .filter(direct -> direct.round() == sample.round())
                .mapToDouble(direct -> micros(sample, figure) - micros(direct, figure))
                .findFirst()
                .orElse(Double.NaN);
    }

    private static double micros(PacedSample sample, ToLongFunction<Percentiles> figure) {
        return figure.applyAsLong(sample.paced().latency()) / 1e3;
    }

    private Stream<PacedSample> of(int load) {
        return samples.stream().filter(sample -> sample.load() == load);
    }

    private Stream<PacedSample> good(int load, String program) {
        return of(load).filter(sample -> sample.program().equals(program) && !sample.failed());
    }

    private String remarks(int load) {
        String failed = of(load).filter(PacedSample::failed)
                .map(sample -> "- **FAILED**, in no median: round " + sample.round() + ", " + sample.program() + ": "
                        + sample.paced().outcome().failures() + " failures "
                        + sample.paced().outcome().messages() + "\n")
                .collect(Collectors.joining());
        String disturbed = of(load).filter(PacedSample::disturbed)
                .map(sample -> sample.program() + " (round " + sample.round() + ")")
                .collect(Collectors.joining(", "));
        String remarks = failed + (disturbed.isEmpty() ? "" : "- " + Report.DISTURBED + disturbed + "\n");
        return remarks.isEmpty() ? "" : remarks + "\n";
    }
}
