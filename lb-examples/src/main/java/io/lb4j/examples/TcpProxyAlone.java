package io.lb4j.examples;

import io.lb4j.event.ConnectionListener;
import io.lb4j.event.ConnectionOpened;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.proxy.TcpProxy;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;

/** The proxy without the balancer: one port that leads to one backend, and a listener that sees what passes. */
public final class TcpProxyAlone {
    private TcpProxyAlone() {}

    public static void main(String[] args) throws IOException {
        run(System.out);
    }

    static void run(PrintStream out) throws IOException {
        try (EmbeddedBackend backend = EmbeddedBackend.start();
                TcpProxy proxy = TcpProxy.builder()
                        .name("front")
                        .to("127.0.0.1", backend.port())
                        .listener(new Storyteller(out))
                        .start()) {
            out.println("Port " + proxy.port() + " leads to port " + backend.port());
            out.println("Answered by backend " + Http.get(proxy.port()));

            // Unlike close(), a drain lets the connection end by itself, should it not have done so yet.
            proxy.drain(Duration.ofSeconds(5)).join();
            out.println("Connections accepted: " + proxy.stats().accepted());
        }
    }

    /** Called on the event loop of the connection: while a listener runs, the loop serves nobody. */
    private record Storyteller(PrintStream out) implements ConnectionListener {
        @Override
        public void connectionOpened(ConnectionOpened event) {
            out.println("Connection " + event.id() + " opened to " + event.backend());
        }

        @Override
        public void connectionClosed(ConnectionSummary summary) {
            out.println(
                    "Connection " + summary.id() + " closed: " + summary.bytesToBackend() + " bytes to the backend, "
                            + summary.bytesToClient() + " bytes to the client, "
                            + summary.reason().sentence());
        }
    }
}
