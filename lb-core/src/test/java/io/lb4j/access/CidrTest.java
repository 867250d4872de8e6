package io.lb4j.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CidrTest {
    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.0.0.0/8",
        "0.0.0.0/0, 0.0.0.0/0",
        "255.255.255.255/32, 255.255.255.255/32",
        "255.255.255.255, 255.255.255.255/32",
        "128.0.0.0/1, 128.0.0.0/1",
        "192.168.1.7, 192.168.1.7/32",
        "::/0, ::/0",
        "::1, ::1/128",
        "FD00:0:0::/8, fd00::/8",
        "2001:0db8:0000:0000:0000:0000:0000:0001, 2001:db8::1/128",
        "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0/128",
        "::2:3:4:5:6:7:8, 0:2:3:4:5:6:7:8/128",
        "8000::/1, 8000::/1",
        "2001:db8:0:0:8000::/65, 2001:db8:0:0:8000::/65",
        "64:ff9b::10.1.2.3, 64:ff9b::a01:203/128",
        "::10.1.2.3, ::a01:203/128",
        "1:2:3:4:5:6:7.8.9.10, 1:2:3:4:5:6:708:90a/128",
    })
    void parse_ofABlock_hasOneSpelling(String text, String spelled) {
        assertThat(Cidr.parse(text)).hasToString(spelled).isEqualTo(Cidr.parse(spelled));
    }

    @ParameterizedTest
    @CsvSource({
        "::ffff:10.0.0.0/104, 10.0.0.0/8",
        "::ffff:0:0/96, 0.0.0.0/0",
        "::FFFF:0a01:0203, 10.1.2.3/32",
        "::ffff:10.1.2.3/128, 10.1.2.3/32",
        "0:0:0:0:0:ffff:10.1.2.0/120, 10.1.2.0/24",
    })
    void parse_ofAMappedBlock_isThatOfIpv4(String text, String spelled) {
        assertThat(Cidr.parse(text))
                .hasToString(spelled)
                .isEqualTo(Cidr.parse(spelled))
                .hasSameHashCodeAs(Cidr.parse(spelled));
    }

    @ParameterizedTest
    @CsvSource({
        "10.1.0.0/8, 10.0.0.0/8",
        "10.0.0.1/31, 10.0.0.0/31",
        "1.0.0.0/0, 0.0.0.0/0",
        "fd00::1/64, fd00::/64",
        "::1/0, ::/0",
        "2001:db8::8000:0:0:0/64, 2001:db8::/64",
        "::ffff:10.1.0.0/104, 10.0.0.0/8",
        "::ffff:0.0.0.1/96, 0.0.0.0/0",
        "::ffff:0:0/95, ::fffe:0:0/95",
    })
    void parse_withHostBits_saysWhatWasMeant(String text, String meant) {
        assertThatThrownBy(() -> Cidr.parse("access", text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("access: " + text + " (expected: " + meant + ")");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "/8",
                "10",
                "10.0.0/8",
                "10.1.515",
                "167838211",
                "0x0a.1.2.3",
                "010.1.2.3",
                "10.1.2.03",
                "10.1.2.256",
                "10.1.2.-3",
                "10.1.2.3.4",
                "10.1.2.",
                ".1.2.3",
                " 10.1.2.3",
                "10.1.2.3 ",
                "10.0.0.0 /8",
                "1０.0.0.0",
                "localhost",
                "example.org/8",
                "fe80::1%eth0",
                "fe80::1%1/64",
                "[::1]",
                "[::1]/128",
                "::g",
                ":",
                ":::",
                "1::2::3",
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                "1:2:3:4::5:6:7:8",
                "12345::",
                ":1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:",
                "::1.2.3",
                "::1.2.3.04",
                "1.2.3.4::",
                "::1.2.3.4:5",
                "1:2:3:4:5:6:7:1.2.3.4",
                "::ffff:010.1.2.3",
                "::１",
            })
    void parse_ofSomethingElse_refusesIt(String text) {
        assertThatThrownBy(() -> Cidr.parse("access", text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("access: ")
                .hasMessageEndingWith("(expected: an address and a prefix, as 10.0.0.0/8, fd00::/8 or 192.168.1.7)");
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/33, 32", "10.0.0.0/, 32", "10.0.0.0/-1, 32", "10.0.0.0/+8, 32", "10.0.0.0/08, 32", "10.0.0.0/8/8, 32",
        "10.0.0.0/255.0.0.0, 32", "10.0.0.0/4294967304, 32", "10.0.0.0/8a, 32", "::/129, 128", "::/064, 128",
                "::/999, 128",
        "10.0.0.0/８, 32",
    })
    void parse_ofAWrongPrefix_saysTheRange(String text, int most) {
        assertThatThrownBy(() -> Cidr.parse("access", text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("(expected: a prefix of 0.." + most + ")");
    }

    @Test
    void parse_ofHostileText_putsOneShortLineIntoItsMessage() {
        assertThatThrownBy(() -> Cidr.parse("10.0.0.0\r\n2026 INFO all is well\u001b[31m" + "x".repeat(10_000)))
                .satisfies(refused -> {
                    assertThat(refused.getMessage()).hasSizeLessThan(300);
                    assertThat(refused.getMessage().chars()).allMatch(c -> c >= ' ' && c < 0x7f);
                });
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.0.0.0, true",
        "10.0.0.0/8, 10.255.255.255, true",
        "10.0.0.0/8, 9.255.255.255, false",
        "10.0.0.0/8, 11.0.0.0, false",
        "0.0.0.0/0, 0.0.0.0, true",
        "0.0.0.0/0, 255.255.255.255, true",
        "0.0.0.0/0, ::1, false",
        "0.0.0.0/0, ::, false",
        "::/0, ::1, true",
        "::/0, ffff::, true",
        "::/0, 10.0.0.1, false",
        "::/64, 10.0.0.1, false",
        "10.1.2.3/32, 10.1.2.3, true",
        "10.1.2.3/32, 10.1.2.2, false",
        "::1/128, ::1, true",
        "::1/128, ::2, false",
        "2001:db8::/63, 2001:db8:0:1:ffff::, true",
        "2001:db8::/63, 2001:db8:0:2::, false",
        "2001:db8::/64, 2001:db8::ffff:ffff:ffff:ffff, true",
        "2001:db8::/65, 2001:db8::8000:0:0:0, false",
        "::ffff:10.0.0.0/104, 10.200.0.1, true",
        "::a01:203/128, 10.1.2.3, false",
    })
    void contains_ofAnAddress_isWhetherItsFirstBitsAreThose(String block, String address, boolean expected)
            throws UnknownHostException {
        assertThat(Cidr.parse(block).contains(InetAddress.getByName(address))).isEqualTo(expected);
    }

    @Test
    void contains_ofAMappedAddress_takesItForTheIpv4AddressItIs() throws UnknownHostException {
        byte[] mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 10, 1, 2, 3};
        // InetAddress.getByAddress would make an Inet4Address of it.
        Inet6Address client = Inet6Address.getByAddress(null, mapped, -1);

        assertThat(Cidr.parse("10.0.0.0/8").contains(client)).isTrue();
        assertThat(Cidr.parse("::/0").contains(client)).isFalse();
        assertThat(Cidr.parse("::ffff:10.1.2.3").contains(client)).isTrue();
    }

    @Test
    void contains_ofAnAddressWithAScope_doesNotLookAtTheScope() throws UnknownHostException {
        byte[] linkLocal = {(byte) 0xfe, (byte) 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

        assertThat(Cidr.parse("fe80::/10").contains(Inet6Address.getByAddress(null, linkLocal, 7)))
                .isTrue();
    }
}
