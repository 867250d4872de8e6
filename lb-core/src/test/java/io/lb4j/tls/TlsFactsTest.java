package io.lb4j.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.testing.Certificate;
import io.lb4j.testing.Program;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TlsFactsTest {
    @TempDir
    Path folder;

    /** What is within another part is no name, whatever it looks like: backends go by it. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "/CN=client;client",
                "/C=AT/O=one/CN=client;client",
                "/CN=group/CN=client;client",
                "/CN=client/OU=one,CN=admin;client",
                "/CN=client/OU=one,CN=admin,O=two;client",
                "/CN=client/OU=one\\+CN=admin;client",
                "/CN=client/OU=one\\\\;client",
                "/OU=one+CN=client;client",
                "/CN=a,b;'a,b'",
                "/CN=a\\\\;a\\",
                "/OU=one,CN=admin;",
                "/OU=client;",
            })
    void peerName_isTheCommonName_andNothingThatLooksLikeIt(String subject, String expected) {
        Path chain = folder.resolve("client.crt");
        Path key = folder.resolve("client.key");
        String[] kind = {"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"};
        List<String> command = new ArrayList<>(List.of(Certificate.openssl()));
        command.addAll(List.of(kind));
        command.addAll(List.of("-subj", subject, "-keyout", key.toString(), "-out", chain.toString()));
        Program.run(command.toArray(String[]::new));
        TlsFacts facts = new TlsFacts(
                "TLSv1.3",
                "TLS_AES_128_GCM_SHA256",
                Optional.empty(),
                TlsIdentity.pem(chain, key).chain());
        assertThat(facts.peerName()).isEqualTo(Optional.ofNullable(expected));
    }
}
