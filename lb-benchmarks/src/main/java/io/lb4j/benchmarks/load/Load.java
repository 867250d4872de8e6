package io.lb4j.benchmarks.load;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Clients and backends; runs one work at a time on the caller's thread. */
public final class Load implements Closeable {
    private static final long END_WITHIN = TimeUnit.SECONDS.toNanos(10);

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
        Tally tally = start(work, ports);
        turnUntil(System.nanoTime() + ramp, tally, Long.MAX_VALUE);
        window.begin();
        long begin = System.nanoTime();
        long before = tally.count;
        turnUntil(begin + length, tally, Long.MAX_VALUE);
        window.end();
        long end = System.nanoTime();
        long counted = tally.count - before;
        if (counted == 0) {
            tally.fail("nothing arrived while it was measured");
        }
        finish(work, tally);
        return new Outcome(counted, end - begin, tally.count, tally.failures, List.copyOf(tally.messages));
    }

    /** Runs {@code work} until there were {@code count} of it, or for {@code longest} nanoseconds. */
    public Outcome warmUp(Work work, List<Integer> ports, long count, long longest) throws IOException {
        Tally tally = start(work, ports);
        long begin = System.nanoTime();
        turnUntil(begin + longest, tally, count);
        long end = System.nanoTime();
        finish(work, tally);
        return new Outcome(tally.count, end - begin, tally.count, tally.failures, List.copyOf(tally.messages));
    }

    private Tally start(Work work, List<Integer> ports) throws IOException {
        settle();
        Tally tally = new Tally();
        loop.begin(tally, work == Work.STREAMS);
        for (int i = 0; i < work.connections(); i++) {
            int port = ports.get(i % ports.size());
            connect(work.client(loop), new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        }
        return tally;
    }

    private static void connect(Client client, InetSocketAddress to) {
        try {
            client.connect(to);
        } catch (IOException refused) {
            client.failed(refused);
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
        long deadline = System.nanoTime() + END_WITHIN;
        while (tally.clients + tally.accepted > 0 && System.nanoTime() < deadline) {
            loop.turn(10);
        }
        if (tally.clients + tally.accepted > 0) {
            loop.abortAll();
        }
        if (work == Work.STREAMS && tally.sent != tally.count) {
            tally.fail(tally.sent + " bytes sent, " + tally.count + " arrived");
        }
    }

    @Override
    public void close() throws IOException {
        loop.close();
    }
}
