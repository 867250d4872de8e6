package io.lb4j.benchmarks.compare;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Ports for programs that cannot be told to listen on any free one. */
final class FreePort {
    private static final int TRIES = 100;

    private FreePort() {}

    /** One below the range the kernel takes the clients' ports from, so it is still free when the program binds it. */
    static int find() throws IOException {
        for (int i = 0; i < TRIES; i++) {
            int port = ThreadLocalRandom.current().nextInt(10_000, 30_000);
            if (isFree(port)) {
                return port;
            }
        }
        throw new IOException("no free port within 10000..30000");
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException taken) {
            return false;
        }
    }
}
