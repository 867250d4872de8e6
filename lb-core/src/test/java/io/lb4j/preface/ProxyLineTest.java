package io.lb4j.preface;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** F1: version 1. What is here as {@code |} is CR LF on the wire. */
class ProxyLineTest {
    private static final String ADDRESSES = "PROXY TCP4 192.168.0.1 192.168.0.11 56324 443";

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "PROXY TCP4 192.168.0.1 192.168.0.11 56324 443|; 192.168.0.1:56324 -> 192.168.0.11:443",
                "PROXY TCP4 0.0.0.0 255.255.255.255 0 65535|; 0.0.0.0:0 -> 255.255.255.255:65535",
                "PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535|; 255.255.255.255:65535 -> 255.255.255.255:65535",
                "PROXY TCP4 1.2.3.4 1.2.3.4 1 1|; 1.2.3.4:1 -> 1.2.3.4:1",
                "PROXY TCP6 2001:0db8:85a3:0000:0000:8a2e:0370:7334 1050:0:0:0:5:600:300c:326b 56324 443|;"
                        + " [2001:db8:85a3::8a2e:370:7334]:56324 -> [1050::5:600:300c:326b]:443",
                "PROXY TCP6 :: ::1 1 2|; [::]:1 -> [::1]:2",
                "PROXY TCP6 FD00::A:b 1:2:3:4:5:6:7:: 1 2|; [fd00::a:b]:1 -> [1:2:3:4:5:6:7:0]:2",
                "PROXY TCP6 64:ff9b::1.2.3.4 ::1.2.3.4 1 2|; [64:ff9b::102:304]:1 -> [::102:304]:2",
                // J20: mapped addresses, both or one of them
                "PROXY TCP6 ::ffff:10.1.2.3 ::ffff:a01:204 1 2|; 10.1.2.3:1 -> 10.1.2.4:2",
                "PROXY TCP6 0:0:0:0:0:FFFF:10.1.2.3 2001:db8::1 1 2|; 10.1.2.3:1 -> [2001:db8::1]:2",
                "PROXY TCP6 fe80::1 ::ffff:10.1.2.3 1 2|; [fe80::1]:1 -> 10.1.2.3:2",
                "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535|;"
                        + " [ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535 -> [ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535",
            })
    void line_withAddresses_hasThem(String line, String addresses) {
        ProxyHeader header = Prefixes.whole(ProxyHeader::parse, bytes(line));

        assertThat(header).hasToString("V1 " + addresses);
        assertThat(header.version()).isEqualTo(ProxyVersion.V1);
        assertThat(header.isLocal()).isFalse();
        assertThat(header.source()).isPresent();
        assertThat(header.destination()).isPresent();
        assertThat(header.tlvs()).isEmpty();
        assertThat(Prefixes.whole(ProxyHeader::parse, header.toBytes())).isEqualTo(header);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PROXY UNKNOWN|",
                "PROXY UNKNOWN |",
                "PROXY UNKNOWN 192.168.0.1 192.168.0.11 56324 443|",
                "PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535|",
                "PROXY UNKNOWN 010.0.0.1  \u0000\u00ff TCP4|",
                // No CR LF ends the line before the last.
                "PROXY UNKNOWN \n\n\r\r \r x|",
            })
    void line_ofTheUnknown_hasNoAddresses(String line) {
        ProxyHeader header = Prefixes.whole(ProxyHeader::parse, bytes(line));

        assertThat(header).isEqualTo(ProxyHeader.unknown(ProxyVersion.V1));
        assertThat(header.source()).isEmpty();
        assertThat(header.destination()).isEmpty();
        assertThat(header.isLocal()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // the words
                "PROXY UDP4 192.168.0.1 192.168.0.11 56324 443|",
                "PROXY TCP7 192.168.0.1 192.168.0.11 56324 443|",
                "PROXY TCP 192.168.0.1 192.168.0.11 56324 443|",
                "PROXY tcp4 192.168.0.1 192.168.0.11 56324 443|",
                "PROXY UNKNOWNX 192.168.0.1 192.168.0.11 56324 443|",
                "PROXY UNKNOWN\tx|",
                "PROXY UNKNOWN\nGET / HTTP/1.1|",
                "PROXY UNKNOWN\rx|",
                "PROXY unknown|",
                "PROXY  TCP4 192.168.0.1 192.168.0.11 56324 443|",
                "PROXY\tTCP4 192.168.0.1 192.168.0.11 56324 443|",
                "proxy TCP4 192.168.0.1 192.168.0.11 56324 443|",
                "PING TCP4 192.168.0.1 192.168.0.11 56324 443|",
                "PROXYTCP4 192.168.0.1 192.168.0.11 56324 443|",
                " PROXY TCP4 192.168.0.1 192.168.0.11 56324 443|",
                "GET / HTTP/1.1|",
                "|PROXY TCP4 192.168.0.1 192.168.0.11 56324 443|",
                "PROXY |",
                // how many there are, and what is between them
                "PROXY TCP4|",
                "PROXY TCP4 |",
                "PROXY TCP4 192.168.0.1 192.168.0.11 56324|",
                "PROXY TCP4 192.168.0.1 192.168.0.11 56324 |",
                "PROXY TCP4 192.168.0.1 192.168.0.11 56324 443 123|",
                "PROXY TCP4 192.168.0.1 192.168.0.11 56324 443 |",
                "PROXY TCP4  192.168.0.1 192.168.0.11 56324 443|",
                "PROXY TCP4 192.168.0.1  192.168.0.11 56324 443|",
                "PROXY TCP4 192.168.0.1\t192.168.0.11 56324 443|",
                "PROXY TCP4 192.168.0.1 192.168.0.11 56324  443|",
                // the end
                "PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\nGET / HTTP/1.1|",
                "PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\rGET / HTTP/1.1|",
                "PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\r\n",
                "PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\n\r",
                "PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\u0000|",
                "PROXY TCP4 192.168.0.1\r 192.168.0.11 56324 443|",
                // the ports
                "PROXY TCP4 192.168.0.1 192.168.0.11 80000 443|",
                "PROXY TCP4 192.168.0.1 192.168.0.11 65536 443|",
                "PROXY TCP4 192.168.0.1 192.168.0.11 56324 65536|",
                "PROXY TCP4 192.168.0.1 192.168.0.11 056324 443|",
                "PROXY TCP4 192.168.0.1 192.168.0.11 56324 0443|",
                "PROXY TCP4 192.168.0.1 192.168.0.11 56324 00|",
                "PROXY TCP4 192.168.0.1 192.168.0.11 56324 4294967739|",
                "PROXY TCP4 192.168.0.1 192.168.0.11 56324 18446744073709552059|",
                "PROXY TCP4 192.168.0.1 192.168.0.11 -1 443|",
                "PROXY TCP4 192.168.0.1 192.168.0.11 +1 443|",
                "PROXY TCP4 192.168.0.1 192.168.0.11 a 443|",
                "PROXY TCP4 192.168.0.1 192.168.0.11 0x1f 443|",
                "PROXY TCP4 192.168.0.1 192.168.0.11 : 443|",
                "PROXY TCP4 192.168.0.1 192.168.0.11 . 443|",
                // the addresses
                "PROXY TCP4 299.168.0.1 192.168.0.11 56324 443|",
                "PROXY TCP4 192.168.0.1 192.168.0.256 56324 443|",
                "PROXY TCP4 010.168.0.1 192.168.0.11 56324 443|",
                "PROXY TCP4 192.168.0.01 192.168.0.11 56324 443|",
                "PROXY TCP4 192.168.1 192.168.0.11 56324 443|",
                "PROXY TCP4 192.168.0.1.1 192.168.0.11 56324 443|",
                "PROXY TCP4 192.168.0. 192.168.0.11 56324 443|",
                "PROXY TCP4 3232235521 192.168.0.11 56324 443|",
                "PROXY TCP4 localhost 192.168.0.11 56324 443|",
                "PROXY TCP4 ::ffff:192.168.0.1 ::ffff:192.168.0.11 56324 443|",
                "PROXY TCP4 192.168.0.1 ::1 56324 443|",
                "PROXY TCP6 192.168.0.1 192.168.0.11 56324 443|",
                "PROXY TCP6 ::1 192.168.0.11 56324 443|",
                "PROXY TCP6 r001:0db8:85a3:0000:0000:8a2e:0370:7334 1050:0:0:0:5:600:300c:326b 56324 443|",
                "PROXY TCP6 ::1::2 ::1 56324 443|",
                "PROXY TCP6 ::: ::1 56324 443|",
                "PROXY TCP6 1:2:3:4:5:6:7 ::1 56324 443|",
                "PROXY TCP6 1:2:3:4:5:6:7:8:9 ::1 56324 443|",
                "PROXY TCP6 00001::1 ::1 56324 443|",
                "PROXY TCP6 fe80::1%1 ::1 56324 443|",
                "PROXY TCP6 [::1] ::1 56324 443|",
                "PROXY TCP6 ::ffff:010.1.2.3 ::1 56324 443|",
                "PROXY TCP6 ::1.2.3 ::1 56324 443|",
            })
    void line_notToTheLetter_isInvalid(String line) {
        assertThat(Prefixes.reason(ProxyHeader::parse, bytes(line))).startsWith("PROXY");
    }

    /** The specification: "abort the connection as soon as possible". */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "G",
                "p",
                "\u0016",
                "PU",
                "PROXX",
                "PROXY\t",
                "PROXY X",
                "PROXY TCP5",
                "PROXY UNX",
                "PROXY UNKNOWNX",
                "PROXY UNKNOWN\n",
                "PROXY UNKNOWN\rx",
                "PROXY TCP4 g",
                "PROXY TCP4 1.2.3.4\n",
                "PROXY TCP4 \r\r",
                "PROXY TCP4 \u00b1",
                "PROXY TCP6 fe80::1%",
                "PROXY TCP6 [",
            })
    void line_withAByteThatCannotBe_isInvalidAtOnce(String begin) {
        byte[] bytes = bytes(begin);

        assertThat(ProxyHeader.parse(bytes, 0, bytes.length - 1)).isSameAs(Parsed.incomplete());
        Prefixes.reason(ProxyHeader::parse, bytes);
    }

    static Stream<String> longest() {
        return Stream.of(
                "PROXY UNKNOWN " + "x".repeat(91),
                // None of family IPv6 is as long by itself: the ports do not count.
                ADDRESSES + "1".repeat(105 - ADDRESSES.length()));
    }

    @ParameterizedTest
    @MethodSource("longest")
    void line_of107Bytes_isReadToItsEnd(String line) {
        assertThat(line).hasSize(105);
        assertThat(ProxyHeader.parse(bytes(line + "\r"), 0, 106)).isSameAs(Parsed.incomplete());
        if (line.contains("UNKNOWN")) {
            Prefixes.whole(ProxyHeader::parse, bytes(line + "|"));
        }
    }

    @ParameterizedTest
    @MethodSource("longest")
    void line_ofMoreThan107Bytes_isInvalid(String line) {
        byte[] tooLong = bytes(line + "2|");

        assertThat(tooLong).hasSize(108);
        assertThat(ProxyHeader.parse(tooLong, 0, 107)).isEqualTo(Parsed.invalid("PROXY v1: no CR LF within 107 bytes"));
        assertThat(Prefixes.reason(ProxyHeader::parse, tooLong)).isEqualTo("PROXY v1: no CR LF within 107 bytes");
    }

    @Test
    void line_beforePayload_takesNoneOfIt() {
        byte[] line = bytes(ADDRESSES + "|");
        byte[] both = bytes(ADDRESSES + "|PROXY TCP4 1.1.1.1 2.2.2.2 1 2|");

        assertThat(Prefixes.parseAll(ProxyHeader::parse, both))
                .isEqualTo(Parsed.complete(Prefixes.whole(ProxyHeader::parse, line), line.length));
    }

    private static byte[] bytes(String line) {
        return line.replace("|", "\r\n").getBytes(StandardCharsets.ISO_8859_1);
    }
}
