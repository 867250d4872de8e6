package io.lb4j.testing.child;

import io.lb4j.LoadBalancer;
import io.lb4j.proxy.Transport;
import java.io.IOException;

/** A balancer with one loop, until its input ends. Arguments: the transport, the port of its backend. Prints its port. */
public final class CountedProgram {
    private CountedProgram() {}

    public static void main(String[] arguments) throws IOException {
        try (LoadBalancer lb = LoadBalancer.builder()
                .name("lb")
                .eventLoops(1)
                .noHealthCheck()
                .transport(Transport.valueOf(arguments[0]))
                .backend("127.0.0.1", Integer.parseInt(arguments[1]))
                .start()) {
            System.out.println(lb.port());
            while (System.in.read() >= 0) {
                // It runs on.
            }
        }
    }
}
