package io.lb4j.testing.child;

import io.lb4j.LoadBalancer;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Starts and ends a balancer many times, with one connection each. Arguments: the port of a backend that echoes, and how
 * often. Prints descriptors before and after, and threads before and after.
 */
public final class RestartingProgram {
    private RestartingProgram() {}

    public static void main(String[] arguments) throws IOException {
        int port = Integer.parseInt(arguments[0]);
        restart(port, 5);
        int descriptors = descriptors();
        int threads = threads();
        restart(port, Integer.parseInt(arguments[1]));
        System.out.println(descriptors + " " + descriptors() + " " + threads + " " + threads());
    }

    private static void restart(int port, int times) throws IOException {
        for (int i = 0; i < times; i++) {
            try (LoadBalancer lb = LoadBalancer.builder()
                            .name("child")
                            .eventLoops(2)
                            .backend("127.0.0.1", port)
                            .healthCheck(check -> check.interval(Duration.ofMillis(10)))
                            .start();
                    Socket client = new Socket(InetAddress.getLoopbackAddress(), lb.port())) {
                client.getOutputStream().write("hello".getBytes(StandardCharsets.UTF_8));
                client.getInputStream().readNBytes(5);
            }
            awaitThreads();
        }
    }

    /** close() waits for the threads of the balancer, but not for the last of what a health thread does. */
    private static void awaitThreads() {
        while (Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().startsWith("lb-"))) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static int descriptors() {
        String[] open = new File("/proc/self/fd").list();
        return open == null ? -1 : open.length;
    }

    private static int threads() {
        return Thread.getAllStackTraces().size();
    }
}
