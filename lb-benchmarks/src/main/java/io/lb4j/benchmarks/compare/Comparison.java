package io.lb4j.benchmarks.compare;

import io.lb4j.benchmarks.compare.CpuClock.Usage;
import io.lb4j.benchmarks.load.Load;
import io.lb4j.benchmarks.load.Load.Outcome;
import io.lb4j.benchmarks.load.Work;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;

/** Runs the same works through several proxies in turn. */
final class Comparison {
    /*
     * All proxies run from the first minute to the last, each before backends of its own, and idle while another one is
     * measured. A round does every work through every proxy, so that whatever changes on the machine over minutes meets
     * all of them; each round begins with another proxy, so that none always follows the same one.
     *
     * Clients and backends run on the thread that calls run().
     */
    private static final int BACKENDS = 3;

    private record Participant(Program program, Running running) {}

    private final Plan plan;
    private final Cores cores;
    private final Path directory;
    private final PrintWriter out;
    private final List<Participant> participants = new CopyOnWriteArrayList<>();
    private final List<Sample> samples = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();

    Comparison(Plan plan, Cores cores, Path directory, PrintWriter out) {
        this.plan = plan;
        this.cores = cores;
        this.directory = directory;
        this.out = out;
    }

    void run() throws IOException, InterruptedException {
        // Whoever ends this program in the middle does not mean to leave proxies behind.
        Runtime.getRuntime().addShutdownHook(new Thread(this::closeAll));
        try (Load load = new Load()) {
            startAll(load);
            warmUpAll(load);
            for (int round = 1; round <= plan.rounds(); round++) {
                round(load, round);
            }
        } finally {
            closeAll();
        }
    }

    private void closeAll() {
        participants.forEach(participant -> participant.running().close());
    }

    List<Sample> samples() {
        return samples;
    }

    /** What the reader of the figures has to know about who took part. */
    List<String> notes() {
        return notes;
    }

    /** What went wrong outside the samples. */
    List<String> failures() {
        return failures;
    }

    private void startAll(Load load) throws IOException, InterruptedException {
        for (Program program : plan.programs()) {
            if (program.missing().isPresent()) {
                note(program.name() + ": left out, " + program.missing().get());
                continue;
            }
            try {
                Path own = Files.createDirectories(directory.resolve(program.name()));
                List<Integer> backends = load.openBackends(BACKENDS);
                participants.add(new Participant(program, program.start(own.toAbsolutePath(), backends, cores)));
                note(program.name() + ": " + program.version());
            } catch (IOException failure) {
                fail(program.name() + " did not start: " + failure.getMessage());
            }
        }
    }

    private void note(String note) {
        notes.add(note);
        out.println(note);
        out.flush();
    }

    private void fail(String failure) {
        failures.add(failure);
        out.println("FAILED: " + failure);
        out.flush();
    }

    private void warmUpAll(Load load) throws IOException {
        for (int i = 0; i < plan.warmUps(); i++) {
            for (Participant participant : participants) {
                for (Work work : plan.works()) {
                    warmUp(load, participant, work);
                }
            }
        }
    }

    private void warmUp(Load load, Participant participant, Work work) throws IOException {
        Outcome outcome = load.warmUp(work, participant.running().ports(), work.warmUpCount(), plan.warmUpLongest());
        out.printf(
                Locale.ROOT,
                "warm-up  %-12s %-15s %,d in %.1f s%n",
                work.key(),
                participant.program().name(),
                outcome.count(),
                outcome.nanos() / 1e9);
        out.flush();
        if (outcome.failures() > 0) {
            fail(participant.program().name() + ", " + work.key() + ", warm-up: " + outcome.failures() + " failures "
                    + outcome.messages());
        }
    }

    private void round(Load load, int round) throws IOException {
        List<Participant> order = new ArrayList<>(participants);
        Collections.rotate(order, 1 - round);
        for (Work work : plan.works()) {
            for (Participant participant : order) {
                Sample sample = measure(load, round, work, participant);
                samples.add(sample);
                show(sample);
            }
        }
    }

    private Sample measure(Load load, int round, Work work, Participant participant) throws IOException {
        Running running = participant.running();
        Meter proxy = new Meter(running.pids());
        Meter own = new Meter(List.of(ProcessHandle.current().pid()));
        OptionalLong allocatedBefore = running.allocated();
        Outcome outcome = load.run(work, running.ports(), plan.ramp(), plan.window(), new Load.Window() {
            @Override
            public void begin() {
                proxy.begin();
                own.begin();
            }

            @Override
            public void end() {
                proxy.end();
                own.end();
            }
        });
        OptionalLong allocated = difference(allocatedBefore, running.allocated());
        return new Sample(round, work, participant.program().name(), outcome, proxy.usage(), own.usage(), allocated);
    }

    private static OptionalLong difference(OptionalLong before, OptionalLong after) {
        return before.isEmpty() || after.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(after.getAsLong() - before.getAsLong());
    }

    private void show(Sample sample) {
        out.printf(
                Locale.ROOT,
                "[%d/%d] round %d  %-12s %-15s %,12.2f %s/s %10s %s  proxy %3.0f %%  load %3.0f %%%s%n",
                samples.size(),
                plan.runs(participants.size()),
                sample.round(),
                sample.work().key(),
                sample.program(),
                sample.rate(),
                sample.work().unit(),
                sample.program().equals(Direct.NAME) ? "" : "%.2f".formatted(sample.cpu()),
                sample.work().cpuUnit(),
                100 * sample.proxyBusy(),
                100 * sample.loadBusy(),
                sample.failed()
                        ? "  FAILED: " + sample.outcome().failures() + " "
                                + sample.outcome().messages()
                        : "");
        out.flush();
    }

    /** Two readings of the CPU clock. */
    private static final class Meter {
        private final Collection<Long> pids;
        private CpuClock before;
        private CpuClock after;

        Meter(Collection<Long> pids) {
            this.pids = pids;
            before = CpuClock.read(List.of());
            after = before;
        }

        void begin() {
            before = read();
        }

        void end() {
            after = read();
        }

        private CpuClock read() {
            try {
                return CpuClock.read(pids);
            } catch (UncheckedIOException gone) {
                // The run that is under way fails by itself: nobody relays any more.
                return before;
            }
        }

        Usage usage() {
            return after.since(before);
        }
    }
}
