package io.lb4j.preface;

import static io.lb4j.preface.Blocks.bytes;
import static io.lb4j.preface.Blocks.join;
import static io.lb4j.preface.Hellos.beforeExtensions;
import static io.lb4j.preface.Hellos.extension;
import static io.lb4j.preface.Hellos.handshake;
import static io.lb4j.preface.Hellos.host;
import static io.lb4j.preface.Hellos.inOneRecord;
import static io.lb4j.preface.Hellos.protocols;
import static io.lb4j.preface.Hellos.record;
import static io.lb4j.preface.Hellos.serverName;
import static io.lb4j.preface.Hellos.vector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** F5: what is in a hello. */
class ClientHelloTest {
    private static final byte[] NOTHING = {};

    @Test
    void hello_withNameAndProtocols_hasThem() {
        ClientHello hello = whole(
                inOneRecord(extension(23), serverName("Api.Example.COM"), protocols("h2", "http/1.1", "acme-tls/1")));

        assertThat(hello.serverName()).contains("api.example.com");
        assertThat(hello.applicationProtocols())
                .containsExactly("h2", "http/1.1", "acme-tls/1")
                .isUnmodifiable();
        assertThat(hello).hasToString("api.example.com, h2, http/1.1, acme-tls/1");
    }

    @Test
    void hello_withoutBoth_hasNone() {
        assertThat(whole(inOneRecord(extension(23))))
                .isEqualTo(new ClientHello(null, List.of()))
                .hasToString("no name");
        assertThat(whole(inOneRecord())).isEqualTo(new ClientHello(null, List.of()));
    }

    /** SSL 3.0, and TLS 1.0 as some write it. */
    @Test
    void hello_withoutExtensions_hasNone() {
        byte[] message = handshake(bytes("0300" + "00".repeat(32)), bytes("00"), bytes("0002 000a"), bytes("01 00"));

        assertThat(whole(record(message))).isEqualTo(new ClientHello(null, List.of()));
    }

    @Test
    void hello_ofABrowser_isReadInSpiteOfGreaseAndEch() {
        byte[] message = Hellos.large();

        assertThat(message).hasSizeGreaterThan(1_800);
        assertThat(whole(record(message))).isEqualTo(new ClientHello("www.example.com", List.of("h2", "http/1.1")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "localhost",
                "example.com",
                "xn--bcher-kva.example",
                "my_service",
                "_sip.example.com",
                "-a-.b-",
                "1.2.3",
                "1.2.3.4.5",
                "1.2.3.256",
                "1.2.3.04",
                "0x7f.1.2.3",
                "a.b.c.d.e.f.g.h",
            })
    void name_ofAHost_isIt(String name) {
        assertThat(whole(inOneRecord(serverName(name))).serverName()).contains(name);
    }

    static Stream<String> noNames() {
        String label = "a".repeat(63);
        return Stream.of(
                "",
                ".",
                "example.com.",
                ".example.com",
                "example..com",
                "bücher.example",
                "пример",
                "example.com\0",
                "example.com\r\nx",
                "a b",
                " a",
                "*.example.com",
                "a/b",
                "a:443",
                "a%41",
                "a,b",
                "a@b",
                "a`b",
                "a{b",
                "a[b",
                "1.2.3.4",
                "0.0.0.0",
                "255.255.255.255",
                "::1",
                "fe80::1",
                "[::1]",
                "a" + label,
                "b." + label + "a.com",
                String.join(".", label, label, label, label) + "a",
                "x.".repeat(127) + "xy",
                "x".repeat(1_000));
    }

    @ParameterizedTest
    @MethodSource("noNames")
    void name_ofNoHost_isNone(String name) {
        assertThat(whole(inOneRecord(serverName(name), protocols("h2"))))
                .isEqualTo(new ClientHello(null, List.of("h2")));
    }

    @ParameterizedTest
    @ValueSource(ints = {253, 254, 255})
    void name_ofAsManyBytesAsMayBe_isIt(int length) {
        String name = ("a".repeat(63) + ".").repeat(3) + "b".repeat(length - 192);

        assertThat(name).hasSize(length);
        assertThat(whole(inOneRecord(serverName(name))).serverName()).contains(name);
    }

    @Test
    void name_ofEveryByte_isNoneUnlessTheByteIsOfHosts() {
        for (int each = 0; each < 256; each++) {
            byte[] name = {'a', (byte) each, 'Z'};
            boolean isOfHosts = "-._".indexOf(each) >= 0 || (each < 128 && Character.isLetterOrDigit(each));

            assertThat(whole(inOneRecord(serverName(join(bytes("00"), vector(2, name)))))
                            .serverName())
                    .isEqualTo(Optional.ofNullable(isOfHosts ? "a" + (char) Character.toLowerCase(each) + "z" : null));
        }
    }

    @Test
    void names_moreThanOne_areNone() {
        assertThat(whole(inOneRecord(serverName(host("a"), host("b")))).serverName())
                .isEmpty();
        assertThat(whole(inOneRecord(serverName(host("a"), host("a")))).serverName())
                .isEmpty();
        assertThat(whole(inOneRecord(extension(0, vector(2)))).serverName()).isEmpty();
    }

    /** RFC 6066, 3: their lengths have two bytes, whatever they are. */
    @Test
    void names_ofOtherTypes_areSkipped() {
        byte[] other = join(bytes("07"), vector(2, bytes("010203")));

        assertThat(whole(inOneRecord(serverName(other))).serverName()).isEmpty();
        assertThat(whole(inOneRecord(serverName(other, host("a"), other))).serverName())
                .contains("a");
    }

    @Test
    void protocols_ofAnyBytes_areACharacterForEach() {
        String odd = "\u0000\r\n\u00ff";
        ClientHello hello = whole(inOneRecord(protocols(odd, "x".repeat(255), "h2", "h2")));

        assertThat(hello.applicationProtocols()).containsExactly(odd, "x".repeat(255), "h2", "h2");
        assertThat(hello.toString().chars()).allMatch(c -> c >= ' ' && c < 0x7f);
        assertThat(hello.toString()).hasSizeLessThan(200);
    }

    static Stream<byte[]> wrongExtensions() {
        return Stream.of(
                        // server_name
                        "0000 0000",
                        "0000 0001 00",
                        "0000 0006 0005 00 0001 61",
                        "0000 0006 0003 00 0001 61",
                        "0000 0006 0004 00 0002 61",
                        "0000 0006 0004 00 0000 61",
                        "0000 0003 0001 00",
                        "0000 0004 0002 0000",
                        // application_layer_protocol_negotiation
                        "0010 0000",
                        "0010 0001 00",
                        "0010 0002 0000",
                        "0010 0003 0001 00",
                        "0010 0005 0003 03 6832",
                        "0010 0005 0003 01 6832",
                        "0010 0005 0004 02 6832",
                        "0010 0005 0002 02 6832",
                        "0010 0006 0004 02 6832 00",
                        // any
                        "0017",
                        "0017 00",
                        "0017 0001",
                        "0017 0000 00",
                        "0017 ffff 0000",
                        "0017 0000 0017 0000",
                        "3a3a 0000 3a3a 0000",
                        "0000 0006 0004 00 0001 61 0000 0006 0004 00 0001 61",
                        "0010 0005 0003 02 6832 002b 0000 0010 0005 0003 02 6832")
                .map(Blocks::bytes);
    }

    @ParameterizedTest
    @MethodSource("wrongExtensions")
    void extensions_thatDoNotAddUp_areInvalid(byte[] extensions) {
        assertThat(reason(inOneRecord(extensions))).startsWith("TLS: ");
        assertThat(reason(inOneRecord(bytes(Hellos.GREASE_EXTENSION), extensions)))
                .startsWith("TLS: ");
    }

    /** How the block of them is wrong: longer or shorter than what is there. */
    @ParameterizedTest
    @ValueSource(strings = {"00", "0001", "0003 0017 0000", "0005 0017 0000", "0004 0017 0000 00", "0000 00"})
    void block_thatDoesNotEndWithTheHello_isInvalid(String block) {
        assertThat(reason(record(handshake(beforeExtensions(), bytes(block))))).startsWith("TLS: extensions");
    }

    static Stream<byte[]> wrongBodies() {
        byte[] random = bytes("0303" + "00".repeat(32));
        return Stream.of(
                NOTHING,
                bytes("0303"),
                bytes("0303" + "00".repeat(31)),
                random,
                join(random, bytes("20"), new byte[31]),
                join(random, bytes("21"), new byte[33], bytes("0002 1301 01 00")),
                join(random, bytes("00")),
                join(random, bytes("00 00")),
                join(random, bytes("00 0000 01 00")),
                join(random, bytes("00 0001 13 01 00")),
                join(random, bytes("00 0003 130113 01 00")),
                join(random, bytes("00 0004 1301")),
                join(random, bytes("00 0002 1301")),
                join(random, bytes("00 0002 1301 00")),
                join(random, bytes("00 0002 1301 02 00")));
    }

    @ParameterizedTest
    @MethodSource("wrongBodies")
    void body_thatDoesNotAddUp_isInvalid(byte[] body) {
        assertThat(reason(record(handshake(body)))).isEqualTo("TLS: a ClientHello with wrong lengths");
    }

    /** As many as fit: tlsfuzzer sends such hellos, and the time for them must not grow with the square. */
    @Test
    void extensions_veryMany_areFoundTwiceOrNot() {
        byte[][] many = IntStream.range(0, 4_070)
                .map(i -> 17 * i & 0xffff)
                .filter(type -> type != 16)
                .mapToObj(type -> extension(type == 0 ? 5 : type))
                .toArray(byte[][]::new);
        ClientHello hello = whole(Hellos.inRecordsOf(16_384, Hellos.message(many)));

        assertThat(hello.serverName()).isEmpty();
        for (int index : new int[] {0, 1, 3, 15, 16, 17, 18, 19, 20, 21, 4_000}) {
            byte[][] twice = many.clone();
            twice[many.length - 1] = many[index];
            byte[] records = Hellos.inRecordsOf(16_384, Hellos.message(twice));
            assertThat(ClientHello.parse(records, 0, records.length))
                    .isEqualTo(Parsed.invalid("TLS: two extensions of one type"));
        }
    }

    @ParameterizedTest
    @CsvSource({"22, true", "128, false", "71, false", "0, false", "21, false", "23, false", "-1, false"})
    void isHandshake_ofAFirstByte_isWhetherItIsTls(int first, boolean expected) {
        assertThat(ClientHello.isHandshake((byte) first)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\n\r\n",
                "SSH-2.0-OpenSSH_9.6\r\n",
                "PROXY TCP4 1.1.1.1 1.1.1.1 1 1\r\n",
                "\u0080\u002e\u0001\u0003\u0001",
                "\u0015\u0003\u0001\u0000\u0002\u0002\u0028",
                "\u0017\u0003\u0003\u0000\u0001a",
            })
    void bytes_ofOtherProtocols_areInvalidByTheFirst(String other) {
        byte[] bytes = other.getBytes(StandardCharsets.ISO_8859_1);

        assertThat(ClientHello.isHandshake(bytes[0])).isFalse();
        assertThat(ClientHello.parse(bytes, 0, 1)).isInstanceOf(Parsed.Invalid.class);
        reason(bytes);
    }

    @Test
    void hellos_withTheSameParts_areEqual() {
        ClientHello hello = whole(inOneRecord(serverName("a"), protocols("h2")));

        assertThat(hello)
                .isEqualTo(whole(inOneRecord(protocols("h2"), extension(5), serverName("A"))))
                .hasSameHashCodeAs(whole(inOneRecord(protocols("h2"), extension(5), serverName("A"))))
                .isNotEqualTo(whole(inOneRecord(serverName("b"), protocols("h2"))))
                .isNotEqualTo(whole(inOneRecord(serverName("a"), protocols("h3"))))
                .isNotEqualTo(null);
    }

    @Test
    void parse_outsideOfTheArray_isRefused() {
        assertThatThrownBy(() -> ClientHello.parse(new byte[4], 0, 5)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> ClientHello.parse(new byte[4], -1, 4)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    private static ClientHello whole(byte[] records) {
        return Prefixes.whole(ClientHello::parse, records);
    }

    private static String reason(byte[] records) {
        return Prefixes.reason(ClientHello::parse, records);
    }

    /** Each would be kept as long as a backend is looked for: a hello of 16 KB could hold 400 KB. */
    @Test
    void moreProtocolsThanAnyClientOffers_areRefused() {
        String[] offered = new String[65];
        for (int i = 0; i < offered.length; i++) {
            offered[i] = "p" + i;
        }
        byte[] right = Hellos.inOneRecord(Hellos.protocols(Arrays.copyOf(offered, 64)));
        byte[] wrong = Hellos.inOneRecord(Hellos.protocols(offered));
        assertThat(ClientHello.parse(right, 0, right.length)).isInstanceOf(Parsed.Complete.class);
        assertThat(ClientHello.parse(wrong, 0, wrong.length))
                .isEqualTo(Parsed.invalid("TLS: the extension 16 has wrong lengths, or too much in it"));
    }
}
