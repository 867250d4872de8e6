package io.lb4j.testing.child;

import io.lb4j.proxy.TcpProxy;
import io.lb4j.testing.Peer;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;

/**
 * A backend whose name has two addresses, of which the first is silent and the second serves. Prints what two clients
 * got, and how many attempts that took. The name is {@code backend.test}, for 127.0.0.1 and 127.0.0.3.
 */
public final class SeveralAddressesProgram {
    private SeveralAddressesProgram() {}

    public static void main(String[] arguments) throws IOException {
        try (TestBackend silent = TestBackend.stalled();
                ServerSocket serving = new ServerSocket(silent.port(), 50, InetAddress.getByName("127.0.0.3"));
                TcpProxy proxy = TcpProxy.builder()
                        .to("backend.test", silent.port())
                        .limits(limits -> limits.connectAttempts(1))
                        .timeouts(timeouts -> timeouts.connect(Duration.ofHours(1)))
                        .start()) {
            for (int i = 0; i < 2; i++) {
                try (Peer client = Peer.connect(proxy.port());
                        Socket served = serving.accept()) {
                    served.getOutputStream().write('a' + i);
                    System.out.println(client.receiveText(1));
                }
            }
            System.out.println("attempts " + proxy.stats().connectAttempts());
        }
    }
}
