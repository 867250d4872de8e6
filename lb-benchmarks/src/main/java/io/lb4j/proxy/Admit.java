package io.lb4j.proxy;

import io.lb4j.access.AccessRules;
import io.lb4j.access.ClientLimits;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** What a connection pays for ten access rules and limits of its client, from the accept to its end. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
@State(Scope.Benchmark)
public class Admit {
    private static final int CLIENTS = 1 << 10;

    /** Of one thread. */
    @State(Scope.Thread)
    public static class Turn {
        int next;
    }

    private final InetAddress[] addresses = new InetAddress[CLIENTS];
    private Gatekeeper gatekeeper;

    @Setup
    public void prepare() throws UnknownHostException {
        AccessRules.Builder rules = AccessRules.builder();
        for (int i = 0; i < 9; i++) {
            rules.deny("10." + i + ".0.0/16");
        }
        AccessRules access = rules.allow("0.0.0.0/0").otherwiseDeny().build();
        ClientLimits limits =
                ClientLimits.of(all -> all.maxConnections(100).connectRate(1_000_000, Duration.ofMillis(1)));
        gatekeeper = new Gatekeeper(access, limits, new ClientTable(4711));
        for (int i = 0; i < CLIENTS; i++) {
            addresses[i] = InetAddress.getByAddress(new byte[] {(byte) 192, (byte) 168, (byte) (i >> 8), (byte) i});
        }
    }

    @Benchmark
    public boolean oneThread(Turn turn) {
        return comesAndGoes(turn);
    }

    @Benchmark
    @Threads(2)
    public boolean twoThreads(Turn turn) {
        return comesAndGoes(turn);
    }

    private boolean comesAndGoes(Turn turn) {
        long now = System.nanoTime();
        ClientPlace place = gatekeeper.admit(addresses[turn.next++ & CLIENTS - 1], now);
        boolean isIn = place.refusal() == null;
        place.leave(now);
        return isIn;
    }
}
