package io.lb4j.benchmarks.tls;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A key and a certificate for {@code localhost} that it signed itself. Both are made anew each time, and kept nowhere. */
public final class Identity {
    private static final String ALIAS = "own";
    private static final char[] PASSWORD = "made-up".toCharArray();

    private final KeyStore keys;

    private Identity(KeyStore keys) {
        this.keys = keys;
    }

    /** What the key is. */
    public enum Kind {
        P256("EC", "-groupname", "secp256r1"),
        RSA2048("RSA", "-keysize", "2048");

        private final List<String> options;

        Kind(String algorithm, String option, String value) {
            options = List.of("-keyalg", algorithm, option, value);
        }
    }

    /** Has the running JDK's {@code keytool} make one. */
    public static Identity of(Kind kind) throws IOException, GeneralSecurityException, InterruptedException {
        Path directory = Files.createTempDirectory("identity");
        Path file = directory.resolve("own.p12");
        try {
            generate(kind, file);
            KeyStore keys = KeyStore.getInstance("PKCS12");
            try (InputStream bytes = Files.newInputStream(file)) {
                keys.load(bytes, PASSWORD);
            }
            return new Identity(keys);
        } finally {
            Files.deleteIfExists(file);
            Files.delete(directory);
        }
    }

    private static void generate(Kind kind, Path file) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair"));
        command.addAll(kind.options);
        command.addAll(List.of("-alias", ALIAS, "-dname", "CN=localhost", "-ext", "san=dns:localhost,ip:127.0.0.1"));
        command.addAll(List.of("-keystore", file.toString(), "-storetype", "PKCS12"));
        command.addAll(List.of("-storepass", String.valueOf(PASSWORD)));
        Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
        keytool.getOutputStream().close();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (keytool.waitFor() != 0) {
            throw new IOException("keytool made no key: " + said);
        }
    }

    /** A context that shows this certificate and trusts no other. It remembers no session yet. */
    public SSLContext context() throws GeneralSecurityException {
        KeyManagerFactory shown = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        shown.init(keys, PASSWORD);
        KeyStore certificates = KeyStore.getInstance(keys.getType());
        try {
            certificates.load(null, null);
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
        certificates.setCertificateEntry(ALIAS, keys.getCertificate(ALIAS));
        TrustManagerFactory trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trusted.init(certificates);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(shown.getKeyManagers(), trusted.getTrustManagers(), null);
        return context;
    }

    /** Certificate and key in one text, as HAProxy and nginx take them. */
    public String pem() throws GeneralSecurityException {
        Key key = keys.getKey(ALIAS, PASSWORD);
        return pem("CERTIFICATE", keys.getCertificate(ALIAS).getEncoded()) + pem("PRIVATE KEY", key.getEncoded());
    }

    private static String pem(String what, byte[] content) {
        String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        return "-----BEGIN " + what + "-----\n" + lines + "\n-----END " + what + "-----\n";
    }
}
