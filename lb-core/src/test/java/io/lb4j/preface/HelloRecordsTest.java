package io.lb4j.preface;

import static io.lb4j.preface.Blocks.bytes;
import static io.lb4j.preface.Blocks.join;
import static io.lb4j.preface.Hellos.extension;
import static io.lb4j.preface.Hellos.inRecordsOf;
import static io.lb4j.preface.Hellos.protocols;
import static io.lb4j.preface.Hellos.record;
import static io.lb4j.preface.Hellos.serverName;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** F5: how a hello comes. */
class HelloRecordsTest {
    private static final byte[] MESSAGE = Hellos.message(serverName("example.com"), protocols("h2"));
    private static final ClientHello HELLO = new ClientHello("example.com", List.of("h2"));

    @Test
    void hello_inRecordsOfEverySize_isTheSame() {
        for (int size = 1; size <= MESSAGE.length; size++) {
            assertThat(Prefixes.whole(ClientHello::parse, inRecordsOf(size, MESSAGE)))
                    .as("records of %d", size)
                    .isEqualTo(HELLO);
        }
    }

    @Test
    void hello_inTwoRecords_isTheSameWhereverItIsCut() {
        for (int cut = 1; cut < MESSAGE.length; cut++) {
            byte[] records =
                    join(record(Arrays.copyOf(MESSAGE, cut)), record(Arrays.copyOfRange(MESSAGE, cut, MESSAGE.length)));

            assertThat(Prefixes.whole(ClientHello::parse, records))
                    .as("cut at %d", cut)
                    .isEqualTo(HELLO);
        }
    }

    /** Post-quantum hellos are larger than a segment; in records of one byte they are six times as large. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 100, 512, 1_000, 16_384})
    void hello_ofABrowserInRecords_isTheSame(int size) {
        byte[] records = inRecordsOf(size, Hellos.large());
        Parsed<ClientHello> expected =
                Parsed.complete(new ClientHello("www.example.com", List.of("h2", "http/1.1")), records.length);

        assertThat(Prefixes.parseAll(ClientHello::parse, records)).isEqualTo(expected);
        assertThat(ClientHello.parse(records, 0, records.length - 1)).isSameAs(Parsed.incomplete());
    }

    @ParameterizedTest
    @CsvSource({"0", "1", "2", "3", "4", "255"})
    void record_ofAnyMinorVersion_isAccepted(int minor) {
        byte[] records = record(MESSAGE);
        records[2] = (byte) minor;

        assertThat(Prefixes.whole(ClientHello::parse, records)).isEqualTo(HELLO);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 4, 255})
    void record_ofAnotherMajorVersion_isInvalidAtOnce(int major) {
        byte[] records = record(MESSAGE);
        records[1] = (byte) major;

        assertInvalidAt(2, records, "TLS: a record of a version that is not 3.x");
    }

    @ParameterizedTest
    @CsvSource({"0000", "4001", "8000", "ffff"})
    void record_ofAWrongLength_isInvalidAtOnce(String length) {
        assertInvalidAt(5, bytes("16 0301" + length + "01"), "TLS: a record that has not 1..16384 bytes");
    }

    @Test
    void record_thatIsNotTheFirst_mustBeRightToo() {
        byte[] first = record(Arrays.copyOf(MESSAGE, 20));

        assertInvalidAt(
                first.length + 1,
                join(first, bytes("15 0301 0002 0100")),
                "TLS: a record that is no handshake, before the end of the hello");
        assertInvalidAt(
                first.length + 2,
                join(first, bytes("16 0201 0002 0100")),
                "TLS: a record of a version that is not 3.x");
        assertInvalidAt(
                first.length + 5, join(first, bytes("16 0301 0000 16")), "TLS: a record that has not 1..16384 bytes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"00", "02", "04", "0b", "ff"})
    void handshake_thatIsNoClientHello_isInvalidAtOnce(String type) {
        assertInvalidAt(
                6, bytes("16 0301 0200" + type + "0001fc"), "TLS: a handshake that does not begin with a ClientHello");
    }

    @Test
    void hello_of16KiB_isAccepted() {
        byte[] message = ofLength(16_384);
        byte[] records = inRecordsOf(16_384, message);

        assertThat(records).hasSize(16_384 + 4 + 2 * 5);
        assertThat(ClientHello.parse(records, 0, records.length)).isEqualTo(Parsed.complete(HELLO, records.length));
        assertThat(ClientHello.parse(records, 0, records.length - 1)).isSameAs(Parsed.incomplete());
    }

    @ParameterizedTest
    @ValueSource(ints = {16_385, 20_000, 0xffff, 0x10000, 0xff_ffff})
    void hello_ofMore_isInvalidAsSoonAsItSaysSo(int length) {
        byte[] message = ofLength(16_384);
        message[1] = (byte) (length >> 16);
        message[2] = (byte) (length >> 8);
        message[3] = (byte) length;

        assertInvalidAt(9, record(Arrays.copyOf(message, 100)), "TLS: a ClientHello of more than 16384 bytes");
        assertInvalidAt(
                4 * 6, inRecordsOf(1, Arrays.copyOf(message, 100)), "TLS: a ClientHello of more than 16384 bytes");
    }

    /** Records of one byte make six of each. */
    @Test
    void records_of32KiB_areAllThatIsTakenForOneHello() {
        byte[] fits = inRecordsOf(1, ofLength(ClientHello.MAX_LENGTH / 6 - 4));
        byte[] tooLong = inRecordsOf(1, ofLength(ClientHello.MAX_LENGTH / 6 - 3));

        assertThat(fits.length).isBetween(ClientHello.MAX_LENGTH - 5, ClientHello.MAX_LENGTH);
        assertThat(ClientHello.parse(fits, 0, fits.length)).isEqualTo(Parsed.complete(HELLO, fits.length));
        String reason = "TLS: more than 32768 bytes of records for one hello";
        assertThat(ClientHello.parse(tooLong, 0, ClientHello.MAX_LENGTH)).isEqualTo(Parsed.invalid(reason));
        assertThat(ClientHello.parse(tooLong, 0, tooLong.length)).isEqualTo(Parsed.invalid(reason));
        // The next record says at its begin that it is too long.
        byte[] last = join(inRecordsOf(16_384, Arrays.copyOf(ofLength(16_384), 16_384)), bytes("16 0301 4000"));
        assertInvalidAt(last.length, last, reason);
    }

    /** A record has a byte at least, for which there is no place. */
    @Test
    void records_thatLeavePlaceForAHeadAlone_areTooLongAtOnce() {
        byte[] message = ofLength(16_384);
        byte[] first = record(Arrays.copyOf(message, 4));
        byte[] others = inRecordsOf(1, Arrays.copyOfRange(message, 4, 4 + 5_459));

        assertThat(first.length + others.length).isEqualTo(ClientHello.MAX_LENGTH - 5);
        assertInvalidAt(
                ClientHello.MAX_LENGTH - 5, join(first, others), "TLS: more than 32768 bytes of records for one hello");
    }

    /** Not by the book, and not ours to judge: JSSE reads such hellos, and others may. */
    @Test
    void record_withMoreBehindTheHello_isTakenToItsEnd() {
        byte[] more = record(join(MESSAGE, bytes("0100")));

        assertThat(Prefixes.whole(ClientHello::parse, more)).isEqualTo(HELLO);
    }

    @Test
    void hello_beforeMore_takesNoneOfIt() {
        byte[] records = record(MESSAGE);
        byte[] earlyData = join(records, bytes("14 0303 0001 01 17 0303 0002 abcd"));

        assertThat(Prefixes.parseAll(ClientHello::parse, earlyData)).isEqualTo(Parsed.complete(HELLO, records.length));
    }

    private static byte[] ofLength(int length) {
        byte[] without = Hellos.message(serverName("example.com"), protocols("h2"), extension(21));
        return Hellos.message(
                serverName("example.com"), protocols("h2"), extension(21, new byte[length + 4 - without.length]));
    }

    /** That so many bytes are wrong, and fewer are not. */
    private static void assertInvalidAt(int length, byte[] records, String reason) {
        assertThat(ClientHello.parse(records, 0, length - 1)).isSameAs(Parsed.incomplete());
        assertThat(ClientHello.parse(records, 0, length)).isEqualTo(Parsed.invalid(reason));
        assertThat(Prefixes.reason(ClientHello::parse, records)).isEqualTo(reason);
    }
}
