package io.lb4j.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lb4j.examples.Http;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.ParameterException;

/** The demo with the flags of TLS: one that speaks it with its clients, and one before it that speaks it to its backend. */
class DemoTlsTest {
    @TempDir
    Path folder;

    private Path certificate;
    private Path key;

    /** By the line that the help gives. */
    @BeforeEach
    void makePair() throws IOException, InterruptedException {
        certificate = folder.resolve("site.crt");
        key = folder.resolve("site.key");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/openssl")), "openssl is not installed");
        Process openssl = new ProcessBuilder(
                        ("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
                                        + " -days 30 -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout "
                                        + key
                                        + " -out " + certificate)
                                .split(" "))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(openssl.waitFor()).isZero();
    }

    private static RunningDemo start(String... flags) throws IOException {
        List<String> args = new ArrayList<>(List.of("--no-admin", "--listen=0"));
        args.addAll(List.of(flags));
        return DemoTest.start(List.of(0), args.toArray(String[]::new));
    }

    @Test
    void tls_fromClients_andToBackends() throws IOException {
        try (RunningDemo secure = start("--tls-cert=" + certificate, "--tls-key=" + key);
                RunningDemo before = DemoTest.start(
                        List.of(),
                        "--no-admin",
                        "--listen=0",
                        "--backend=127.0.0.1:" + secure.balancer().port() + ",tls=localhost,ca=" + certificate)) {
            try (Socket client = new Socket("127.0.0.1", before.balancer().port())) {
                assertThat(Http.get(client))
                        .isEqualTo(String.valueOf(secure.embedded().get(0).port()));
            }
            assertThat(secure.description())
                    .contains("curl -k https://127.0.0.1:" + secure.balancer().port() + "/");
            assertThat(before.description()).contains(", TLS verified as localhost");
        }
    }

    @Test
    void mistakes_areNamed() {
        assertThatExceptionOfType(ParameterException.class)
                .isThrownBy(() -> start("--tls-client-ca=" + certificate))
                .withMessage(
                        "Invalid value for option '--tls-client-ca': no TLS is spoken with clients (expected: --tls-cert as"
                                + " well)");
        assertThatExceptionOfType(ParameterException.class)
                .isThrownBy(() -> start("--tls-cert=" + certificate, "--tls-cert=" + certificate, "--tls-key=" + key))
                .withMessage("2 --tls-cert and 1 --tls-key (expected: one for each)");
        assertThatExceptionOfType(ParameterException.class)
                .isThrownBy(() -> start("--tls-cert=" + certificate))
                .withMessageContaining("Invalid value for option '--tls-cert'")
                .withMessageContaining("no key");
        assertThatExceptionOfType(ParameterException.class)
                .isThrownBy(() -> start("--backend=127.0.0.1:1,ca=" + certificate))
                .withMessageContaining("[,tls[=NAME][,ca=FILE]]");
    }
}
