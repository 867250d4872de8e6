package io.lb4j.examples;

import io.lb4j.LoadBalancer;
import java.io.IOException;
import java.io.PrintStream;

/** Two backends behind one port. Round robin is the default: each connection goes to the next backend. */
public final class HelloLoadBalancer {
    private HelloLoadBalancer() {}

    public static void main(String[] args) throws IOException {
        run(System.out);
    }

    static void run(PrintStream out) throws IOException {
        try (EmbeddedBackend one = EmbeddedBackend.start();
                EmbeddedBackend two = EmbeddedBackend.start();
                LoadBalancer lb = LoadBalancer.builder()
                        .listen("127.0.0.1", 0) // any free port; listen(8080) for port 8080 of all addresses
                        .backend("127.0.0.1", one.port())
                        .backend("127.0.0.1", two.port())
                        .start()) {
            out.println("Listening on port " + lb.port());
            for (int i = 1; i <= 4; i++) {
                out.println("Request " + i + " was answered by backend " + Http.get(lb.port()));
            }
        }
    }
}
