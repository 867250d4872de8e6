package io.lb4j.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.backend.Backend;
import io.lb4j.testing.ChildJvm;
import io.lb4j.testing.child.DiscoveryProgram;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names and addresses, without asking a name server (catalogue, C12). */
class DnsDiscoveryTest {
    @Test
    void addresses_inAnyOrder_areTheSameSortedBackends() throws IOException {
        List<InetAddress> addresses = new ArrayList<>();
        for (String address : List.of("fd00::2", "10.0.0.10", "::1", "200.0.0.1", "10.0.0.9", "10.0.0.9", "fd00::2")) {
            addresses.add(InetAddress.getByName(address));
        }
        List<Backend> expected = List.of(
                Backend.of("10.0.0.9", 80),
                Backend.of("10.0.0.10", 80),
                Backend.of("200.0.0.1", 80),
                Backend.of("::1", 80),
                Backend.of("fd00::2", 80));
        for (int i = 0; i < addresses.size(); i++) {
            Collections.rotate(addresses, 1);
            assertThat(DnsDiscovery.backends(addresses, 80)).isEqualTo(expected);
        }
        assertThat(expected.get(4).id()).isEqualTo("[fd00::2]:80");
    }

    @Test
    void name_ofThisMachine_isLookedUpAsTheMachineDoes() throws Exception {
        BackendDiscovery discovery = BackendDiscovery.dns("localhost", 9000);
        assertThat(discovery.discover()).contains(Backend.of("127.0.0.1", 9000));
        assertThat(discovery).hasToString("dns(localhost:9000)");
    }

    @Test
    void name_unknown_isAFailureThatNamesIt() {
        BackendDiscovery discovery = BackendDiscovery.dns("no-such-host.invalid", 9000);
        assertThatThrownBy(discovery::discover)
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("cannot look up a host: no-such-host.invalid");
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.1", "::1", "[::1]"})
    void address_isItsOwnAnswer_withoutAskingAnyone(String address) throws Exception {
        // Nobody listens on port 1.
        List<Backend> backends =
                BackendDiscovery.dns(address, 9000, "127.0.0.1", 1).discover();
        assertThat(backends)
                .isEqualTo(BackendDiscovery.dns(address, 9000).discover())
                .hasSize(1);
    }

    @Test
    void descriptions_sayWhatIsAskedAndWho() {
        assertThat(BackendDiscovery.dns("a.test", 80, "::1", 53)).hasToString("dns(a.test:80 at [::1]:53)");
        assertThat(BackendDiscovery.dnsSrv("_x._tcp.test")).hasToString("dnsSrv(_x._tcp.test)");
        assertThat(BackendDiscovery.dnsSrv("_x._tcp.test.", "ns.test", 5353))
                .hasToString("dnsSrv(_x._tcp.test. at ns.test:5353)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a/b", "a\"b", "a\\b", "a..b", ".a", "b\u00e4r.test", "a:b", "dns://x", "a,b"})
    void names_thatNobodyCanAskFor_areRefusedOnTheirLine(String wrong) {
        assertThatThrownBy(() -> BackendDiscovery.dnsSrv(wrong))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("name: \"");
        assertThatThrownBy(() -> BackendDiscovery.dns(wrong, 80, "127.0.0.1", 53))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> BackendDiscovery.dnsSrv("a.test", wrong, 53))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void names_thatAreTooLong_areRefused() {
        String label = "a".repeat(63);
        BackendDiscovery.dnsSrv(label + "." + label);
        assertThatThrownBy(() -> BackendDiscovery.dnsSrv("a".repeat(64) + ".test"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> BackendDiscovery.dnsSrv((label + ".").repeat(4)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void ports_outOfRange_areRefused() {
        assertThatThrownBy(() -> BackendDiscovery.dns("a.test", 0)).hasMessage("backend port: 0 (expected: 1..65535)");
        assertThatThrownBy(() -> BackendDiscovery.dns("a.test", 80, "127.0.0.1", 65536))
                .hasMessage("name server port: 65536 (expected: 1..65535)");
        assertThatThrownBy(() -> BackendDiscovery.dnsSrv("a.test", "127.0.0.1", 0))
                .hasMessage("name server port: 0 (expected: 1..65535)");
    }

    @Test
    void runtime_withoutJndi_hasEverythingElse() {
        try (ChildJvm child = ChildJvm.running(DiscoveryProgram.class)
                .option("--limit-modules=java.base,jdk.net")
                .start()) {
            String missing = "java.lang.IllegalStateException: DNS records: this runtime has no module jdk.naming.dns"
                    + " (expected: --add-modules jdk.naming.dns, for java or for jlink)";
            assertThat(child.line()).isEqualTo("dns(127.0.0.1:9000) [127.0.0.1:9000]");
            assertThat(child.line()).isEqualTo(missing);
            assertThat(child.line()).isEqualTo(missing);
        }
    }
}
