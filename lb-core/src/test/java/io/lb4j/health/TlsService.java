package io.lb4j.health;

import io.lb4j.testing.Certificate;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import java.net.Socket;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** What a server of TLS does with its one client, after the handshake. */
@FunctionalInterface
interface TlsService {
    /** @param below the connection that TLS is spoken over */
    void serve(SSLSocket socket, Socket below) throws IOException;

    /** A backend that serves each of its clients so, with this certificate. */
    static TestBackend backend(Certificate certificate, TlsService service) {
        SSLContext context = certificate.serving();
        return TestBackend.serving(peer -> {
            Socket below = peer.socket();
            try (SSLSocket socket =
                    (SSLSocket) context.getSocketFactory().createSocket(below, null, below.getPort(), true)) {
                socket.setUseClientMode(false);
                socket.startHandshake();
                service.serve(socket, below);
            } catch (IOException clientHasGone) {
                // Or did not like the certificate: that is for the test to say.
            }
        });
    }
}
