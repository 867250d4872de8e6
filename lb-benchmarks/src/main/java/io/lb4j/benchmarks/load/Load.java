package io.lb4j.benchmarks.load;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Clients and backends; runs one work at a time on the caller's thread. */
public final class Load implements Closeable {
    /** So many connect before those that have are served: fewer than any proxy's backlog. */
    private static final int AT_A_TIME = 64;

    private static final long ANSWERED_WITHIN = TimeUnit.SECONDS.toNanos(10);

    /** More than there will ever be, and room to add to it. */
    private static final long NO_LIMIT = Long.MAX_VALUE / 2;

    /** Is told when the part of a run begins and ends that is measured. */
    public interface Window {
        void begin();

        void end();
    }

    /**
     * What came of a run.
     *
     * @param count requests, connections or bytes within the window
     * @param nanos how long the window was
     * @param total requests, connections or bytes of the whole run, before and after the window too
     * @param failures connections that failed, in the whole run
     * @param messages how they failed, the first few
     */
    public record Outcome(long count, long nanos, long total, long failures, List<String> messages) {
        /** The same, and one failure more. */
        public Outcome with(String message) {
            List<String> all = new ArrayList<>(messages);
            all.add(message);
            return new Outcome(count, nanos, total, failures + 1, List.copyOf(all));
        }
    }

    private final LoadLoop loop = new LoadLoop();

    public Load() throws IOException {}

    /** Opens {@code count} listening backends and says on which ports. */
    public List<Integer> openBackends(int count) throws IOException {
        List<Integer> ports = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ports.add(new BackendListener(loop).port());
        }
        return ports;
    }

    /**
     * Runs {@code work} against these ports of loopback, clients spread evenly over them.
     *
     * @param ramp nanoseconds before the window opens
     * @param length nanoseconds the window is open
     */
    public Outcome run(Work work, List<Integer> ports, long ramp, long length, Window window) throws IOException {
        return run(work, ports, ramp, length, NO_LIMIT, window);
    }

    /**
     * The same, but the window closes as soon as {@code most} of it are done, and nothing is sent while the window is
     * told of its beginning and its end.
     *
     * @param most requests, connections or bytes; those of one turn more are counted as well
     */
    public Outcome run(Work work, List<Integer> ports, long ramp, long length, long most, Window window)
            throws IOException {
        Tally tally = start(work, ports);
        turnUntil(System.nanoTime() + ramp, tally, NO_LIMIT);
        window.begin();
        long begin = System.nanoTime();
        long before = tally.count;
        turnUntil(begin + length, tally, before + most);
        // The first of a JVM's handshakes takes longer than a window that only asks whether it works.
        turnUntil(begin + ANSWERED_WITHIN, tally, before + 1);
        window.end();
        long end = System.nanoTime();
        long counted = tally.count - before;
        if (counted == 0) {
            tally.fail("nothing arrived while it was measured");
        }
        finish(work, tally);
        return outcome(counted, end - begin, tally);
    }

    /** Runs {@code work} until there were {@code count} of it, or for {@code longest} nanoseconds. */
    public Outcome warmUp(Work work, List<Integer> ports, long count, long longest) throws IOException {
        Tally tally = start(work, ports);
        long begin = System.nanoTime();
        turnUntil(begin + longest, tally, count);
        long end = System.nanoTime();
        finish(work, tally);
        return outcome(tally.count, end - begin, tally);
    }

    /**
     * Opens no connection yet.
     *
     * @param tls whether they do TLS
     */
    public Idle idle(List<Integer> ports, boolean tls) {
        return new Idle(loop, ports, tls);
    }

    /**
     * What came of requests at a fixed rate. Times run from when a request was due.
     *
     * @param lateness from when a request was due until it was sent
     */
    public record Paced(Outcome outcome, Percentiles latency, Percentiles lateness) {}

    /**
     * Sends requests at a fixed rate, on as many connections, and of the size, as {@code work} has. Does not sleep: the
     * core it runs on is busy all the time.
     */
    public Paced runPaced(Work work, double perSecond, List<Integer> ports, long ramp, long length, Window window)
            throws IOException {
        Tally tally = begin(work);
        long begin = System.nanoTime() + ramp;
        Pace pace = new Pace(new Schedule(begin, perSecond), begin + ramp, begin + ramp + length);
        openAll(work, ports, () -> new PacedClient(loop, pace, work.size()));
        turnPaced(pace, tally, begin + ramp);
        window.begin();
        turnPaced(pace, tally, begin + ramp + length);
        window.end();
        awaitAnswers(pace, tally);
        pace.closeFree();
        finish(work, tally);
        return new Paced(outcome(pace.measured(), length, tally), pace.latency(), pace.lateness());
    }

    private void turnPaced(Pace pace, Tally tally, long until) throws IOException {
        for (long now = System.nanoTime(); now < until && tally.clients > 0; now = System.nanoTime()) {
            pace.send(now);
            loop.turnNow();
        }
    }

    private void awaitAnswers(Pace pace, Tally tally) throws IOException {
        long deadline = System.nanoTime() + ANSWERED_WITHIN;
        while (!pace.allAnswered() && System.nanoTime() < deadline && tally.failures == 0) {
            pace.send(System.nanoTime());
            loop.turnNow();
        }
        if (!pace.allAnswered()) {
            tally.fail(pace.unanswered() + " requests were not answered");
        }
    }

    private static Outcome outcome(long counted, long nanos, Tally tally) {
        return new Outcome(counted, nanos, tally.count, tally.failures, List.copyOf(tally.messages));
    }

    private Tally start(Work work, List<Integer> ports) throws IOException {
        Tally tally = begin(work);
        openAll(work, ports, () -> work.client(loop));
        return tally;
    }

    private Tally begin(Work work) throws IOException {
        settle();
        Tally tally = new Tally();
        loop.begin(tally, work);
        return tally;
    }

    private void openAll(Work work, List<Integer> ports, Supplier<Client> clients) throws IOException {
        for (int i = 0; i < work.connections(); i++) {
            clients.get().start(ports.get(i % ports.size()));
            if (i % AT_A_TIME == AT_A_TIME - 1) {
                loop.turnNow();
            }
        }
    }

    /** Lets end what others left behind, like the connections that asked whether a proxy is listening. */
    private void settle() throws IOException {
        for (int i = 0; i < 10; i++) {
            loop.turnNow();
        }
    }

    /** Ends early when every client has failed for good. */
    private void turnUntil(long deadline, Tally tally, long count) throws IOException {
        for (long left = deadline - System.nanoTime();
                left > 0 && tally.count < count && tally.clients > 0;
                left = deadline - System.nanoTime()) {
            loop.turn(Math.max(1, TimeUnit.NANOSECONDS.toMillis(left)));
        }
    }

    private void finish(Work work, Tally tally) throws IOException {
        tally.stopping = true;
        loop.awaitEnd(tally);
        if (work.isStreams() && tally.sent != tally.count) {
            tally.fail(tally.sent + " bytes sent, " + tally.count + " arrived");
        }
    }

    @Override
    public void close() throws IOException {
        loop.close();
    }
}
