package io.lb4j.examples.demo;

import io.lb4j.FrontendBuilder;
import io.lb4j.tls.ClientCertificate;
import io.lb4j.tls.FrontendTlsBuilder;
import io.lb4j.tls.Trust;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** The flags that say how TLS is spoken with clients, at every port. */
final class TlsFlags {
    private static final String CERTIFICATE = "--tls-cert";
    private static final String KEY = "--tls-key";
    private static final String CLIENT_CA = "--tls-client-ca";

    @Option(
            names = CERTIFICATE,
            paramLabel = "FILE",
            description = {
                "TLS is spoken with clients, who are shown this certificate (PEM). Repeat, each with its --tls-key, for more:"
                        + " each client is shown the one for the name he asks for, or the first. The files are read again when they"
                        + " change. A pair to try things with:",
                "  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=localhost"
                        + " -addext subjectAltName=DNS:localhost -keyout site.key -out site.crt"
            })
    private List<Path> certificates = new ArrayList<>();

    @Option(
            names = KEY,
            paramLabel = "FILE",
            description =
                    "The key of the --tls-cert before it (PEM, PKCS#8, not encrypted). Without any, the keys are in the"
                            + " same files as their certificates")
    private List<Path> keys = new ArrayList<>();

    @Option(
            names = CLIENT_CA,
            paramLabel = "FILE",
            description =
                    "Clients have to show a certificate that one of these (PEM) vouches for. Default: they are not asked")
    private Path clientCa;

    void apply(FrontendBuilder frontend, Flags flags) {
        if (!keys.isEmpty() && keys.size() != certificates.size()) {
            throw flags.wrong(
                    certificates.size() + " " + CERTIFICATE + " and " + keys.size() + " " + KEY
                            + " (expected: one for each)",
                    null);
        }
        if (certificates.isEmpty()) {
            flags.set(CLIENT_CA, clientCa, unused -> {
                throw new IllegalArgumentException(
                        "no TLS is spoken with clients (expected: " + CERTIFICATE + " as well)");
            });
            return;
        }
        flags.set(CERTIFICATE, certificates, all -> frontend.tls(this::set));
    }

    private void set(FrontendTlsBuilder tls) {
        for (int i = 0; i < certificates.size(); i++) {
            tls.certificateFiles(certificates.get(i), keys.isEmpty() ? certificates.get(i) : keys.get(i));
        }
        if (clientCa != null) {
            tls.clientCertificate(ClientCertificate.REQUIRED, Trust.pem(clientCa));
        }
    }
}
