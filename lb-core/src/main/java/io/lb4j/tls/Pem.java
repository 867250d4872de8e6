package io.lb4j.tls;

import io.lb4j.internal.util.Checks;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** The blocks of a file in PEM (RFC 7468). What stands between them is explanation, and passed over. */
record Pem(Path file, List<Block> blocks) {
    private static final String BEGIN = "-----BEGIN ";
    private static final String END = "-----END ";
    private static final String DASHES = "-----";

    /** @param label what it says it is */
    record Block(Path file, String label, String base64) {
        /** @throws IllegalArgumentException when it is broken */
        byte[] content() {
            try {
                // Not the MIME decoder, which passes over whatever it does not know.
                return Base64.getDecoder().decode(base64.replaceAll("\\s", ""));
            } catch (IllegalArgumentException broken) {
                throw new IllegalArgumentException(file + ": " + label + ": no base64: " + broken.getMessage(), broken);
            }
        }
    }

    /** @throws IllegalArgumentException when the file cannot be read, or a block in it has no end */
    static Pem read(Path file) {
        String text = new String(bytes(file), StandardCharsets.ISO_8859_1);
        List<Block> blocks = new ArrayList<>();
        int next = 0;
        for (int begin = text.indexOf(BEGIN); begin >= 0; begin = text.indexOf(BEGIN, next)) {
            int named = text.indexOf(DASHES, begin + BEGIN.length());
            String label = named < 0 ? "" : text.substring(begin + BEGIN.length(), named);
            String last = END + label + DASHES;
            int end = text.indexOf(last, begin);
            if (named < 0 || end < 0) {
                throw new IllegalArgumentException(
                        file + ": the block " + (blocks.size() + 1) + ", " + label + ", has no end");
            }
            blocks.add(new Block(file, label, text.substring(named + DASHES.length(), end)));
            next = end + last.length();
        }
        return new Pem(file, blocks);
    }

    /** @throws IllegalArgumentException when it cannot be read */
    static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(Checks.notNull("file", file));
        } catch (NoSuchFileException missing) {
            throw new IllegalArgumentException(file + ": there is no such file", missing);
        } catch (IOException unreadable) {
            throw new IllegalArgumentException(file + ": cannot be read: " + unreadable, unreadable);
        }
    }

    /**
     * All certificates, in their order; not empty.
     *
     * @throws IllegalArgumentException when there are none, or one of them cannot be read
     */
    List<X509Certificate> certificates() {
        List<X509Certificate> certificates = new ArrayList<>();
        for (Block block : blocks) {
            if (block.label().equals("CERTIFICATE")) {
                certificates.add(certificate(block.content(), certificates.size() + 1));
            }
        }
        if (certificates.isEmpty()) {
            throw new IllegalArgumentException(file + ": no certificate (expected: PEM with BEGIN CERTIFICATE, found: "
                    + (blocks.isEmpty() ? "nothing in PEM" : labels()) + ")");
        }
        return List.copyOf(certificates);
    }

    private X509Certificate certificate(byte[] content, int number) {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(content));
        } catch (CertificateException broken) {
            throw new IllegalArgumentException(
                    file + ": certificate " + number + " cannot be read: " + broken.getMessage(), broken);
        }
    }

    List<String> labels() {
        return blocks.stream().map(Block::label).toList();
    }
}
