package io.lb4j.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Somebody who signs certificates, made by a real openssl.
 *
 * @param folder where what it makes is
 * @param file its own certificate, in PEM
 * @param key its key, in PEM
 */
public record Authority(Path folder, Path file, Path key) {
    private static final String[] EC = {"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"};
    private static final String[] RSA = {"-newkey", "rsa:2048"};
    private static final int DAYS = 2;

    /** A new one; skips the test where there is no openssl. */
    public static Authority in(Path folder) {
        try {
            Path own = Files.createTempDirectory(folder, "authority");
            Authority made = new Authority(own, own.resolve("ca.crt"), own.resolve("ca.key"));
            made.request("authority", EC, made.key, made.file, "-x509", "-days", "" + DAYS);
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A certificate for these names, the first of which is its host's. */
    public Certificate sign(String... names) {
        return sign(EC, DAYS, names);
    }

    /** The same with a key of RSA. */
    public Certificate signRsa(String... names) {
        return sign(RSA, DAYS, names);
    }

    /** One that is not valid any more. */
    public Certificate signExpired(String... names) {
        return sign(EC, -1, names);
    }

    private Certificate sign(String[] kind, int days, String... names) {
        try {
            Path own = Files.createTempDirectory(folder, "certificate");
            Certificate made =
                    new Certificate(names[0], own.resolve(names[0] + ".crt"), own.resolve(names[0] + ".key"));
            Path request = own.resolve("request");
            String all = Arrays.stream(names).map(name -> "DNS:" + name).collect(Collectors.joining(","));
            request(names[0], kind, made.key(), request, "-addext", "subjectAltName=" + all);
            String[] signing = {"x509", "-req", "-in", request.toString(), "-copy_extensions", "copy"};
            openssl(signing, "-CA", file.toString(), "-CAkey", key.toString(), "-days", "" + days, "-out", made.file());
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void request(String name, String[] kind, Path newKey, Path out, String... options) {
        List<Object> command = new ArrayList<>(List.of(kind));
        command.addAll(List.of("-nodes", "-subj", "/CN=" + name, "-keyout", newKey, "-out", out));
        command.addAll(List.of(options));
        openssl(new String[] {"req"}, command.toArray());
    }

    private static void openssl(String[] begin, Object... options) {
        List<String> command = new ArrayList<>(List.of(Certificate.openssl()));
        command.addAll(List.of(begin));
        Arrays.stream(options).map(Object::toString).forEach(command::add);
        Program.run(command.toArray(String[]::new));
    }
}
