package io.lb4j.tls;

import io.lb4j.internal.util.Checks;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Two files with an identity, as {@link TlsIdentity#pem} takes them.
 *
 * @param chain certificates
 * @param key the key of the first one
 */
public record PemFiles(Path chain, Path key) {
    /** Files at these places, from the directory of the process on. */
    public PemFiles {
        chain = Checks.notNull("chain", chain).toAbsolutePath();
        key = Checks.notNull("key", key).toAbsolutePath();
    }

    /**
     * What is in them now.
     *
     * @throws IllegalArgumentException as {@link TlsIdentity#pem}
     */
    public TlsIdentity read() {
        return TlsIdentity.pem(chain, key);
    }

    /**
     * For the library itself: what is written in them, to be compared.
     *
     * @throws IllegalArgumentException when one of them cannot be read
     * @hidden
     */
    public String text() {
        return new String(Pem.bytes(chain), StandardCharsets.ISO_8859_1)
                + new String(Pem.bytes(key), StandardCharsets.ISO_8859_1);
    }

    @Override
    public String toString() {
        return chain + " and " + key;
    }
}
