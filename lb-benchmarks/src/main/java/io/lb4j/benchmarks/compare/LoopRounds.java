package io.lb4j.benchmarks.compare;

import io.lb4j.benchmarks.load.Load;
import io.lb4j.benchmarks.load.Work;
import java.io.IOException;
import java.util.List;

/** What a second loop and a second core bring. On two cores the load has to share that one. */
final class LoopRounds {
    private final Plan plan;
    private final Cores cores;
    private final Participants participants;
    private final Journal journal;
    private final Results results;

    LoopRounds(Plan plan, Cores cores, Participants participants, Journal journal, Results results) {
        this.plan = plan;
        this.cores = cores;
        this.participants = participants;
        this.journal = journal;
        this.results = results;
    }

    void run(List<Program> programs) throws IOException, InterruptedException {
        int second = cores.second();
        journal.note("two loops: the second core is " + second
                + (second == cores.load() ? ", which the load needs as well: do not expect twice the rate" : ""));
        try (Load load = new Load()) {
            for (Program program : programs) {
                participants.start(program, program.name(), load.openBackends(Comparison.BACKENDS), cores);
                participants.start(
                        program,
                        program.name() + Growth.TWICE,
                        load.openBackends(Comparison.BACKENDS),
                        cores.withSecond(second));
            }
            Measurement measurement = new Measurement(load, plan.times(), journal);
            for (Participant participant : participants.inOrderOf(1)) {
                measurement.warmUpLong(Work.BUSY, participant);
            }
            for (int round = 1; round <= plan.rounds(); round++) {
                journal.show("two loops, round %d of %d", round, plan.rounds());
                for (Participant participant : participants.inOrderOf(round)) {
                    results.samples().add(measure(measurement, round, participant));
                }
            }
        } finally {
            participants.close();
        }
    }

    /** Under the program's own name, so that its two works can be set side by side. */
    private static Sample measure(Measurement measurement, int round, Participant participant) throws IOException {
        boolean twice = participant.name().endsWith(Growth.TWICE);
        String name = twice
                ? participant.name().substring(0, participant.name().length() - Growth.TWICE.length())
                : participant.name();
        return measurement.run(
                round, twice ? Growth.TWO_LOOPS : Growth.ONE_LOOP, new Participant(name, participant.running()));
    }
}
