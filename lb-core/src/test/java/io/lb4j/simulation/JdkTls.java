package io.lb4j.simulation;

import io.lb4j.testing.Certificate;
import io.lb4j.testing.Program;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * The JDK's own TLS.
 *
 * @param server shows a certificate
 * @param client trusts it
 */
record JdkTls(SSLContext server, SSLContext client) {
    static final String HOST = "a.example.com";
    private static final String PASSWORD = "secret";

    static JdkTls in(Path folder) throws IOException, GeneralSecurityException {
        Certificate certificate = Certificate.of(folder, HOST);
        Path store = folder.resolve("server.p12");
        Program.run(
                Certificate.openssl(),
                "pkcs12",
                "-export",
                "-inkey",
                certificate.key().toString(),
                "-in",
                certificate.file().toString(),
                "-out",
                store.toString(),
                "-passout",
                "pass:" + PASSWORD);
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        KeyManagerFactory identity = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        identity.init(keys, PASSWORD.toCharArray());
        SSLContext server = SSLContext.getInstance("TLS");
        server.init(identity.getKeyManagers(), null, null);
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry(HOST, keys.getCertificate(keys.aliases().nextElement()));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext client = SSLContext.getInstance("TLS");
        client.init(null, trust.getTrustManagers(), null);
        return new JdkTls(server, client);
    }

    /** With a client that has other certificates to trust. */
    JdkTls distrusting() throws GeneralSecurityException {
        SSLContext stranger = SSLContext.getInstance("TLS");
        stranger.init(null, null, null);
        return new JdkTls(server, stranger);
    }

    /** With a server that has no certificate. */
    JdkTls refusing() throws GeneralSecurityException {
        SSLContext nobody = SSLContext.getInstance("TLS");
        nobody.init(null, null, null);
        return new JdkTls(nobody, client);
    }
}
