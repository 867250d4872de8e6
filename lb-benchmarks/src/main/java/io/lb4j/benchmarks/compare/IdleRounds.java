package io.lb4j.benchmarks.compare;

import io.lb4j.benchmarks.compare.IdleSample.Held;
import io.lb4j.benchmarks.load.Idle;
import io.lb4j.benchmarks.load.Load;
import io.lb4j.benchmarks.load.Work;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** What idle connections cost by themselves, and what they make requests cost. */
final class IdleRounds {
    /*
     * Proxies are started one after another, each anew in each round: with the largest number of connections, the load
     * has descriptors for those of one proxy only, and memory that an earlier work left behind is not there.
     */
    private static final int ASKED = 10;

    /** Bytes that may come and go. */
    private static final long STEADY = 16 * 1024;

    private final Plan plan;
    private final Cores cores;
    private final Participants participants;
    private final Journal journal;
    private final Results results;

    IdleRounds(Plan plan, Cores cores, Participants participants, Journal journal, Results results) {
        this.plan = plan;
        this.cores = cores;
        this.participants = participants;
        this.journal = journal;
        this.results = results;
    }

    void run(List<Program> programs) throws IOException, InterruptedException {
        List<Integer> sizes = possible(plan.tasks().idle());
        try (Load load = new Load()) {
            List<Integer> backends = load.openBackends(Comparison.BACKENDS);
            for (int round = 1; round <= plan.rounds(); round++) {
                journal.show("idle connections, round %d of %d", round, plan.rounds());
                for (Program program : Participants.rotated(programs, round)) {
                    Optional<Participant> started = participants.start(program, program.name(), backends, cores);
                    if (started.isPresent()) {
                        tryRun(load, round, sizes, started.get());
                        participants.end(started.get());
                    }
                }
            }
        }
    }

    /** One that dies in the middle costs no other its figures. */
    private void tryRun(Load load, int round, List<Integer> sizes, Participant participant) {
        try {
            run(load, round, sizes, participant);
        } catch (IOException failure) {
            journal.fail(participant.name() + ", idle, round " + round + ": " + failure);
        }
    }

    private List<Integer> possible(List<Integer> sizes) {
        int most = Descriptors.mostPairs();
        List<Integer> possible = sizes.stream().filter(size -> size <= most).toList();
        if (possible.size() < sizes.size()) {
            journal.note("idle: " + most + " pairs are all that " + Descriptors.limit()
                    + " descriptors for a process allow (ulimit -n); left out: "
                    + sizes.stream().filter(size -> size > most).toList());
        }
        return possible.isEmpty() ? List.of(most) : possible;
    }

    private void run(Load load, int round, List<Integer> sizes, Participant participant) throws IOException {
        Measurement measurement = new Measurement(load, plan.times(), journal);
        Work busy = participant.does(Work.BUSY) ? Work.BUSY : Work.TLS_BUSY;
        measurement.warmUpLong(busy, participant);
        results.samples().add(measurement.run(round, Growth.alone(busy), participant));
        try (Idle idle = load.idle(participant.running().ports(), busy.isTls())) {
            idle.hold(plan.times().ramp());
            Held before = held(participant.running());
            // None at first: a JVM is never quite idle.
            results.idle().add(hold(idle, round, 0, before, participant));
            for (int size : sizes) {
                results.idle().add(hold(idle, round, size, before, participant));
            }
            results.samples().add(measurement.run(round, Growth.among(busy, sizes.get(sizes.size() - 1)), participant));
        }
    }

    private IdleSample hold(Idle idle, int round, int size, Held before, Participant participant) throws IOException {
        idle.growTo(size);
        Held with = held(participant.running());
        idle.hold(plan.times().ramp());
        Meter meter = new Meter(participant.running());
        meter.begin();
        long begin = System.nanoTime();
        idle.hold(plan.times().window());
        meter.end();
        long nanos = System.nanoTime() - begin;
        IdleSample sample = new IdleSample(
                round, participant.name(), size, before, with, meter.proxy().ran(), nanos, idle.messages());
        journal.show(
                "%-2d idle-%-17d %-16s %8s B resident, %8s B heap and direct a pair, %6.2f ms CPU/s%s",
                round,
                size,
                participant.name(),
                Figure.number("%,.0f", sample.residentPerPair()),
                Figure.number("%,.0f", sample.usedPerPair()),
                sample.cpu(),
                sample.failed() ? "  FAILED: " + idle.failures() + " " + sample.messages() : "");
        return sample;
    }

    /** Asked until nothing more goes away: a relay that was busy a moment ago lets go of some things later. */
    private static Held held(Running running) throws IOException {
        OptionalLong used = running.used();
        for (int i = 0; i < ASKED; i++) {
            OptionalLong again = running.used();
            if (used.isEmpty() || again.isEmpty() || again.getAsLong() > used.getAsLong() - STEADY) {
                break;
            }
            used = again;
        }
        // Only now: a JVM has collected, and what is resident holds no garbage.
        return new Held(Memory.resident(running.pids()), used);
    }
}
