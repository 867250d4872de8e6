package io.lb4j.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * A certificate of this host, which nobody has signed but itself, and its key, made by a real openssl.
 *
 * @param file the certificate, in PEM
 * @param key its key, in PEM
 */
public record Certificate(String host, Path file, Path key) {
    /** Makes one in this folder; skips the test where there is no openssl. */
    public static Certificate of(Path folder, String host) {
        Path file = folder.resolve(host + ".crt");
        Path key = folder.resolve(host + ".key");
        Program.run(
                openssl(),
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=" + host,
                "-addext",
                "subjectAltName=DNS:" + host,
                "-keyout",
                key.toString(),
                "-out",
                file.toString());
        return new Certificate(host, file, key);
    }

    /** Where it is, or a skipped test. */
    public static String openssl() {
        return Program.require("openssl");
    }

    /** Both in one file, as HAProxy wants them. */
    public Path withKey() {
        try {
            Path both = file.resolveSibling(host + ".pem");
            return Files.writeString(both, Files.readString(key) + Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A client in Java that is connected to this port and trusts this certificate alone: what he reaches has it. */
    public Peer connect(int port, List<String> serverNames, String... protocols) throws IOException {
        SSLSocket socket = (SSLSocket) trusting().getSocketFactory().createSocket("127.0.0.1", port);
        try {
            SSLParameters asked = socket.getSSLParameters();
            asked.setServerNames(serverNames.stream()
                    .map(name -> (SNIServerName) new SNIHostName(name))
                    .toList());
            asked.setApplicationProtocols(protocols);
            socket.setSSLParameters(asked);
            socket.setSoTimeout(Peer.PATIENCE_MILLIS);
            socket.startHandshake();
            return Peer.of(socket);
        } catch (IOException | RuntimeException notConnected) {
            socket.close();
            throw notConnected;
        }
    }

    /** An engine of a server that shows it, or of a client that trusts it. */
    public SSLEngine engine(boolean isClient) throws IOException {
        SSLEngine engine = (isClient ? trusting() : serving()).createSSLEngine();
        engine.setUseClientMode(isClient);
        return engine;
    }

    /** A context of a server that has it. */
    public SSLContext serving() {
        Path store = file.resolveSibling(host + ".p12");
        Program.run(
                openssl(),
                "pkcs12",
                "-export",
                "-in",
                file.toString(),
                "-inkey",
                key.toString(),
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

    /** A context of a client who trusts it, and nothing else. */
    public SSLContext trusting() throws IOException {
        try (InputStream pem = Files.newInputStream(file)) {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            trusted.setCertificateEntry(
                    host, CertificateFactory.getInstance("X.509").generateCertificate(pem));
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /**
     * A real s_server of openssl with this certificate on a free port.
     *
     * @param folder where it runs: {@code -WWW} serves the files that are there
     */
    public Program.Server serve(Path folder, String... options) {
        String openssl = openssl();
        return Program.startOnFreePort("ACCEPT", port -> {
            Stream<String> inFolder = Stream.of("sh", "-c", "cd \"$0\" && exec \"$@\"", folder.toString(), openssl);
            Stream<String> fixed = Stream.of(
                    "s_server", "-accept", "127.0.0.1:" + port, "-cert", file.toString(), "-key", key.toString());
            return Program.start(Stream.of(inFolder, fixed, Stream.of(options))
                    .flatMap(part -> part)
                    .toArray(String[]::new));
        });
    }
}
