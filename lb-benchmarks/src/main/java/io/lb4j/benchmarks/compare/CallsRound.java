package io.lb4j.benchmarks.compare;

import io.lb4j.benchmarks.load.Load;
import io.lb4j.benchmarks.load.Load.Outcome;
import io.lb4j.benchmarks.load.Work;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Counts system calls: once for each work and each proxy, and not before everything else of them has been measured. */
final class CallsRound {
    private final Load load;
    private final Plan plan;
    private final Cores cores;
    private final Path directory;
    private final Journal journal;
    private final Results results;

    CallsRound(Load load, Plan plan, Cores cores, Path directory, Journal journal, Results results) {
        this.load = load;
        this.plan = plan;
        this.cores = cores;
        this.directory = directory;
        this.journal = journal;
        this.results = results;
    }

    /** What cannot be counted is left out, with a note that says why. That is no failure: everything else is there. */
    void run(List<Participant> participants) throws IOException {
        List<Work> works = plan.tasks().traced();
        Optional<String> missing = Strace.missing();
        if (works.isEmpty()) {
            return;
        }
        if (missing.isPresent()) {
            leftOut(missing.get());
            return;
        }
        journal.show("system calls");
        for (Work work : works) {
            for (Participant participant : participants) {
                if (!participant.isDirect() && participant.does(work)) {
                    count(work, participant);
                }
            }
        }
    }

    private void count(Work work, Participant participant) throws IOException {
        Path summary =
                Files.createDirectories(directory.resolve("strace")).resolve(work.key() + "-" + participant.name());
        Tracing tracing = new Tracing(participant.running(), cores, summary);
        Plan.Times times = plan.times();
        Outcome outcome = load.run(
                work, participant.running().ports(), times.ramp(), times.tracedLongest(), work.tracedCount(), tracing);
        if (tracing.problem().isPresent()) {
            leftOut(tracing.problem().get());
        } else if (outcome.failures() > 0) {
            leftOut(work.key() + " of " + participant.name() + " had " + outcome.failures() + " failures "
                    + outcome.messages());
        } else {
            add(new Calls(work, participant.name(), outcome.count(), tracing.calls()), outcome);
        }
    }

    private void leftOut(String why) {
        journal.note("system calls: not counted, " + why);
    }

    private void add(Calls calls, Outcome outcome) {
        results.calls().add(calls);
        journal.show(
                "   %-22s %-16s %8s system calls/%s, %s without waiting; %,d in %.1f s",
                calls.work().key(),
                calls.program(),
                Figure.of(calls.perUnit()),
                calls.work().callsUnit(),
                Figure.of(calls.perUnitWithoutWaiting()),
                calls.count(),
                outcome.nanos() / 1e9);
    }
}
