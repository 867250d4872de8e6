package io.lb4j.preface;

import static io.lb4j.preface.Blocks.bytes;
import static io.lb4j.preface.ProxyVersion.V1;
import static io.lb4j.preface.ProxyVersion.V2;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ProxyHeaderTest {
    private static final InetSocketAddress CLIENT = new InetSocketAddress("10.1.2.3", 56324);
    private static final InetSocketAddress ENTRY = new InetSocketAddress("10.0.0.1", 443);
    private static final InetSocketAddress CLIENT6 = new InetSocketAddress("2001:db8::1", 56324);
    private static final InetSocketAddress ENTRY6 = new InetSocketAddress("fd00::1", 443);

    @Test
    void line_ofTwoAddresses_isWrittenAsTheSpecificationHasIt() {
        assertThat(text(ProxyHeader.of(V1, CLIENT, ENTRY))).isEqualTo("PROXY TCP4 10.1.2.3 10.0.0.1 56324 443\r\n");
        assertThat(text(ProxyHeader.of(V1, CLIENT6, ENTRY6))).isEqualTo("PROXY TCP6 2001:db8::1 fd00::1 56324 443\r\n");
        assertThat(text(ProxyHeader.of(
                        V1, new InetSocketAddress("0.0.0.0", 0), new InetSocketAddress("9.10.99.100", 10))))
                .isEqualTo("PROXY TCP4 0.0.0.0 9.10.99.100 0 10\r\n");
    }

    @Test
    void line_ofTwoFamilies_isThatOfTheUnknown() {
        assertThat(ProxyHeader.of(V1, CLIENT, ENTRY6)).isEqualTo(ProxyHeader.unknown(V1));
        assertThat(ProxyHeader.of(V1, CLIENT6, ENTRY)).isEqualTo(ProxyHeader.unknown(V1));
        assertThat(text(ProxyHeader.unknown(V1))).isEqualTo("PROXY UNKNOWN\r\n");
    }

    /** Of a line with one mapped address both addresses are known: what it says is passed on. */
    @Test
    void line_withOneMappedAddress_isWrittenAsItWas() {
        String line = "PROXY TCP6 ::ffff:10.1.2.3 fd00::1 56324 443\r\n";

        assertThat(text(parsed(line.getBytes(StandardCharsets.US_ASCII)))).isEqualTo(line);
    }

    @Test
    void block_ofTwoAddresses_isWrittenAsTheSpecificationHasIt() {
        assertThat(ProxyHeader.of(V2, CLIENT, ENTRY).toBytes())
                .isEqualTo(bytes(Blocks.SIGNATURE + "2111 000c 0a010203 0a000001 dc04 01bb"));
        assertThat(ProxyHeader.of(V2, CLIENT6, ENTRY6).toBytes())
                .isEqualTo(bytes(Blocks.SIGNATURE + "2121 0024 20010db8000000000000000000000001"
                        + "fd000000000000000000000000000001 dc04 01bb"));
        assertThat(ProxyHeader.of(V2, CLIENT, ENTRY6).toBytes())
                .isEqualTo(bytes(Blocks.SIGNATURE + "2121 0024 00000000000000000000ffff0a010203"
                        + "fd000000000000000000000000000001 dc04 01bb"));
        assertThat(ProxyHeader.of(V2, CLIENT6, ENTRY).toBytes())
                .isEqualTo(bytes(Blocks.SIGNATURE + "2121 0024 20010db8000000000000000000000001"
                        + "00000000000000000000ffff0a000001 dc04 01bb"));
    }

    @Test
    void block_withoutAddresses_isSixteenBytes() {
        assertThat(ProxyHeader.local(V2).toBytes()).isEqualTo(bytes(Blocks.SIGNATURE + "2000 0000"));
        assertThat(ProxyHeader.unknown(V2).toBytes()).isEqualTo(bytes(Blocks.SIGNATURE + "2100 0000"));
    }

    @Test
    void block_withTlvs_hasThemBehindTheAddresses() {
        ProxyHeader header = ProxyHeader.of(V2, CLIENT, ENTRY)
                .with(ProxyTlv.of(ProxyTlv.AUTHORITY, bytes("612e62")))
                .with(ProxyTlv.of(0xe4, bytes("")));

        assertThat(header.toBytes())
                .isEqualTo(bytes(
                        Blocks.SIGNATURE + "2111 0015 0a010203 0a000001 dc04 01bb" + "02 0003 612e62" + "e4 0000"));
        byte[] zeros = bytes(Blocks.SIGNATURE + "2111 001c 0a010203 0a000001 dc04 01bb" + "03 0004 00000000"
                + "02 0003 612e62" + "e4 0000");
        assertThat(header.toBytesWithChecksum()).isEqualTo(Blocks.checked(zeros, 31));
        assertThat(ProxyHeader.local(V2).toBytesWithChecksum())
                .isEqualTo(Blocks.checked(bytes(Blocks.SIGNATURE + "2000 0007 03 0004 00000000"), 19));
    }

    @Test
    void local_ofALine_isTheUnknown() {
        assertThat(ProxyHeader.local(V1)).isEqualTo(ProxyHeader.unknown(V1));
        assertThat(ProxyHeader.local(V1).isLocal()).isFalse();
        assertThat(ProxyHeader.local(V2).isLocal()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void addresses_mappedOrWithAScope_arePlain(ProxyVersion version) throws UnknownHostException {
        byte[] mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 10, 1, 2, 3};
        byte[] linkLocal = {(byte) 0xfe, (byte) 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
        InetSocketAddress client = new InetSocketAddress(Inet6Address.getByAddress(null, mapped, -1), 56324);
        InetSocketAddress scoped = new InetSocketAddress(Inet6Address.getByAddress("host", linkLocal, 7), 1);

        assertThat(ProxyHeader.of(version, client, ENTRY)).isEqualTo(ProxyHeader.of(version, CLIENT, ENTRY));
        assertThat(ProxyHeader.of(version, scoped, scoped))
                .hasToString(version + " [fe80::1]:1 -> [fe80::1]:1")
                .isEqualTo(parsed(ProxyHeader.of(version, scoped, scoped).toBytes()));
    }

    @Test
    void addresses_unresolved_areRefused() {
        InetSocketAddress name = InetSocketAddress.createUnresolved("example.org", 1);

        assertThatThrownBy(() -> ProxyHeader.of(V2, name, ENTRY))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("proxyHeader source: example.org:1 (expected: a resolved address)");
        assertThatThrownBy(() -> ProxyHeader.of(V2, ENTRY, name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("proxyHeader destination: example.org:1 (expected: a resolved address)");
    }

    @Test
    void with_whereNoTlvsCanBe_isRefused() {
        ProxyTlv tlv = ProxyTlv.of(0xe0, bytes("01"));

        assertThatThrownBy(() -> ProxyHeader.of(V1, CLIENT, ENTRY).with(tlv))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("proxyHeader tlv: 0xe0 0x01 (expected: none, the header is of version 1)");
        assertThatThrownBy(() -> ProxyHeader.local(V2).with(tlv))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("proxyHeader tlv: 0xe0 0x01 (expected: none, the header is local)");
    }

    @Test
    void with_aSecondUniqueId_isRefused() {
        ProxyTlv id = ProxyTlv.of(ProxyTlv.UNIQUE_ID, bytes("61"));
        ProxyHeader header = ProxyHeader.of(V2, CLIENT, ENTRY).with(id);

        assertThatThrownBy(() -> header.with(id))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("proxyHeader tlv: 0x05 a (expected: one unique id)");
    }

    @Test
    void with_more_changesNothing() {
        ProxyHeader header = ProxyHeader.of(V2, CLIENT, ENTRY);
        ProxyHeader more = header.with(ProxyTlv.of(0xe0, bytes("01")));

        assertThat(header.tlvs()).isEmpty();
        assertThat(more.tlvs()).hasSize(1).isUnmodifiable();
        assertThat(more).isNotEqualTo(header).isEqualTo(header.with(ProxyTlv.of(0xe0, bytes("01"))));
        assertThat(more.source()).contains(CLIENT);
        assertThat(more.destination()).contains(ENTRY);
    }

    /** So that a checksum has its place always. */
    @ParameterizedTest
    @CsvSource({"16346, true", "16347, false"})
    void with_asMuchAsThereIsPlaceFor_isAccepted(int length, boolean fits) {
        ProxyHeader header = ProxyHeader.of(V2, CLIENT, ENTRY);
        ProxyTlv tlv = ProxyTlv.of(0xe0, new byte[length]);

        if (fits) {
            assertThat(header.with(tlv).toBytesWithChecksum()).hasSize(ProxyHeader.MAX_LENGTH);
        } else {
            assertThatThrownBy(() -> header.with(tlv))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageEndingWith("(expected: at most 16384 bytes in all)")
                    .satisfies(refused -> assertThat(refused.getMessage()).hasSizeLessThan(300));
        }
    }

    @Test
    void checksum_whereThereIsNoPlaceForIt_isRefused() {
        ProxyHeader full = parsed(Blocks.block("2111", Blocks.TCP4, Blocks.tlv(0xe0, 16_347)));

        assertThat(parsed(full.toBytes())).isEqualTo(full);
        assertThatThrownBy(full::toBytesWithChecksum)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("proxyHeader checksum: no place for it (expected: version 2, at most 16377 bytes)");
        assertThatThrownBy(() -> ProxyHeader.unknown(V1).toBytesWithChecksum())
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void facts_ofTlvs_areThoseOfTheFirst() {
        ProxyHeader header = ProxyHeader.of(V2, CLIENT, ENTRY)
                .with(ProxyTlv.of(ProxyTlv.ALPN, bytes("6832ff")))
                .with(ProxyTlv.of(ProxyTlv.AUTHORITY, "bücher.example".getBytes(StandardCharsets.UTF_8)))
                .with(ProxyTlv.of(ProxyTlv.UNIQUE_ID, bytes("0102")));

        assertThat(header.applicationProtocol()).contains("h2\u00ff");
        assertThat(header.serverName()).contains("bücher.example");
        assertThat(header.uniqueId()).hasValueSatisfying(id -> assertThat(id).isEqualTo(bytes("0102")));
        assertThat(header.tlv(ProxyTlv.SSL)).isEmpty();
        ProxyHeader without = ProxyHeader.of(V2, CLIENT, ENTRY);
        assertThat(without.applicationProtocol()).isEmpty();
        assertThat(without.serverName()).isEmpty();
        assertThat(without.uniqueId()).isEmpty();
    }

    @Test
    void headers_withTheSameParts_areEqual() throws UnknownHostException {
        ProxyHeader header = ProxyHeader.of(V2, CLIENT, ENTRY);
        InetSocketAddress named = new InetSocketAddress(
                InetAddress.getByAddress("client.example", new byte[] {10, 1, 2, 3}), CLIENT.getPort());

        assertThat(header)
                .isEqualTo(ProxyHeader.of(V2, named, ENTRY))
                .hasSameHashCodeAs(ProxyHeader.of(V2, named, ENTRY))
                .isNotEqualTo(ProxyHeader.of(V1, CLIENT, ENTRY))
                .isNotEqualTo(ProxyHeader.of(V2, ENTRY, ENTRY))
                .isNotEqualTo(ProxyHeader.of(V2, CLIENT, CLIENT))
                .isNotEqualTo(ProxyHeader.unknown(V2))
                .isNotEqualTo(null);
        assertThat(ProxyHeader.local(V2)).isNotEqualTo(ProxyHeader.unknown(V2));
    }

    /** F7. */
    @Test
    void toString_ofHostileValues_isOneShortLine() {
        ProxyHeader header = ProxyHeader.of(V2, CLIENT, ENTRY)
                .with(ProxyTlv.of(
                        ProxyTlv.AUTHORITY, "a\r\n2026 INFO all is well\u001b[31m".getBytes(StandardCharsets.UTF_8)));
        for (int i = 0; i < 50; i++) {
            header = header.with(
                    ProxyTlv.of(i == 3 ? 0 : i, "\u0000\u0085\u2028".repeat(10).getBytes(StandardCharsets.UTF_8)));
        }

        assertThat(header.toString())
                .startsWith("V2 10.1.2.3:56324 -> 10.0.0.1:443, 0x02 ")
                .hasSizeLessThan(2_000);
        assertThat(header.toString().chars()).allMatch(c -> c >= ' ' && c < 0x7f);
    }

    @Test
    void parse_outsideOfTheArray_isRefused() {
        for (List<Integer> wrong : List.of(List.of(-1, 2), List.of(0, 17), List.of(5, 4))) {
            assertThatThrownBy(() -> ProxyHeader.parse(new byte[16], wrong.get(0), wrong.get(1)))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    private static ProxyHeader parsed(byte[] bytes) {
        return ((Parsed.Complete<ProxyHeader>) ProxyHeader.parse(bytes, 0, bytes.length)).value();
    }

    private static String text(ProxyHeader header) {
        return new String(header.toBytes(), StandardCharsets.US_ASCII);
    }
}
