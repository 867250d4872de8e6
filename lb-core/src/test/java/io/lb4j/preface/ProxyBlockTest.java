package io.lb4j.preface;

import static io.lb4j.preface.Blocks.SIGNATURE;
import static io.lb4j.preface.Blocks.TCP4;
import static io.lb4j.preface.Blocks.TCP6;
import static io.lb4j.preface.Blocks.UNIX;
import static io.lb4j.preface.Blocks.block;
import static io.lb4j.preface.Blocks.bytes;
import static io.lb4j.preface.Blocks.tlv;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** F2: version 2. */
class ProxyBlockTest {
    private static final String MAPPED = "00000000000000000000ffff";

    static Stream<Arguments> addresses() {
        return Stream.of(
                Arguments.of(block("2111", TCP4), "192.168.0.1:56324 -> 192.168.0.11:443"),
                Arguments.of(block("2111", "00000000 ffffffff 0000 ffff"), "0.0.0.0:0 -> 255.255.255.255:65535"),
                Arguments.of(
                        block("2121", TCP6), "[2001:db8:85a3::8a2e:370:7334]:56324 -> [1050::5:600:300c:326b]:443"),
                // J20
                Arguments.of(
                        block("2121", MAPPED, "0a010203", MAPPED, "0a010204", "0001 0002"), "10.1.2.3:1 -> 10.1.2.4:2"),
                Arguments.of(
                        block("2121", MAPPED, "0a010203", "20010db8000000000000000000000001", "0001 0002"),
                        "10.1.2.3:1 -> [2001:db8::1]:2"),
                Arguments.of(
                        block("2121", "20010db8000000000000000000000001", MAPPED, "0a010203", "0001 0002"),
                        "[2001:db8::1]:1 -> 10.1.2.3:2"));
    }

    @ParameterizedTest
    @MethodSource("addresses")
    void block_ofTcp_hasItsAddresses(byte[] block, String addresses) {
        ProxyHeader header = Prefixes.whole(ProxyHeader::parse, block);

        assertThat(header).hasToString("V2 " + addresses);
        assertThat(header.version()).isEqualTo(ProxyVersion.V2);
        assertThat(header.isLocal()).isFalse();
        assertThat(header.tlvs()).isEmpty();
        assertThat(Prefixes.whole(ProxyHeader::parse, header.toBytes())).isEqualTo(header);
    }

    /** The specification: the family is ignored, and the length "must not be assumed" to be zero. */
    @ParameterizedTest
    @CsvSource({
        "2000, ''",
        "2000, c0a80001c0a8000bdc0401bb",
        "2011, c0a80001c0a8000bdc0401bb",
        "2011, c0",
        "2021, ''",
        "2000, 0300040000000003000400000000",
        "2041, 0102",
        "20ff, ff",
    })
    void block_ofLocal_isSkippedWhateverItHolds(String versionAndFamily, String behind) {
        ProxyHeader header = Prefixes.whole(ProxyHeader::parse, block(versionAndFamily, behind));

        assertThat(header).isEqualTo(ProxyHeader.local(ProxyVersion.V2)).hasToString("V2 local");
        assertThat(header.isLocal()).isTrue();
        assertThat(header.source()).isEmpty();
        assertThat(header.destination()).isEmpty();
    }

    static Stream<Arguments> withoutAddresses() {
        return Stream.of(
                Arguments.of("2100", ""),
                Arguments.of("2101", ""),
                Arguments.of("2102", ""),
                Arguments.of("2110", ""),
                Arguments.of("2120", ""),
                Arguments.of("2130", ""),
                Arguments.of("2112", TCP4),
                Arguments.of("2122", TCP6),
                Arguments.of("2131", UNIX),
                Arguments.of("2132", UNIX));
    }

    @ParameterizedTest
    @MethodSource("withoutAddresses")
    void block_ofAnythingButTcp_hasNoAddresses(String versionAndFamily, String addresses) {
        ProxyHeader header = Prefixes.whole(ProxyHeader::parse, block(versionAndFamily, addresses));

        assertThat(header).isEqualTo(ProxyHeader.unknown(ProxyVersion.V2)).hasToString("V2 unknown");
        assertThat(header.isLocal()).isFalse();
    }

    @ParameterizedTest
    @MethodSource("withoutAddresses")
    void block_ofAnythingButTcp_hasItsTlvs(String versionAndFamily, String addresses) {
        byte[] block = block(versionAndFamily, addresses, tlv(0x02, "61"), tlv(0xee, ""));

        assertThat(Prefixes.whole(ProxyHeader::parse, block))
                .isEqualTo(ProxyHeader.unknown(ProxyVersion.V2)
                        .with(ProxyTlv.of(0x02, bytes("61")))
                        .with(ProxyTlv.of(0xee, bytes(""))));
    }

    /** Addresses of an unspecified family or protocol may look like anything. */
    @ParameterizedTest
    @CsvSource({
        "2100, c0a80001c0a8000bdc0401bb",
        "2100, 00",
        "2110, c0a80001c0a8000b",
        "2110, c0a80001c0a8000bdc0401bb",
        "2101, 0200",
        "2132, 0"
    })
    void block_ofTheUnspecified_isSkippedWhereItIsNoTlvs(String versionAndFamily, String behind) {
        String all = behind.equals("0") ? UNIX : behind;
        assertThat(Prefixes.whole(ProxyHeader::parse, block(versionAndFamily, all)))
                .isEqualTo(ProxyHeader.unknown(ProxyVersion.V2));
    }

    @ParameterizedTest
    @CsvSource({
        // the head
        "0d0a0d0a000d0a515549540a 31 11",
        "0d0a0d0a000d0a515549540a 11 11",
        "0d0a0d0a000d0a515549540a 01 11",
        "0d0a0d0a000d0a515549540a 22 11",
        "0d0a0d0a000d0a515549540a 2f 11",
        "0d0a0d0a000d0a515549540a 21 41",
        "0d0a0d0a000d0a515549540a 21 f1",
        "0d0a0d0a000d0a515549540a 21 13",
        "0d0a0d0a000d0a515549540a 21 1f",
        "0d0a0d0a000d0a515549540a 21 03",
        "0d0a0d0a000d0a515549540a 21 40",
        "0d0a0d0a000d0a515549540b 21 11",
        "0d0a0d0a0a0d0a515549540a 21 11",
        "0d0d0d0a000d0a515549540a 21 11",
        // the length, of each family one too few; and one too many in all
        "0d0a0d0a000d0a515549540a 21 11 0000",
        "0d0a0d0a000d0a515549540a 21 11 000b",
        "0d0a0d0a000d0a515549540a 21 12 000b",
        "0d0a0d0a000d0a515549540a 21 21 000c",
        "0d0a0d0a000d0a515549540a 21 21 0023",
        "0d0a0d0a000d0a515549540a 21 22 0023",
        "0d0a0d0a000d0a515549540a 21 31 00d7",
        "0d0a0d0a000d0a515549540a 21 32 00d7",
        "0d0a0d0a000d0a515549540a 21 11 3ff1",
        "0d0a0d0a000d0a515549540a 21 11 ffff",
        "0d0a0d0a000d0a515549540a 20 00 3ff1",
        "0d0a0d0a000d0a515549540a 20 00 ffff",
    })
    void block_withAWrongHead_isInvalidAtOnce(String digits) {
        byte[] head = bytes(digits);
        String reason = Prefixes.reason(ProxyHeader::parse, head);

        assertThat(reason).startsWith("PROXY");
        assertThat(Prefixes.reason(ProxyHeader::parse, Arrays.copyOf(head, 16 + 12)))
                .isEqualTo(reason);
    }

    static IntStream signature() {
        return IntStream.range(0, 13);
    }

    @ParameterizedTest
    @MethodSource("signature")
    void signature_withAnotherByte_isInvalidAtThisByte(int index) {
        byte[] head = bytes(SIGNATURE + "2111");
        head[index] ^= 0x40;

        assertThat(ProxyHeader.parse(head, 0, index)).isSameAs(Parsed.incomplete());
        assertThat(ProxyHeader.parse(head, 0, index + 1)).isInstanceOf(Parsed.Invalid.class);
        Prefixes.reason(ProxyHeader::parse, head);
    }

    @ParameterizedTest
    @CsvSource({"20 00, 3ff0", "21 11, 3ff0", "21 21, 3ff0"})
    void block_asLongAsMayBe_isAccepted(String versionAndFamily, String length) {
        boolean isLocal = versionAndFamily.startsWith("20");
        String addresses = versionAndFamily.endsWith("21") ? TCP6 : TCP4;
        int left = 16_368 - addresses.replace(" ", "").length() / 2 - 3;
        byte[] block = block(versionAndFamily.replace(" ", ""), addresses, tlv(0xe0, left));

        assertThat(block).hasSize(ProxyHeader.MAX_LENGTH);
        assertThat(bytes(length)).isEqualTo(Arrays.copyOfRange(block, 14, 16));
        assertThat(ProxyHeader.parse(block, 0, block.length - 1)).isSameAs(Parsed.incomplete());
        assertThat(ProxyHeader.parse(block, 0, block.length))
                .isInstanceOfSatisfying(Parsed.Complete.class, complete -> {
                    assertThat(complete.length()).isEqualTo(block.length);
                    ProxyHeader header = (ProxyHeader) complete.value();
                    assertThat(header.isLocal()).isEqualTo(isLocal);
                    assertThat(header.tlvs()).hasSize(isLocal ? 0 : 1);
                    assertThat(ProxyHeader.parse(header.toBytes(), 0, header.toBytes().length))
                            .isEqualTo(Parsed.complete(header, header.toBytes().length));
                });
    }

    /** HAProxy's reg-tests/connection/proxy_protocol_tlv_validation.vtc, case by case. */
    @Test
    void tlvs_thatEndWithTheHeader_areKept() {
        ProxyHeader header = Prefixes.whole(ProxyHeader::parse, block("2111", TCP4, tlv(0x02, "3132333435")));

        assertThat(header.serverName()).contains("12345");
    }

    @Test
    void tlvs_behindTheHeader_arePayload() {
        byte[] block = block("2111", TCP4, tlv(0x02, "3132333435"));
        byte[] more = Blocks.join(block, bytes(tlv(0x02, "3534333231")));

        assertThat(Prefixes.parseAll(ProxyHeader::parse, more))
                .isEqualTo(Parsed.complete(Prefixes.whole(ProxyHeader::parse, block), block.length));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // the value is longer than the header
                "02 000a 3132333435",
                "02 0006 3132333435",
                // something is left behind the last value
                "02 0004 3132333435",
                "02 0003 3132333435",
                "e0 0000 00",
                "e0 0000 e0 00",
                "e0",
                "e000",
                "e0ffff",
                "e0ffff 00",
            })
    void tlvs_thatDoNotEndWithTheHeader_areInvalid(String tlvs) {
        assertThat(Prefixes.reason(ProxyHeader::parse, block("2111", TCP4, tlvs)))
                .isEqualTo("PROXY v2: the TLVs do not end where the header does");
    }

    @Test
    void tlvs_ofEveryType_areKeptInTheirOrder() {
        String all = IntStream.range(0, 256)
                .filter(type -> type != ProxyTlv.CRC32C)
                .mapToObj(type -> tlv(type, type % 5))
                .reduce("", String::concat);
        ProxyHeader header = Prefixes.whole(ProxyHeader::parse, block("2121", TCP6, all));

        assertThat(header.tlvs())
                .hasSize(255)
                .extracting(ProxyTlv::type)
                .doesNotContain(3)
                .isSorted();
        assertThat(header.tlvs()).allSatisfy(tlv -> assertThat(tlv.length()).isEqualTo(tlv.type() % 5));
        assertThat(header.tlv(0xea)).contains(ProxyTlv.of(0xea, bytes("7a7a7a7a")));
    }

    /** haproxy#3489: a NUL is a byte like others. */
    @Test
    void tlv_withANul_isKeptAsAWhole() {
        ProxyHeader header = Prefixes.whole(ProxyHeader::parse, block("2111", TCP4, tlv(0x02, "61006200")));

        assertThat(header.serverName()).contains("a\0b\0");
    }

    @Test
    void tlv_thereTwice_isTheFirstOne() {
        ProxyHeader header = Prefixes.whole(
                ProxyHeader::parse, block("2111", TCP4, tlv(0x02, "61"), tlv(0x02, "62"), tlv(1, "6832")));

        assertThat(header.tlvs()).hasSize(3);
        assertThat(header.serverName()).contains("a");
        assertThat(header.applicationProtocol()).contains("h2");
    }

    @ParameterizedTest
    @CsvSource({"2, 255, true", "2, 256, false", "5, 128, true", "5, 129, false", "1, 256, true", "238, 300, true"})
    void tlv_ofALength_isAcceptedOrNot(int type, int length, boolean accepted) {
        byte[] block = block("2111", TCP4, tlv(type, length));
        Parsed<ProxyHeader> parsed = Prefixes.parseAll(ProxyHeader::parse, block);

        assertThat(parsed instanceof Parsed.Complete).isEqualTo(accepted);
    }

    @Test
    void uniqueId_thereTwice_isInvalid() {
        assertThat(Prefixes.reason(ProxyHeader::parse, block("2111", TCP4, tlv(5, "61"), tlv(1, "61"), tlv(5, "61"))))
                .contains("more than one unique id");
    }

    static Stream<Arguments> checksums() {
        String zeros = tlv(3, "00000000");
        return Stream.of(
                Arguments.of(block("2111", TCP4, zeros), 12, 28),
                Arguments.of(block("2111", TCP4, zeros, tlv(0x02, "61")), 12, 28),
                Arguments.of(block("2121", TCP6, tlv(0x02, "61"), zeros), 36, 56),
                Arguments.of(block("2121", TCP6, tlv(0xe0, 300), zeros, tlv(4, 5)), 36, 52 + 303),
                Arguments.of(block("2100", zeros), 0, 16),
                Arguments.of(block("2131", UNIX, zeros), 216, 16 + 216));
    }

    @ParameterizedTest
    @MethodSource("checksums")
    void checksum_ofAllTheHeader_isChecked(byte[] block, int addresses, int tlv) {
        byte[] right = Blocks.checked(block, tlv + 3);
        ProxyHeader header = Prefixes.whole(ProxyHeader::parse, right);

        assertThat(header.tlv(ProxyTlv.CRC32C)).isEmpty();
        assertThat(Prefixes.whole(ProxyHeader::parse, header.toBytesWithChecksum()))
                .isEqualTo(header);
        IntStream.concat(IntStream.range(16, 16 + addresses), IntStream.range(tlv + 3, tlv + 7))
                .forEach(at -> {
                    byte[] wrong = right.clone();
                    wrong[at] ^= 0x10;
                    assertThat(Prefixes.reason(ProxyHeader::parse, wrong)).isEqualTo("PROXY v2: the checksum is wrong");
                });
    }

    /** Two of them: what the one is over was never said. */
    @Test
    void checksum_thereTwiceOrOfAnotherLength_isInvalid() {
        byte[] twice = Blocks.checked(block("2111", TCP4, tlv(3, "00000000"), tlv(3, "00000000")), 31);

        assertThat(Prefixes.reason(ProxyHeader::parse, twice)).contains("more than one checksum");
        for (String wrong : new String[] {"", "00", "000000", "0000000000"}) {
            assertThat(Prefixes.reason(ProxyHeader::parse, block("2111", TCP4, tlv(3, wrong))))
                    .contains("has not four bytes");
        }
    }
}
