package io.lb4j.internal.util;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostsTest {
    @ParameterizedTest
    @CsvSource({
        "10.1.2.3, 10.1.2.3",
        "0.0.0.0, 0.0.0.0",
        "255.255.255.255, 255.255.255.255",
        "::1, 0:0:0:0:0:0:0:1",
        "::ffff:10.1.2.3, 10.1.2.3"
    })
    void literal_ofAnAddress_isThatAddress(String host, String address) {
        assertThat(Hosts.literal(host)).isNotNull();
        assertThat(Hosts.literal(host).getHostAddress()).isEqualTo(address);
    }

    /** J20: the JDK takes most of these for an address, and each reader of them for another one. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "010.1.2.3",
                "10.1",
                "10.1.515",
                "167838211",
                "0x0a.1.2.3",
                "10.1.2.256",
                "10.1.2.3.4",
                "10.1.2.",
                ".1.2.3",
                "10.1.2.-3",
                "10.1.2.+3",
                "10.1.2.00",
                "10.1.2.\u0663",
                "localhost",
                ":::",
                "::1%no-such-interface"
            })
    void literal_ofAnythingElse_isNoAddress(String host) {
        assertThat(Hosts.literal(host)).isNull();
    }

    @Test
    void join_ipv6_getsBrackets() throws UnknownHostException {
        assertThat(Hosts.join("10.0.0.1", 80)).isEqualTo("10.0.0.1:80");
        assertThat(Hosts.join("::1", 80)).isEqualTo("[::1]:80");
        assertThat(Hosts.join(new InetSocketAddress(InetAddress.getByName("::1"), 80)))
                .isEqualTo("[0:0:0:0:0:0:0:1]:80");
        assertThat(Hosts.join(InetSocketAddress.createUnresolved("name", 80))).isEqualTo("name:80");
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 127.0.0.1, true",
        "127.0.0.2, 127.0.0.1, false",
        "127.0.0.2, 0.0.0.0, true",
        "0.0.0.0, 127.0.0.1, true",
        "::1, 0.0.0.0, true",
        "::1, ::, true",
        "192.0.2.1, 0.0.0.0, false",
        "192.0.2.1, 192.0.2.1, true"
    })
    void reaches_sameHost_dependsOnWhatIsBound(String address, String bound, boolean reached)
            throws UnknownHostException {
        InetSocketAddress listener = new InetSocketAddress(InetAddress.getByName(bound), 80);
        InetAddress from = InetAddress.getByName(address);
        assertThat(Hosts.reaches(from, 80, listener)).isEqualTo(reached);
        assertThat(Hosts.reaches(from, 81, listener)).isFalse();
    }
}
