package io.lb4j.benchmarks.compare;

import io.lb4j.benchmarks.compare.Plan.Times;
import io.lb4j.benchmarks.load.Load;
import io.lb4j.benchmarks.load.Load.Outcome;
import io.lb4j.benchmarks.load.Load.Paced;
import io.lb4j.benchmarks.load.Work;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;

/** One work through one participant, shown when it is done. */
final class Measurement {
    private static final int LONG = 5;

    /** A handshake runs through much more code than a request, and there are fewer of them in the same time. */
    private static final int HANDSHAKES = 3;

    private final Load load;
    private final Times times;
    private final Journal journal;

    Measurement(Load load, Times times, Journal journal) {
        this.load = load;
        this.times = times;
        this.journal = journal;
    }

    void warmUp(Work work, Participant participant) throws IOException {
        long longest = times.warmUpLongest() * (work.isHandshakes() ? HANDSHAKES : 1);
        Outcome outcome = load.warmUp(work, participant.running().ports(), work.warmUpCount(), longest);
        journal.show(
                "warm-up  %-22s %-16s %,d in %.1f s",
                work.key(), participant.name(), outcome.count(), outcome.nanos() / 1e9);
        if (outcome.failures() > 0) {
            journal.fail(participant.name() + ", " + work.key() + ", warm-up: " + outcome.failures() + " failures "
                    + outcome.messages());
        }
    }

    /**
     * Where this is the only work: others do not help to warm up, and what is measured first must not be less warm than
     * what it is compared with.
     */
    void warmUpLong(Work work, Participant participant) throws IOException {
        for (int i = 0; i < times.warmUps() * LONG; i++) {
            warmUp(work, participant);
        }
    }

    Sample run(int round, Work work, Participant participant) throws IOException {
        Running running = participant.running();
        Meter meter = new Meter(running);
        OptionalLong allocatedBefore = running.allocated();
        Outcome outcome = load.run(work, running.ports(), times.ramp(), times.window(), meter);
        OptionalLong allocated = difference(allocatedBefore, running.allocated());
        Sample sample = new Sample(round, work, participant.name(), outcome, meter.proxy(), meter.load(), allocated);
        show(sample);
        return sample;
    }

    private static OptionalLong difference(OptionalLong before, OptionalLong after) {
        return before.isEmpty() || after.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(after.getAsLong() - before.getAsLong());
    }

    private void show(Sample sample) {
        journal.show(
                "%-2d %-22s %-16s %,12.2f %s/s %10s %s  proxy %3.0f %%  load %3.0f %%%s",
                sample.round(),
                sample.work().key(),
                sample.program(),
                sample.rate(),
                sample.work().unit(),
                sample.program().equals(Direct.NAME) ? "" : Figure.of(sample.cpu()),
                sample.work().cpuUnit(),
                100 * sample.proxyBusy(),
                100 * sample.loadBusy(),
                failed(sample.outcome()));
    }

    private static String failed(Outcome outcome) {
        return outcome.failures() == 0 ? "" : "  FAILED: " + outcome.failures() + " " + outcome.messages();
    }

    /** The capacity of the proxy that has least, in requests per second. */
    double slowest(List<Participant> participants) throws IOException {
        double least = Double.POSITIVE_INFINITY;
        String slowest = Direct.NAME;
        for (Participant participant : participants) {
            double rate = run(0, Work.BUSY, participant).rate();
            if (rate < least && rate > 0 && (!participant.isDirect() || participants.size() == 1)) {
                least = rate;
                slowest = participant.name();
            }
        }
        if (Double.isInfinite(least)) {
            throw new IOException("no proxy answers: there is no capacity to take a share of");
        }
        journal.note("latency: shares of %,.0f requests/s, the capacity of %s".formatted(least, slowest));
        return least;
    }

    PacedSample runPaced(int round, Rate rate, Participant participant) throws IOException {
        Meter meter = new Meter(participant.running());
        Paced paced = load.runPaced(
                Work.BUSY, rate.perSecond(), participant.running().ports(), times.ramp(), times.window(), meter);
        journal.show(
                "%-2d latency-%-14d %-16s %,12.0f requests/s  p50 %6.0f  p99 %6.0f  p99.9 %7.0f  max %7.0f µs%s",
                round,
                rate.load(),
                participant.name(),
                rate.perSecond(),
                paced.latency().p50() / 1e3,
                paced.latency().p99() / 1e3,
                paced.latency().p999() / 1e3,
                paced.latency().max() / 1e3,
                failed(paced.outcome()));
        return new PacedSample(
                round, rate.load(), rate.perSecond(), participant.name(), paced, meter.proxy(), meter.load());
    }
}
