package io.lb4j.examples;

import io.lb4j.LoadBalancer;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.tls.TlsIdentity;
import java.io.IOException;
import java.io.PrintStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * TLS ends in this process: clients connect to it encrypted, and backends get what they say in the clear. The certificate is
 * replaced while clients come and go; whoever is connected stays. Its two certificates are made by the JDK's own keytool.
 */
public final class TlsAtTheEdge {
    private static final char[] PASSWORD = "changeit".toCharArray();

    private TlsAtTheEdge() {}

    public static void main(String[] args) throws Exception {
        run(System.out);
    }

    static void run(PrintStream out) throws IOException, GeneralSecurityException, InterruptedException {
        Path folder = Files.createTempDirectory("tls");
        TlsIdentity old = identity(folder.resolve("old.p12"), "Old");
        TlsIdentity renewed = identity(folder.resolve("renewed.p12"), "Renewed");
        Files.delete(folder);
        LinkedBlockingQueue<ConnectionSummary> ended = new LinkedBlockingQueue<>();
        try (EmbeddedBackend backend = EmbeddedBackend.start();
                LoadBalancer lb = LoadBalancer.builder()
                        .listen("127.0.0.1", 0, frontend -> frontend.name("public")
                                .tls(tls -> tls.certificate(old)))
                        .backend("127.0.0.1", backend.port())
                        .listener(new LoadBalancerListener() {
                            @Override
                            public void connectionClosed(ConnectionSummary summary) {
                                ended.add(summary);
                            }
                        })
                        .start()) {
            try (SSLSocket early = connect(lb.port(), old)) {
                out.println("One client sees " + subject(early));
                lb.frontend("public").reconfigure(change -> change.tls(tls -> tls.replace(renewed)));
                try (SSLSocket late = connect(lb.port(), renewed)) {
                    out.println("The next one sees " + subject(late));
                    out.println("Both are served: " + isServed(early, backend) + ", " + isServed(late, backend));
                }
            }
            ConnectionSummary summary = ended.take();
            out.println("It was " + summary.tls().protocol() + ", and ended " + summary.reason());
        }
    }

    private static boolean isServed(Socket client, EmbeddedBackend backend) throws IOException {
        return Http.get(client).equals(String.valueOf(backend.port()));
    }

    private static String subject(SSLSocket client) throws IOException {
        X509Certificate shown = (X509Certificate) client.getSession().getPeerCertificates()[0];
        return shown.getSubjectX500Principal().getName();
    }

    private static SSLSocket connect(int port, TlsIdentity trusted) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("trusted", trusted.certificate());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port);
        socket.startHandshake();
        return socket;
    }

    private static TlsIdentity identity(Path file, String organization) throws IOException, InterruptedException {
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-alias",
                        "site",
                        "-dname",
                        "CN=localhost,O=" + organization,
                        "-ext",
                        "san=dns:localhost",
                        "-validity",
                        "30",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        new String(PASSWORD))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (keytool.waitFor() != 0) {
            throw new IOException("keytool ended with " + keytool.exitValue());
        }
        TlsIdentity identity = TlsIdentity.pkcs12(file, PASSWORD);
        Files.delete(file);
        return identity;
    }
}
