package io.lb4j.benchmarks.tls;

import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What a benchmark of warm code does not show: the first seconds of records, and what an engine keeps while it is idle. */
@Command(
        name = "tls",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        description = {
            "Measures how fast the JDK's TLS is in a JVM's first seconds, and the heap of engines that are idle.",
            "A JVM has its first seconds once: what is measured after them is not cold."
        })
public final class TlsCommand implements Callable<Integer> {
    private static final int FULL = 16 * 1024;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--engines", paramLabel = "N", description = "How many are idle.")
    private int engines = 2_000;

    @Option(names = "--seconds", paramLabel = "N", description = "How long the first seconds are.")
    private int seconds = 10;

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        out.printf("Java %s; records of 16 KiB, wrapped and unwrapped, one thread%n", Runtime.version());
        out.printf("%12s %10s%n", "until, ms", "GB/s");
        warmUp(Handshakes.of(Identity.Kind.P256, "TLSv1.3", false).next());
        out.printf("%n%,d idle servers%n%12s %10s %12s%n", engines, "", "resumed", "heap, B each");
        for (String protocol : List.of("TLSv1.3", "TLSv1.2")) {
            for (boolean resumed : new boolean[] {false, true}) {
                Handshakes handshakes = Handshakes.of(Identity.Kind.P256, protocol, resumed);
                out.printf("%12s %10s %,12d%n", protocol, resumed, heapOf(handshakes));
                out.flush();
            }
        }
        return 0;
    }

    /** Windows that grow by the factor of about three, and from the first second on by a second. */
    private void warmUp(EnginePair pair) throws SSLException {
        ByteBuffer plain = ByteBuffer.allocate(2 * FULL);
        ByteBuffer records = ByteBuffer.allocate(pair.client().getSession().getPacketBufferSize());
        long begin = System.nanoTime();
        long start = 0;
        long end = next(0);
        long bytes = 0;
        while (start < TimeUnit.SECONDS.toNanos(seconds)) {
            pair.client().wrap(plain.clear().limit(FULL), records.clear());
            bytes += pair.server().unwrap(records.flip(), plain.clear()).bytesProduced();
            long now = System.nanoTime() - begin;
            if (now >= TimeUnit.MILLISECONDS.toNanos(end)) {
                spec.commandLine().getOut().printf("%,12d %10.3f%n", end, bytes / (double) (now - start));
                start = now;
                bytes = 0;
                // A record may take longer than a window, as long as nothing is compiled.
                while (now >= TimeUnit.MILLISECONDS.toNanos(end)) {
                    end = next(end);
                }
            }
        }
    }

    private static long next(long end) {
        for (long first : new long[] {10, 30, 100, 300, 1_000}) {
            if (end < first) {
                return first;
            }
        }
        return end + 1_000;
    }

    /** What more engines take, when there are some already. */
    private long heapOf(Handshakes handshakes) throws SSLException, InterruptedException {
        List<SSLEngine> idle = new ArrayList<>(2 * engines);
        add(idle, handshakes);
        long before = used();
        add(idle, handshakes);
        long after = used();
        return 2 * (after - before) / idle.size();
    }

    private void add(List<SSLEngine> idle, Handshakes handshakes) throws SSLException {
        for (int i = 0; i < engines; i++) {
            idle.add(handshakes.next().server());
        }
        handshakes.forget();
    }

    /** Collected until there is nothing more to collect: some of it is only freed by what runs after a collection. */
    private static long used() throws InterruptedException {
        long least = Long.MAX_VALUE;
        for (int idle = 0; idle < 5; idle++) {
            System.gc();
            Thread.sleep(20);
            long now = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
            if (now < least - 1_024) {
                idle = 0;
            }
            least = Math.min(least, now);
        }
        return least;
    }
}
