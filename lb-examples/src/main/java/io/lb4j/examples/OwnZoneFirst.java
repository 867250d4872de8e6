package io.lb4j.examples;

import io.lb4j.LoadBalancer;
import io.lb4j.backend.Backend;
import io.lb4j.selection.BackendSelector;
import java.io.IOException;
import java.io.PrintStream;

/** Connections stay in zone a as long as zone a has a backend; within it, the least busy one gets them. */
public final class OwnZoneFirst {
    private OwnZoneFirst() {}

    public static void main(String[] args) throws IOException {
        run(System.out);
    }

    static void run(PrintStream out) throws IOException {
        try (EmbeddedBackend far = EmbeddedBackend.start();
                EmbeddedBackend near = EmbeddedBackend.start();
                LoadBalancer lb = LoadBalancer.builder()
                        .backend(Backend.of("127.0.0.1", far.port()).withLabel("zone", "b"))
                        .backend(Backend.of("127.0.0.1", near.port()).withLabel("zone", "a"))
                        .selector(BackendSelector.leastConnections().preferring("zone", "a"))
                        .start()) {
            out.println("Zone a is backend " + near.port() + ", zone b is backend " + far.port());
            out.println("Answered by backend " + Http.get(lb.port()));
            out.println("Answered by backend " + Http.get(lb.port()));

            // The next connection cannot be made to zone a, so the selector is asked again, without that candidate.
            near.stop();
            out.println("Zone a is gone");
            out.println("Answered by backend " + Http.get(lb.port()));
        }
    }
}
