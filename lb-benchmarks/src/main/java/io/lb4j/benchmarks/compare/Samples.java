package io.lb4j.benchmarks.compare;

import io.lb4j.benchmarks.load.Work;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** Medians and ratios of runs. Those in which something failed are in none. */
record Samples(List<Sample> all) {
    /** Whom the others are compared with. */
    static final String PEER = HaProxy.DEFAULT;

    List<Work> works() {
        return all.stream().map(Sample::work).distinct().toList();
    }

    /** Those that did this work, the one without a proxy first. */
    List<String> programs(Work work) {
        return of(work).map(Sample::program)
                .distinct()
                .sorted((left, right) -> Boolean.compare(right.equals(Direct.NAME), left.equals(Direct.NAME)))
                .toList();
    }

    Stream<Sample> of(Work work) {
        return all.stream().filter(sample -> sample.work().equals(work));
    }

    private Stream<Sample> good(Work work, String program) {
        return of(work).filter(sample -> sample.program().equals(program) && !sample.failed());
    }

    Median median(Work work, String program, ToDoubleFunction<Sample> figure) {
        return Median.of(good(work, program).mapToDouble(figure));
    }

    /** That one, as it is set up for this work. */
    static String peer(Work work) {
        return PEER + work.setup();
    }

    double ratioToPeer(Work work, String program, ToDoubleFunction<Sample> figure) {
        return ratio(work, program, work, peer(work), figure);
    }

    /** The median of the rounds' ratios: both figures of a ratio were measured within the same minute or so. */
    double ratio(Work work, String program, Work toWork, String toProgram, ToDoubleFunction<Sample> figure) {
        return Median.of(good(work, program).mapToDouble(sample -> {
                    double other = good(toWork, toProgram)
                            .filter(candidate -> candidate.round() == sample.round())
                            .mapToDouble(figure)
                            .findFirst()
                            .orElse(Double.NaN);
                    return figure.applyAsDouble(sample) / other;
                }))
                .middle();
    }
}
