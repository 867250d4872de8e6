package io.lb4j.examples;

import io.lb4j.LoadBalancer;
import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendStatus;
import io.lb4j.event.BackendStatusChanged;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.proxy.DrainResult;
import io.lb4j.selection.BackendSelector;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A new version takes over while requests go on: added, given a small share, then all of it; the old one is drained. */
public final class BlueGreen {
    private BlueGreen() {}

    public static void main(String[] args) throws IOException {
        run(System.out);
    }

    static void run(PrintStream out) throws IOException {
        CountDownLatch greenIsUp = new CountDownLatch(1);
        try (EmbeddedBackend blue = EmbeddedBackend.start();
                EmbeddedBackend green = EmbeddedBackend.start();
                LoadBalancer lb = LoadBalancer.builder()
                        .backend(Backend.of("127.0.0.1", blue.port())
                                .withId("blue")
                                .withWeight(9))
                        .selector(BackendSelector.roundRobin())
                        .listener(onUp("green", greenIsUp::countDown))
                        .start()) {
            Map<String, String> names = Map.of("" + blue.port(), "blue", "" + green.port(), "green");
            out.println("Blue alone:       " + answers(lb, names));

            lb.backends().add(Backend.of("127.0.0.1", green.port()).withId("green"));
            // It gets connections when its first check has passed.
            await(greenIsUp);
            out.println("Green is trusted: " + answers(lb, names));

            CompletableFuture<DrainResult> drained = lb.backends().remove("blue", Duration.ofSeconds(10));
            out.println("Green alone:      " + answers(lb, names));
            out.println("Blue ended with " + drained.join().aborted() + " connections reset");
        }
    }

    private static LoadBalancerListener onUp(String id, Runnable action) {
        return new LoadBalancerListener() {
            @Override
            public void backendStatusChanged(BackendStatusChanged event) {
                if (event.backend().id().equals(id) && event.to() == BackendStatus.UP) {
                    action.run();
                }
            }
        };
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            if (!latch.await(10, TimeUnit.SECONDS)) {
                throw new IOException("green is not well");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    /** Who answered ten requests. */
    private static Map<String, Integer> answers(LoadBalancer lb, Map<String, String> names) throws IOException {
        Map<String, Integer> answers = new TreeMap<>();
        for (int i = 0; i < 10; i++) {
            answers.merge(names.get(Http.get(lb.port())), 1, Integer::sum);
        }
        return answers;
    }
}
