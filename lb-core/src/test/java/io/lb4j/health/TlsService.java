package io.lb4j.health;

import io.lb4j.testing.Certificate;
import io.lb4j.testing.Program;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** What a server of TLS does with its one client, after the handshake. */
@FunctionalInterface
interface TlsService {
    /** @param below the connection that TLS is spoken over */
    void serve(SSLSocket socket, Socket below) throws IOException;

    /** A backend that serves each of its clients so, with this certificate. */
    static TestBackend backend(Certificate certificate, TlsService service) {
        SSLContext context = context(certificate);
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

    private static SSLContext context(Certificate certificate) {
        Path store = certificate.file().resolveSibling(certificate.host() + ".p12");
        Program.run(
                Certificate.openssl(),
                "pkcs12",
                "-export",
                "-in",
                certificate.file().toString(),
                "-inkey",
                certificate.key().toString(),
                "-out",
                store.toString(),
                "-passout",
                "pass:secret");
        try (InputStream in = Files.newInputStream(store)) {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(in, "secret".toCharArray());
            KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            managers.init(keys, "secret".toCharArray());
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(managers.getKeyManagers(), null, null);
            return context;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
