package io.lb4j.benchmarks.queue;

import io.lb4j.LoadBalancer;
import io.lb4j.backend.Backend;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Many clients come while every place of a backend is taken; places become free at a steady rate. */
@Command(
        name = "queue",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        description = {
            "Measures how long connections wait for a place, beside how long they have to when the next place is always the"
                    + " next one's.",
            "Balancer, backend and clients are in this process: it needs three descriptors for each of them."
        })
public final class QueueCommand implements Callable<Integer> {
    @Option(names = "--waiting", paramLabel = "N", description = "How many come at once.")
    private int waiting = 6_000;

    @Option(names = "--places", paramLabel = "N", description = "How many the backend serves at a time.")
    private int places = 500;

    @Option(names = "--service", paramLabel = "MILLIS", description = "How long each of them takes.")
    private int serviceMillis = 100;

    private final PrintStream out = System.out;

    @Override
    public Integer call() throws Exception {
        try (BusyBackend backend = new BusyBackend(TimeUnit.MILLISECONDS.toNanos(serviceMillis))) {
            Thread thread = new Thread(backend, "backend");
            thread.setDaemon(true);
            thread.start();
            try (LoadBalancer balancer = LoadBalancer.builder()
                    .listen("127.0.0.1", 0)
                    .backend(Backend.of("127.0.0.1", backend.port()).withMaxConnections(places))
                    .queue(queue -> queue.timeout(Duration.ofMinutes(1)))
                    .noHealthCheck()
                    .start()) {
                serve(balancer.port(), 2_000);
                report(serve(balancer.port(), waiting));
            }
        }
        return 0;
    }

    /** So many connect at once. Returns when each got its byte, in the order in which they did, since the first did. */
    private static List<Long> serve(int port, int clients) throws IOException {
        List<Long> served = new ArrayList<>();
        try (Selector selector = Selector.open()) {
            for (int i = 0; i < clients; i++) {
                SocketChannel client =
                        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                client.configureBlocking(false);
                client.register(selector, SelectionKey.OP_READ);
            }
            ByteBuffer buffer = ByteBuffer.allocate(16);
            int[] open = {clients};
            while (open[0] > 0) {
                selector.select(key -> open[0] -= read(key, buffer.clear(), served) ? 1 : 0);
            }
        }
        return served;
    }

    /** Returns whether this one is closed now. */
    private static boolean read(SelectionKey key, ByteBuffer buffer, List<Long> served) {
        try {
            SocketChannel client = (SocketChannel) key.channel();
            int read = client.read(buffer);
            if (read > 0) {
                served.add(System.nanoTime());
            } else if (read < 0) {
                client.close();
            }
            return read < 0;
        } catch (IOException refused) {
            throw new IllegalStateException("a client was not served", refused);
        }
    }

    private void report(List<Long> served) {
        double perSecond = places * 1000.0 / serviceMillis;
        out.printf("%,d connections, %,d places, %d ms each: %,.0f/s%n", waiting, places, serviceMillis, perSecond);
        out.printf("%8s %12s %12s %8s%n", "", "waited, ms", "ideal, ms", "ratio");
        for (double part : new double[] {0.5, 0.9, 0.99, 1}) {
            int which = (int) Math.ceil(part * served.size()) - 1;
            double waited = (served.get(which) - served.get(0)) / 1e6;
            double ideal = which / perSecond * 1e3;
            out.printf("%8s %12.1f %12.1f %8.3f%n", "p" + 100 * part, waited, ideal, waited / ideal);
        }
    }
}
