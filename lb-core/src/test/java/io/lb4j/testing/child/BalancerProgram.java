package io.lb4j.testing.child;

import io.lb4j.LoadBalancer;
import io.lb4j.LoadBalancerBuilder;
import io.lb4j.selection.BackendSelector;
import io.lb4j.stats.TcpProxyStats;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A balancer that is told what to do line by line. Arguments: how many event loops; the milliseconds between health
 * checks, 0 for none; how many connections go to the first backend before the last one is preferred; the ports of the
 * backends.
 */
public final class BalancerProgram {
    private static final Deque<FileInputStream> EATEN = new ArrayDeque<>();

    private BalancerProgram() {}

    public static void main(String[] arguments) throws IOException {
        int loops = Integer.parseInt(arguments[0]);
        long interval = Long.parseLong(arguments[1]);
        LoadBalancerBuilder builder = LoadBalancer.builder()
                .name("child")
                .eventLoops(loops)
                .noOutlierDetection()
                .selector(firstThenLast(arguments[2]));
        for (int i = 3; i < arguments.length; i++) {
            builder.backend("127.0.0.1", Integer.parseInt(arguments[i]));
        }
        if (interval == 0) {
            builder.noHealthCheck();
        } else {
            builder.healthCheck(check -> check.interval(Duration.ofMillis(interval)));
        }
        LoadBalancer lb = builder.start();
        // The first use of what only this program needs must not come when there is no descriptor for it.
        release(eat(1, 0));
        System.out.println("port " + lb.port());
        serve(lb);
    }

    /** The first backend for the first connections; then the last one, where the first is for further attempts. */
    private static BackendSelector firstThenLast(String first) {
        AtomicInteger left = new AtomicInteger(Integer.parseInt(first));
        return (candidates, connection) -> candidates.get(left.getAndDecrement() > 0 ? 0 : candidates.size() - 1);
    }

    private static void serve(LoadBalancer lb) throws IOException {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            String answer;
            try {
                answer = answer(lb, line.split(" "));
            } catch (Throwable failure) {
                answer = "failed " + failure;
            }
            System.out.println(answer);
        }
    }

    private static String answer(LoadBalancer lb, String[] command) {
        switch (command[0]) {
            case "eat":
                return "eaten " + eat(Integer.MAX_VALUE, 200);
            case "release":
                return "released " + release(Integer.parseInt(command[1]));
            case "accepted":
                return Long.toString(lb.stats().proxy().accepted());
            case "stats":
                return stats(lb.stats().proxy());
            case "memory":
                return memory(lb.stats().proxy());
            case "states":
                return lb.backends().list().toString();
            case "close":
                lb.close();
                return "closed " + lb.isClosed();
            default:
                throw new IllegalArgumentException(command[0]);
        }
    }

    private static String stats(TcpProxyStats stats) {
        return stats.accepted() + " " + stats.acceptFailures() + " " + stats.loopTurns();
    }

    private static String memory(TcpProxyStats stats) {
        MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        return stats.active() + " connections open, " + (heap.getUsed() >> 10) + " of " + (heap.getMax() >> 10)
                + " KiB of heap in use, " + stats.pauses() + " pauses";
    }

    /** Opens files until no descriptor is left, and none comes back for this many milliseconds. */
    private static int eat(int most, long millis) {
        int eaten = 0;
        long last = System.nanoTime();
        while (eaten < most && System.nanoTime() - last <= millis * 1_000_000) {
            try {
                EATEN.add(new FileInputStream("/dev/null"));
                eaten++;
                last = System.nanoTime();
            } catch (IOException none) {
                LockSupport.parkNanos(1_000_000);
            }
        }
        return eaten;
    }

    private static int release(int most) {
        int released = 0;
        while (released < most && !EATEN.isEmpty()) {
            try {
                EATEN.remove().close();
            } catch (IOException ignored) {
                // The descriptor is released whatever close reports.
            }
            released++;
        }
        return released;
    }
}
