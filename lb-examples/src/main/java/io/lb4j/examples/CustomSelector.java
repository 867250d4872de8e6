package io.lb4j.examples;

import io.lb4j.LoadBalancer;
import io.lb4j.backend.Backend;
import io.lb4j.selection.BackendSelector;
import java.io.IOException;
import java.io.PrintStream;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A selector of your own is a lambda over your application's own state. Here it is who leads a cluster: all connections
 * go to the leader, and nobody else will do.
 */
public final class CustomSelector {
    private CustomSelector() {}

    public static void main(String[] args) throws IOException {
        run(System.out);
    }

    static void run(PrintStream out) throws IOException {
        // In real life a watch on the cluster's election sets it.
        AtomicReference<String> leader = new AtomicReference<>("first");

        // Called on an event loop for each connection, by several at a time: quick, thread-safe, never blocking.
        BackendSelector toTheLeader = (candidates, connection) -> candidates.stream()
                .filter(candidate -> candidate.backend().id().equals(leader.get()))
                .findAny()
                .orElse(null); // the leader is down: refused

        try (EmbeddedBackend first = EmbeddedBackend.start();
                EmbeddedBackend second = EmbeddedBackend.start();
                LoadBalancer lb = LoadBalancer.builder()
                        .backend(Backend.of("127.0.0.1", first.port()).withId("first"))
                        .backend(Backend.of("127.0.0.1", second.port()).withId("second"))
                        .selector(toTheLeader)
                        .start()) {
            out.println("first is backend " + first.port() + ", second is backend " + second.port());
            out.println("Answered by backend " + Http.get(lb.port()));
            leader.set("second");
            out.println("second leads now");
            out.println("Answered by backend " + Http.get(lb.port()));
            out.println("Answered by backend " + Http.get(lb.port()));
        }
    }
}
