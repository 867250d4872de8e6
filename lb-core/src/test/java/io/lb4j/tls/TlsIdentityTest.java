package io.lb4j.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.testing.Certificate;
import io.lb4j.testing.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files as a real openssl writes them, and as they must not be. */
class TlsIdentityTest {
    @TempDir
    Path folder;

    private Path file(String name) {
        return folder.resolve(name);
    }

    private void openssl(String... arguments) {
        List<String> command = new ArrayList<>(List.of(Certificate.openssl()));
        command.addAll(List.of(arguments));
        Program.run(command.toArray(String[]::new));
    }

    private TlsIdentity made(String... kind) {
        List<String> command = new ArrayList<>(List.of("req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=made"));
        command.addAll(List.of(kind));
        command.addAll(
                List.of("-keyout", file("key").toString(), "-out", file("crt").toString()));
        openssl(command.toArray(String[]::new));
        return TlsIdentity.pem(file("crt"), file("key"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-newkey rsa:2048",
                "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1",
                "-newkey ec -pkeyopt ec_paramgen_curve:secp384r1",
                "-newkey ed25519",
                "-newkey ed448"
            })
    void pem_ofEachKind_isRead(String kind) {
        TlsIdentity identity = made(kind.split(" "));
        assertThat(identity.certificate().getSubjectX500Principal().getName()).isEqualTo("CN=made");
        assertThat(identity.chain()).hasSize(1);
        assertThat(identity.keyManagers()).isNotEmpty();
        assertThat(identity.toString()).startsWith("CN=made, valid until 20");
    }

    @Test
    void pem_ofOneFileWithBoth_isRead() throws IOException {
        Certificate pair = Certificate.of(folder, "one");
        Path both = Files.writeString(
                file("both"), "what it is for\n" + Files.readString(pair.key()) + Files.readString(pair.file()));
        assertThat(TlsIdentity.pem(both, both).chain()).hasSize(1);
    }

    @Test
    void pem_ofAChain_keepsItsOrder_andTheKeysOwnHasToBeFirst() throws IOException {
        Certificate leaf = Certificate.of(folder, "leaf");
        Certificate root = Certificate.of(folder, "root");
        Path chain = Files.writeString(file("chain"), Files.readString(leaf.file()) + Files.readString(root.file()));
        assertThat(TlsIdentity.pem(chain, leaf.key()).chain())
                .extracting(each -> each.getSubjectX500Principal().getName())
                .containsExactly("CN=leaf", "CN=root");
        assertThatThrownBy(() -> TlsIdentity.pem(chain, root.key()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(chain + ": the key is that of certificate 2, which has to come first");
    }

    @Test
    void pem_ofAnothersKey_isRefused() {
        Certificate one = Certificate.of(folder, "one");
        Certificate other = Certificate.of(folder, "other");
        assertThatThrownBy(() -> TlsIdentity.pem(one.file(), other.key()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(one.file() + ": the key is not that of the certificate, CN=one");
        made("-newkey", "rsa:2048");
        assertThatThrownBy(() -> TlsIdentity.pem(one.file(), file("key")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(file("key") + ": no EC key, and the certificate has one");
    }

    @ParameterizedTest
    @CsvSource({
        "rsa -in key -traditional, RSA PRIVATE KEY",
        "pkcs8 -topk8 -in key -passout pass:secret, ENCRYPTED PRIVATE KEY",
        "rsa -in key -traditional -aes128 -passout pass:secret, RSA PRIVATE KEY"
    })
    void pem_ofAKeyOfAnotherForm_saysWhatMakesTheRightOne(String conversion, String label) {
        made("-newkey", "rsa:2048");
        openssl((conversion.replace(" key", " " + file("key")) + " -out " + file("other")).split(" "));
        assertThatThrownBy(() -> TlsIdentity.pem(file("crt"), file("other")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(file("other") + ": " + label + " (expected: an unencrypted key in PKCS#8;"
                        + " openssl pkcs8 -topk8 -nocrypt -in other makes one)");
        openssl(
                "pkcs8",
                "-topk8",
                "-nocrypt",
                "-in",
                file("key").toString(),
                "-out",
                file("right").toString());
        assertThat(TlsIdentity.pem(file("crt"), file("right")).chain()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|no certificate (expected: PEM with BEGIN CERTIFICATE, found: nothing in PEM)",
                "not PEM at all|no certificate (expected: PEM with BEGIN CERTIFICATE, found: nothing in PEM)",
                "-----BEGIN CERTIFICATE-----|the block 1, CERTIFICATE, has no end",
                "-----BEGIN CERTIFICATE|the block 1, , has no end",
                "-----BEGIN CERTIFICATE-----!!-----END CERTIFICATE-----|CERTIFICATE: no base64: Illegal base64",
                "-----BEGIN CERTIFICATE-----AAAA-----END CERTIFICATE-----|certificate 1 cannot be read: ",
                "-----BEGIN X509 CRL-----AAAA-----END X509 CRL-----|no certificate (expected: PEM with BEGIN CERTIFICATE,"
                        + " found: [X509 CRL])"
            })
    void pem_ofSomethingElse_isRefused(String content, String message) throws IOException {
        Path wrong = Files.writeString(file("wrong"), content);
        assertThatThrownBy(() -> Trust.pem(wrong))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(wrong + ": " + message);
        assertThatThrownBy(() -> TlsIdentity.pem(wrong, wrong)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void pem_withoutAFile_orAKey_isRefused() {
        Certificate one = Certificate.of(folder, "one");
        assertThatThrownBy(() -> TlsIdentity.pem(one.file(), file("none")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(file("none") + ": there is no such file");
        assertThatThrownBy(() -> TlsIdentity.pem(one.file(), folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(folder + ": cannot be read: ");
        assertThatThrownBy(() -> TlsIdentity.pem(one.file(), one.file()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(one.file() + ": no key (expected: PEM with BEGIN PRIVATE KEY, found: [CERTIFICATE])");
    }

    @Test
    void pkcs12_isRead_withItsPasswordAlone() {
        Certificate one = Certificate.of(folder, "one");
        String[] made = {
            "pkcs12",
            "-export",
            "-in",
            one.file().toString(),
            "-inkey",
            one.key().toString()
        };
        List<String> command = new ArrayList<>(List.of(made));
        command.addAll(List.of("-passout", "pass:secret", "-out", file("p12").toString()));
        openssl(command.toArray(String[]::new));
        assertThat(TlsIdentity.pkcs12(file("p12"), "secret".toCharArray()).certificate())
                .isEqualTo(TlsIdentity.pem(one.file(), one.key()).certificate());
        assertThatThrownBy(() -> TlsIdentity.pkcs12(file("p12"), "other".toCharArray()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(file("p12") + ": no PKCS#12, or another password: ");
        assertThatThrownBy(() -> TlsIdentity.pkcs12(one.file(), "secret".toCharArray()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(one.file() + ": no PKCS#12");
    }

    @Test
    void pkcs12_withoutAKey_isRefused() {
        Certificate one = Certificate.of(folder, "one");
        String[] made = {"pkcs12", "-export", "-nokeys", "-in", one.file().toString(), "-passout", "pass:secret"};
        List<String> command = new ArrayList<>(List.of(made));
        command.addAll(List.of("-out", file("p12").toString()));
        openssl(command.toArray(String[]::new));
        assertThatThrownBy(() -> TlsIdentity.pkcs12(file("p12"), "secret".toCharArray()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(file("p12") + ": 0 keys (expected: one)");
    }
}
