package io.lb4j.benchmarks.compare;

import java.util.ArrayList;
import java.util.List;

/** All that was measured. */
record Results(List<Sample> samples, List<Calls> calls, List<PacedSample> paced, List<IdleSample> idle) {
    Results() {
        this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    }

    boolean anyFailed() {
        return samples.stream().anyMatch(Sample::failed)
                || paced.stream().anyMatch(PacedSample::failed)
                || idle.stream().anyMatch(IdleSample::failed);
    }
}
