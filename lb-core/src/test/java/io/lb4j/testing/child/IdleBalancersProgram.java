package io.lb4j.testing.child;

import io.lb4j.LoadBalancer;
import io.lb4j.testing.LeakCheck;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Balancers with nothing but defaults, and nothing to do. Argument: the port of their backend. {@code start 10} starts
 * ten more and prints how many there are now, and why not more; {@code figures} prints the threads of all balancers, the
 * bytes of heap that are in use after a collection, and those of direct memory.
 */
public final class IdleBalancersProgram {
    private static final List<LoadBalancer> BALANCERS = new ArrayList<>();

    private IdleBalancersProgram() {}

    public static void main(String[] arguments) throws IOException {
        int backend = Integer.parseInt(arguments[0]);
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            String[] command = line.split(" ");
            System.out.println(command[0].equals("start") ? start(backend, Integer.parseInt(command[1])) : figures());
        }
    }

    private static String start(int backend, int count) {
        try {
            for (int i = 0; i < count; i++) {
                BALANCERS.add(LoadBalancer.builder()
                        .name("idle" + BALANCERS.size())
                        .backend("127.0.0.1", backend)
                        .start());
            }
            return "started " + BALANCERS.size();
        } catch (RuntimeException | Error failure) {
            return "started " + BALANCERS.size() + ", then " + failure;
        }
    }

    private static String figures() {
        System.gc();
        long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        long direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
        return LeakCheck.balancerThreads().size() + " " + heap + " " + direct;
    }
}
