package io.lb4j.tls;

import io.lb4j.internal.util.Checks;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;

/**
 * Who one is in TLS: a private key and the certificate of its public one, with those that vouch for it. Immutable.
 *
 * <p>A pair to try things with: {@code openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30
 * -subj /CN=client -keyout client.key -out client.crt}.
 */
public final class TlsIdentity {
    private static final char[] IN_MEMORY = {};
    private static final byte[] SIGNED = {1};

    private final PrivateKey key;
    private final List<X509Certificate> chain;

    private TlsIdentity(PrivateKey key, List<X509Certificate> chain) {
        this.key = key;
        this.chain = chain;
    }

    /**
     * Of a key that is at hand, which may be one that never leaves its device.
     *
     * @param chain the key's own certificate, then the one that vouches for it, and so on; the root may be left out
     * @throws IllegalArgumentException when the chain is empty, or its first certificate is not the key's
     */
    public static TlsIdentity of(PrivateKey key, X509Certificate... chain) {
        return checked("chain", Checks.notNull("key", key), List.of(chain));
    }

    /**
     * Of two files in PEM (RFC 7468), as certbot and openssl write them, or of one that holds both.
     *
     * @param chain certificates, in the order of {@link #of}
     * @param key an unencrypted key in PKCS#8 (BEGIN PRIVATE KEY): RSA, EC, Ed25519 or Ed448
     * @throws IllegalArgumentException when one of them cannot be read, holds something else, or the key is not that of the
     *     first certificate
     */
    public static TlsIdentity pem(Path chain, Path key) {
        List<X509Certificate> certificates = Pem.read(chain).certificates();
        return checked(
                chain.toString(), privateKey(Pem.read(key), certificates.get(0).getPublicKey()), certificates);
    }

    /**
     * Of a file in PKCS#12 (RFC 7292), with one key in it.
     *
     * @param password of the file and of the key; not kept
     * @throws IllegalArgumentException when it cannot be read, the password is another one, or it holds no key or several
     */
    public static TlsIdentity pkcs12(Path file, char[] password) {
        byte[] content = Pem.bytes(file);
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(new ByteArrayInputStream(content), password);
            List<String> keys = Collections.list(store.aliases()).stream()
                    .filter(alias -> isKey(store, alias))
                    .toList();
            if (keys.size() != 1) {
                throw new IllegalArgumentException(file + ": " + keys.size() + " keys (expected: one)");
            }
            Key key = store.getKey(keys.get(0), password);
            Certificate[] chain = store.getCertificateChain(keys.get(0));
            return checked(
                    file.toString(),
                    (PrivateKey) key,
                    Arrays.stream(chain).map(X509Certificate.class::cast).toList());
        } catch (IOException | GeneralSecurityException notRead) {
            throw new IllegalArgumentException(
                    file + ": no PKCS#12, or another password: " + notRead.getMessage(), notRead);
        }
    }

    private static boolean isKey(KeyStore store, String alias) {
        try {
            return store.isKeyEntry(alias);
        } catch (GeneralSecurityException notLoaded) {
            throw new IllegalStateException(notLoaded);
        }
    }

    private static PrivateKey privateKey(Pem pem, PublicKey partner) {
        Pem.Block block = pem.blocks().stream()
                .filter(each -> each.label().endsWith("PRIVATE KEY"))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        pem.file() + ": no key (expected: PEM with BEGIN PRIVATE KEY, found: " + pem.labels() + ")"));
        if (!block.label().equals("PRIVATE KEY")) {
            throw new IllegalArgumentException(pem.file() + ": " + block.label()
                    + " (expected: an unencrypted key in PKCS#8; openssl pkcs8 -topk8 -nocrypt -in "
                    + pem.file().getFileName() + " makes one)");
        }
        try {
            return KeyFactory.getInstance(partner.getAlgorithm())
                    .generatePrivate(new PKCS8EncodedKeySpec(block.content()));
        } catch (InvalidKeySpecException other) {
            throw new IllegalArgumentException(
                    pem.file() + ": no " + partner.getAlgorithm() + " key, and the certificate has one", other);
        } catch (GeneralSecurityException unknown) {
            throw new IllegalArgumentException(
                    pem.file() + ": a key that this JVM does not know: " + partner.getAlgorithm(), unknown);
        }
    }

    private static TlsIdentity checked(String where, PrivateKey key, List<X509Certificate> chain) {
        if (chain.isEmpty()) {
            throw new IllegalArgumentException(where + ": no certificate");
        }
        for (int i = 0; i < chain.size(); i++) {
            if (belongTogether(key, chain.get(i).getPublicKey())) {
                if (i > 0) {
                    throw new IllegalArgumentException(
                            where + ": the key is that of certificate " + (i + 1) + ", which has to come first");
                }
                return new TlsIdentity(key, chain);
            }
        }
        throw new IllegalArgumentException(where + ": the key is not that of the certificate, "
                + chain.get(0).getSubjectX500Principal());
    }

    private static boolean belongTogether(PrivateKey key, PublicKey partner) {
        if (key instanceof RSAKey one && partner instanceof RSAKey other) {
            return one.getModulus().equals(other.getModulus());
        }
        try {
            Signature signature = Signature.getInstance(signatureOf(partner.getAlgorithm()));
            signature.initSign(key);
            signature.update(SIGNED);
            byte[] signed = signature.sign();
            signature.initVerify(partner);
            signature.update(SIGNED);
            return signature.verify(signed);
        } catch (GeneralSecurityException ofAnotherKind) {
            return false;
        }
    }

    private static String signatureOf(String algorithm) {
        return switch (algorithm) {
            case "EC" -> "SHA256withECDSA";
            case "RSA" -> "SHA256withRSA";
            default -> algorithm;
        };
    }

    /** Its own certificate. */
    public X509Certificate certificate() {
        return chain.get(0);
    }

    /** Its own certificate, and those that vouch for it; unmodifiable. */
    public List<X509Certificate> chain() {
        return chain;
    }

    PrivateKey key() {
        return key;
    }

    KeyManager[] keyManagers() {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("identity", key, IN_MEMORY, chain.toArray(Certificate[]::new));
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, IN_MEMORY);
            return factory.getKeyManagers();
        } catch (IOException | GeneralSecurityException impossible) {
            throw new IllegalStateException("no key manager can be made", impossible);
        }
    }

    /** Two are equal when their chains are, and so their keys. */
    @Override
    public boolean equals(Object other) {
        return other instanceof TlsIdentity that && chain.equals(that.chain);
    }

    @Override
    public int hashCode() {
        return chain.hashCode();
    }

    /** Whose, and until when; nothing of the key. */
    @Override
    public String toString() {
        return certificate().getSubjectX500Principal() + ", valid until "
                + certificate().getNotAfter().toInstant();
    }
}
