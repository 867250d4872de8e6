package io.lb4j.preface;

import io.lb4j.internal.util.AddressText;
import io.lb4j.internal.util.Hosts;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Version 1: a line of text (proxy-protocol.txt, 2.1). */
final class ProxyLine {
    /*
     * A line is looked at in two steps. While its end is not there, each byte is asked only whether it can stand there: so what
     * is no line is refused by its first wrong byte. The addresses are read once, when CR LF is there, as the specification
     * demands: 10.0.0.1 may be the begin of 10.0.0.17.
     */

    /** With CR and LF. */
    static final int MAX_LENGTH = 107;

    private static final byte[] TCP4 = ascii("PROXY TCP4 ");
    private static final byte[] TCP6 = ascii("PROXY TCP6 ");
    private static final byte[] UNKNOWN = ascii("PROXY UNKNOWN ");
    private static final byte[] UNKNOWN_ALONE = ascii("PROXY UNKNOWN\r\n");
    private static final byte[] MAPPED = ascii("::ffff:");

    private static final int FAMILY = ascii("PROXY TCP").length;
    private static final int MOST_PORT = 0xffff;

    private ProxyLine() {}

    static boolean mayBegin(byte first) {
        return first == TCP4[0];
    }

    static Parsed<ProxyHeader> parse(byte[] bytes, int from, int to) {
        if (fits(TCP4, bytes, from, to) || fits(TCP6, bytes, from, to)) {
            return parseAddresses(bytes, from, to);
        }
        return fits(UNKNOWN, bytes, from, to) || fits(UNKNOWN_ALONE, bytes, from, to)
                ? parseUnknown(bytes, from, to)
                : Parsed.invalid("PROXY v1: it does not begin with PROXY and TCP4, TCP6 or UNKNOWN");
    }

    /** Whether these are the first bytes of that begin, or all of them and more. */
    private static boolean fits(byte[] begin, byte[] bytes, int from, int to) {
        int end = from + Math.min(begin.length, to - from);
        return Arrays.equals(bytes, from, end, begin, 0, end - from);
    }

    private static Parsed<ProxyHeader> parseUnknown(byte[] bytes, int from, int to) {
        int end = Math.min(to, from + MAX_LENGTH);
        for (int i = from + UNKNOWN.length; i < end; i++) {
            if (bytes[i] == '\n' && bytes[i - 1] == '\r') {
                return Parsed.complete(ProxyHeader.unknown(ProxyVersion.V1), i + 1 - from);
            }
        }
        return withoutEnd(from, to);
    }

    private static Parsed<ProxyHeader> withoutEnd(int from, int to) {
        return to - from < MAX_LENGTH
                ? Parsed.incomplete()
                : Parsed.invalid("PROXY v1: no CR LF within " + MAX_LENGTH + " bytes");
    }

    private static Parsed<ProxyHeader> parseAddresses(byte[] bytes, int from, int to) {
        int begin = from + TCP4.length;
        int end = Math.min(to, from + MAX_LENGTH);
        for (int i = begin; i < end; i++) {
            boolean isBehindReturn = bytes[i - 1] == '\r';
            if (isBehindReturn && bytes[i] == '\n') {
                String words = new String(bytes, begin, i - 1 - begin, StandardCharsets.ISO_8859_1);
                return header(words, bytes[from + FAMILY] == '4', i + 1 - from);
            }
            if (isBehindReturn || !mayFollow(bytes[i])) {
                return Parsed.invalid("PROXY v1: a byte that is in no address and in no port, or CR or LF alone");
            }
        }
        return withoutEnd(from, to);
    }

    private static boolean mayFollow(byte character) {
        return (character >= '0' && character <= ':')
                || (character >= 'a' && character <= 'f')
                || (character >= 'A' && character <= 'F')
                || character == '.'
                || character == ' '
                || character == '\r';
    }

    private static Parsed<ProxyHeader> header(String text, boolean isIpv4, int length) {
        String[] words = text.split(" ", -1);
        if (words.length != 4) {
            return Parsed.invalid("PROXY v1: not two addresses and two ports with one blank between two of them");
        }
        byte[] source = address(words[0], isIpv4);
        byte[] destination = address(words[1], isIpv4);
        if (source == null || destination == null) {
            return Parsed.invalid("PROXY v1: an address that is none of its family");
        }
        int sourcePort = AddressText.number(words[2], MOST_PORT);
        int destinationPort = AddressText.number(words[3], MOST_PORT);
        if (sourcePort < 0 || destinationPort < 0) {
            return Parsed.invalid("PROXY v1: a port that is no number of 0..65535 without leading zeros");
        }
        ProxyAddresses addresses = ProxyAddresses.of(source, sourcePort, destination, destinationPort);
        return Parsed.complete(new ProxyHeader(ProxyVersion.V1, false, addresses, List.of()), length);
    }

    /** Null when it is none of this family. */
    private static byte @Nullable [] address(String word, boolean isIpv4) {
        byte[] bytes = AddressText.parse(word);
        return bytes != null && isIpv4 == (bytes.length == ProxyAddresses.IPV4_LENGTH) ? bytes : null;
    }

    /** The line of these addresses; {@code UNKNOWN} when there are none. */
    static byte[] write(@Nullable ProxyAddresses addresses) {
        if (addresses == null) {
            return UNKNOWN_ALONE.clone();
        }
        InetSocketAddress source = addresses.source();
        InetSocketAddress destination = addresses.destination();
        boolean isIpv4 = addresses.areIpv4();
        byte[] line = new byte[MAX_LENGTH];
        int end = put(isIpv4 ? TCP4 : TCP6, line, 0);
        end = putAddress(source, isIpv4, line, end);
        end = putAddress(destination, isIpv4, line, end);
        end = putNumber(source.getPort(), line, end);
        line[end++] = ' ';
        end = putNumber(destination.getPort(), line, end);
        line[end++] = '\r';
        line[end++] = '\n';
        return Arrays.copyOf(line, end);
    }

    /** With a blank behind it. */
    private static int putAddress(InetSocketAddress address, boolean isIpv4Line, byte[] line, int at) {
        int end = at;
        if (ProxyAddresses.isIpv4(address)) {
            end = isIpv4Line ? end : put(MAPPED, line, end);
            for (byte each : address.getAddress().getAddress()) {
                end = putNumber(each & 0xff, line, end);
                line[end++] = '.';
            }
            end--;
        } else {
            end = put(ascii(Hosts.text(address.getAddress())), line, end);
        }
        line[end++] = ' ';
        return end;
    }

    private static int putNumber(int number, byte[] line, int at) {
        int begin = number < 10 ? at : putNumber(number / 10, line, at);
        line[begin] = (byte) ('0' + number % 10);
        return begin + 1;
    }

    private static int put(byte[] text, byte[] line, int at) {
        System.arraycopy(text, 0, line, at, text.length);
        return at + text.length;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
