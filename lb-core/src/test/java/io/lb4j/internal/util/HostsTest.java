package io.lb4j.internal.util;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Random;
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

    /** Given and spelled as in RFC 5952, each rule with what lies on both sides of it. */
    @ParameterizedTest
    @CsvSource({
        "0:0:0:0:0:0:0:0, ::",
        "0:0:0:0:0:0:0:1, ::1",
        "1:0:0:0:0:0:0:0, 1::",
        "fe80:0:0:0:0:0:0:2, fe80::2",
        "2001:0DB8:0000:0000:0000:0000:0000:00AB, 2001:db8::ab",
        "2001:db8:a:b:c:d:e:f, 2001:db8:a:b:c:d:e:f",
        // one group alone stays, wherever it is
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "2001:db8::1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "0:1:1:1:1:1:1:1, 0:1:1:1:1:1:1:1",
        "1:1:1:1:1:1:1:0, 1:1:1:1:1:1:1:0",
        "1:0:1:0:1:0:1:0, 1:0:1:0:1:0:1:0",
        // the longest run, and the first of those as long
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
        "0:0:1:0:0:0:1:1, 0:0:1::1:1",
        "0:0:1:1:0:0:1:1, ::1:1:0:0:1:1",
        "1:1:0:0:1:1:0:0, 1:1::1:1:0:0",
        "1:1:1:1:1:1:0:0, 1:1:1:1:1:1::",
        "0:0:1:1:1:1:1:1, ::1:1:1:1:1:1",
        // a mapped IPv4 address, and what only looks like one
        "::FFFF:10.1.2.3, ::ffff:10.1.2.3",
        "0:0:0:0:0:ffff:0a01:0203, ::ffff:10.1.2.3",
        "::10.1.2.3, ::a01:203",
        "::fffe:10.1.2.3, ::fffe:a01:203",
        "1::ffff:10.1.2.3, 1::ffff:a01:203",
        "::ffff:0:10.1.2.3, ::ffff:0:a01:203",
        "64:ff9b::10.1.2.3, 64:ff9b::a01:203",
        // a scope is kept as it was given
        "fe80:0:0:0:0:0:0:1%1, fe80::1%1",
        "[FE80:0:0:0:0:0:0:1%1], fe80::1%1",
        "[::1], ::1"
    })
    void ipv6_inAnySpelling_isSpelledInOneWay(String given, String expected) {
        assertThat(Hosts.withoutBrackets(given)).isEqualTo(expected);
        assertThat(Hosts.withoutBrackets(expected)).isEqualTo(expected);
    }

    @Test
    void ipv6_anyAddress_isTheSameAddressInItsSpelling() throws UnknownHostException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[16];
            for (int at = 0; at < 16; at++) {
                // Mostly zeros, so that there are runs.
                bytes[at] = random.nextInt(4) == 0 ? (byte) random.nextInt(256) : 0;
            }
            InetAddress address = Inet6Address.getByAddress(null, bytes, -1);
            String text = Hosts.text(address);
            assertThat(Hosts.literal(text).getAddress())
                    .as("seed " + seed + ", " + text)
                    .isEqualTo(bytes);
            assertThat(Hosts.withoutBrackets(text)).isEqualTo(text);
            assertThat(Hosts.withoutBrackets(address.getHostAddress())).isEqualTo(text);
        }
    }

    @Test
    void text_ofAnAddress_isItsOneSpelling() throws UnknownHostException {
        byte[] linkLocal = InetAddress.getByName("fe80::1").getAddress();
        assertThat(Hosts.text(InetAddress.getByName("fd00:0:0::1"))).isEqualTo("fd00::1");
        assertThat(Hosts.text(Inet6Address.getByAddress(null, linkLocal, 7))).isEqualTo("fe80::1%7");
        assertThat(Hosts.text(InetAddress.getByName("10.1.2.3"))).isEqualTo("10.1.2.3");
        byte[] mapped = new byte[16];
        mapped[10] = mapped[11] = (byte) 0xff;
        mapped[15] = 9;
        assertThat(Hosts.text(Inet6Address.getByAddress(null, mapped, -1))).isEqualTo("::ffff:0.0.0.9");
    }

    @Test
    void join_ipv6_getsBrackets() throws UnknownHostException {
        assertThat(Hosts.join("10.0.0.1", 80)).isEqualTo("10.0.0.1:80");
        assertThat(Hosts.join("::1", 80)).isEqualTo("[::1]:80");
        assertThat(Hosts.join(new InetSocketAddress(InetAddress.getByName("::1"), 80)))
                .isEqualTo("[::1]:80");
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
