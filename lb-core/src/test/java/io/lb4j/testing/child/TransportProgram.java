package io.lb4j.testing.child;

import io.lb4j.proxy.TcpProxy;
import io.lb4j.proxy.Transport;

/** Starts a proxy and says by which transport. Arguments: the transport, the port of its backend. */
public final class TransportProgram {
    private TransportProgram() {}

    public static void main(String[] arguments) {
        try (TcpProxy proxy = TcpProxy.builder()
                .transport(Transport.valueOf(arguments[0]))
                .to("127.0.0.1", Integer.parseInt(arguments[1]))
                .start()) {
            System.out.println("started " + proxy.transport());
        } catch (IllegalStateException | IllegalArgumentException refused) {
            System.out.println("refused " + refused.getMessage());
        }
    }
}
