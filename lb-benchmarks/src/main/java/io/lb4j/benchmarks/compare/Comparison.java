package io.lb4j.benchmarks.compare;

import io.lb4j.benchmarks.load.Load;
import io.lb4j.benchmarks.load.Work;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Runs the same works through several proxies in turn. */
final class Comparison {
    /*
     * All proxies run from the first minute to the last, each before backends of its own, and idle while another one is
     * measured. A round does every work through every proxy, so that whatever changes on the machine over minutes meets
     * all of them; each round begins with another proxy, so that none always follows the same one.
     *
     * System calls are counted when all that is done: a traced proxy is several times slower, and none is measured after it.
     *
     * When they have ended come the works that need proxies to themselves: idle connections, and two loops.
     *
     * Clients and backends run on the thread that calls run().
     */
    static final int BACKENDS = 3;

    private final Plan plan;
    private final Cores cores;
    private final Path directory;
    private final Journal journal;
    private final Results results;

    Comparison(Plan plan, Cores cores, Path directory, Journal journal, Results results) {
        this.plan = plan;
        this.cores = cores;
        this.directory = directory;
        this.journal = journal;
        this.results = results;
    }

    void run() throws IOException, InterruptedException {
        try (Participants participants = new Participants(directory, journal)) {
            List<Program> programs = participants.present(plan.programs());
            if (!plan.tasks().works().isEmpty() || !plan.tasks().loads().isEmpty()) {
                runSideBySide(programs, participants);
            }
            List<Program> proxies = programs.stream()
                    .filter(program -> !program.isVariant() && !program.name().equals(Direct.NAME))
                    .filter(program -> Work.BUSY.isFor(program.name()))
                    .toList();
            if (!plan.tasks().idle().isEmpty()) {
                List<Program> withTls = programs.stream()
                        .filter(program -> Catalogue.isTls(program.name()))
                        .toList();
                new IdleRounds(plan, cores, participants, journal, results)
                        .run(Stream.concat(proxies.stream(), withTls.stream()).toList());
            }
            if (plan.tasks().loops()) {
                new LoopRounds(plan, cores, participants, journal, results).run(proxies);
            }
        }
    }

    private void runSideBySide(List<Program> programs, Participants participants)
            throws IOException, InterruptedException {
        try (Load load = new Load()) {
            for (Program program : programs) {
                participants.start(program, program.name(), load.openBackends(BACKENDS), cores);
            }
            Measurement measurement = new Measurement(load, plan.times(), journal);
            warmUp(measurement, participants);
            List<Rate> rates = plan.tasks().loads().isEmpty()
                    ? List.of()
                    : Rate.of(plan.tasks().loads(), measurement.slowest(participants.inOrderOf(1, Work.BUSY)));
            for (int round = 1; round <= plan.rounds(); round++) {
                journal.show("round %d of %d", round, plan.rounds());
                round(measurement, round, participants, rates);
            }
            new CallsRound(load, plan, cores, directory, journal, results).run(participants.inOrderOf(1));
        } finally {
            participants.close();
        }
    }

    private void warmUp(Measurement measurement, Participants participants) throws IOException {
        List<Work> works = new ArrayList<>(plan.tasks().works());
        if (!plan.tasks().loads().isEmpty() && !works.contains(Work.BUSY)) {
            works.add(Work.BUSY);
        }
        for (int i = 0; i < plan.times().warmUps(); i++) {
            for (Participant participant : participants.inOrderOf(1)) {
                for (Work work : works) {
                    if (participant.does(work)) {
                        measurement.warmUp(work, participant);
                    }
                }
            }
        }
    }

    private void round(Measurement measurement, int round, Participants participants, List<Rate> rates)
            throws IOException {
        for (Work work : plan.tasks().works()) {
            for (Participant participant : participants.inOrderOf(round, work)) {
                results.samples().add(measurement.run(round, work, participant));
            }
        }
        for (Rate rate : rates) {
            for (Participant participant : participants.inOrderOf(round, Work.BUSY)) {
                results.paced().add(measurement.runPaced(round, rate, participant));
            }
        }
    }
}
