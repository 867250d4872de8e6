package io.lb4j.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Whose certificates are believed. Immutable. */
public final class Trust {
    private final TrustManager[] managers;
    private final List<X509Certificate> certificates;
    private final String text;

    private Trust(@Nullable KeyStore trusted, List<X509Certificate> certificates, String text) {
        this.certificates = certificates;
        try {
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(trusted);
            managers = factory.getTrustManagers();
        } catch (GeneralSecurityException unusable) {
            throw new IllegalStateException("no trust manager can be made of " + text, unusable);
        }
        this.text = text;
    }

    /**
     * What the JVM trusts: the public authorities, unless {@code javax.net.ssl.trustStore} says otherwise.
     *
     * @throws IllegalStateException when the JVM's trust store cannot be read
     */
    public static Trust system() {
        return new Trust(null, List.of(), "system");
    }

    /**
     * The certificates in these files, in PEM (RFC 7468), and what they vouch for. A server's own certificate may be among
     * them.
     *
     * @throws IllegalArgumentException when there is no file, one cannot be read, or holds no certificate
     */
    public static Trust pem(Path... files) {
        List<X509Certificate> certificates = Arrays.stream(files)
                .flatMap(file -> Pem.read(file).certificates().stream())
                .toList();
        return of(certificates.toArray(X509Certificate[]::new));
    }

    /**
     * These certificates, and what they vouch for.
     *
     * @throws IllegalArgumentException when there are none
     */
    public static Trust of(X509Certificate... certificates) {
        if (certificates.length == 0) {
            throw new IllegalArgumentException("trust: no certificate (expected: one at least)");
        }
        try {
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            for (int i = 0; i < certificates.length; i++) {
                trusted.setCertificateEntry("trusted-" + i, certificates[i]);
            }
            return new Trust(
                    trusted,
                    List.of(certificates),
                    certificates.length + (certificates.length == 1 ? " certificate" : " certificates"));
        } catch (IOException | GeneralSecurityException impossible) {
            throw new IllegalStateException("no trust store can be made", impossible);
        }
    }

    TrustManager[] managers() {
        return managers.clone();
    }

    /** Two are equal when the certificates are. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Trust that && certificates.equals(that.certificates);
    }

    @Override
    public int hashCode() {
        return certificates.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
