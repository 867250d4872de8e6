package io.lb4j.benchmarks.compare;

import io.lb4j.LoadBalancer;
import io.lb4j.LoadBalancerBuilder;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;

/**
 * The program {@link Lb4j} runs: a balancer with one event loop before the ports it is given. It prints the port it
 * listens on, then, for each line it reads, the bytes its event loop has allocated. It ends when its input ends.
 */
final class Lb4jProxy {
    private Lb4jProxy() {}

    public static void main(String[] ports) throws IOException {
        LoadBalancerBuilder builder =
                LoadBalancer.builder().listen("127.0.0.1", 0).eventLoops(1).noHealthCheck();
        for (String port : ports) {
            builder.backend("127.0.0.1", Integer.parseInt(port));
        }
        try (LoadBalancer balancer = builder.start()) {
            System.out.println(balancer.port());
            while (System.in.read() >= 0) {
                System.out.println(allocatedByLoops());
            }
        }
    }

    private static long allocatedByLoops() {
        long bytes = 0;
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
            if (thread != null && thread.getThreadName().contains("-io-")) {
                bytes += threads.getThreadAllocatedBytes(thread.getThreadId());
            }
        }
        return bytes;
    }
}
