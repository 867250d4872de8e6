package io.lb4j.internal.util;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Host names and address literals. Nothing here asks a name server unless its doc says so. An IPv6 address has one
 * spelling, that of RFC 5952, wherever it came from: it is part of ids, and people and programs compare those.
 */
public final class Hosts {
    private static final Pattern DIGITS = Pattern.compile("[0-9]{1,9}");

    private static final int GROUPS = 8;

    private Hosts() {}

    /** The spelling of an address; with its scope, if it has one. */
    public static String text(InetAddress address) {
        String spelled = address.getHostAddress();
        if (!(address instanceof Inet6Address)) {
            return spelled;
        }
        return spelling(address.getAddress()) + scope(spelled);
    }

    /** RFC 5952: lower case, no leading zeros, the longest run of zeros as "::", a mapped IPv4 address as such. */
    private static String spelling(byte[] address) {
        int[] groups = new int[GROUPS];
        for (int i = 0; i < GROUPS; i++) {
            groups[i] = (address[2 * i] & 0xff) << 8 | (address[2 * i + 1] & 0xff);
        }
        int begin = longestZeros(groups);
        int end = begin + zerosFrom(groups, begin);
        if (begin == 0 && end == 5 && groups[5] == 0xffff) {
            return mapped(address[12] & 0xff, address[13] & 0xff, address[14] & 0xff, address[15] & 0xff);
        }
        // One group of zeros alone is written as such.
        return end - begin < 2
                ? joined(groups, 0, GROUPS)
                : joined(groups, 0, begin) + "::" + joined(groups, end, GROUPS);
    }

    /** Where the longest run begins; the first of several that are as long. */
    private static int longestZeros(int[] groups) {
        int longest = 0;
        for (int i = 1; i < GROUPS; i++) {
            if (zerosFrom(groups, i) > zerosFrom(groups, longest)) {
                longest = i;
            }
        }
        return longest;
    }

    private static int zerosFrom(int[] groups, int begin) {
        int end = begin;
        while (end < GROUPS && groups[end] == 0) {
            end++;
        }
        return end - begin;
    }

    private static String joined(int[] groups, int begin, int end) {
        StringBuilder text = new StringBuilder();
        for (int i = begin; i < end; i++) {
            text.append(i == begin ? "" : ":").append(Integer.toHexString(groups[i]));
        }
        return text.toString();
    }

    private static String mapped(int a, int b, int c, int d) {
        return "::ffff:" + a + "." + b + "." + c + "." + d;
    }

    private static String scope(String spelled) {
        int percent = spelled.indexOf('%');
        return percent < 0 ? "" : spelled.substring(percent);
    }

    /** Host and port as one word; an IPv6 address gets its brackets. */
    public static String join(String host, int port) {
        return bracketed(host) + ":" + port;
    }

    /** Where the colon is in what may be host and port as one word; negative where it cannot be that. */
    public static int portColon(String place) {
        int colon = place.lastIndexOf(':');
        boolean bracketed = place.startsWith("[") && colon > 0 && place.charAt(colon - 1) == ']';
        boolean plain =
                colon > 0 && place.indexOf(':') == colon && place.chars().noneMatch(c -> "[]/".indexOf(c) >= 0);
        return bracketed || plain ? colon : -1;
    }

    /** What stands behind that colon, as a number of at most nine digits; negative where it is none. */
    public static int portNumber(String digits) {
        return DIGITS.matcher(digits).matches() ? Integer.parseInt(digits) : -1;
    }

    /** The host as it stands before a colon: an IPv6 address in brackets. */
    public static String bracketed(String host) {
        return host.indexOf(':') < 0 ? host : "[" + host + "]";
    }

    /** An address and its port as one word, without the slash and the name that {@code toString} adds. */
    public static String join(InetSocketAddress address) {
        return join(address.isUnresolved() ? address.getHostString() : text(address.getAddress()), address.getPort());
    }

    /**
     * The host without the brackets of an IPv6 literal, and that in its one spelling, with its scope as given.
     *
     * @throws IllegalArgumentException when it has a colon and is not an IPv6 address, or consists of digits and dots
     *     and is not an IPv4 address of four numbers: the JDK would take 010.1.2.3 for 10.1.2.3
     */
    public static String withoutBrackets(String host) {
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        String bare = bracketed ? host.substring(1, host.length() - 1) : host;
        boolean isIpv6 = bare.indexOf(':') >= 0;
        boolean looksLikeAnAddress = isIpv6 || bare.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'));
        InetAddress literal = looksLikeAnAddress ? literal(bare) : null;
        if ((bracketed && !isIpv6) || (looksLikeAnAddress && literal == null)) {
            throw new IllegalArgumentException("host: \"" + host + "\" (expected: a name, an IPv4 or an IPv6 address)");
        }
        return isIpv6 && literal != null ? respelled(bare, literal) : bare;
    }

    private static String respelled(String host, InetAddress literal) {
        // The JDK makes an IPv4 address of a mapped one.
        return literal instanceof Inet4Address
                ? "::ffff:" + literal.getHostAddress()
                : spelling(literal.getAddress()) + scope(host);
    }

    /**
     * The address that {@code host} spells out, or null when it is a name. IPv4 is four decimal numbers and nothing
     * else: the JDK also takes {@code 10.1.515} and {@code 167838211}, which nobody who writes them means.
     */
    public static @Nullable InetAddress literal(String host) {
        try {
            if (host.indexOf(':') >= 0) {
                return InetAddress.getByName("[" + host + "]");
            }
            byte[] quad = AddressText.parse(host);
            return quad == null ? null : InetAddress.getByAddress(quad);
        } catch (UnknownHostException notAnAddress) {
            return null;
        }
    }

    /** Whether a connection to this address on that port would come back to a listener bound to {@code listener}. */
    public static boolean reaches(InetAddress address, int port, InetSocketAddress listener) {
        if (port != listener.getPort()) {
            return false;
        }
        InetAddress bound = listener.getAddress();
        return address.equals(bound)
                || ((bound.isAnyLocalAddress() || address.isAnyLocalAddress()) && isLocal(address));
    }

    /** Whether it is an address of this machine. Asks the system. */
    public static boolean isLocal(InetAddress address) {
        try {
            return address.isLoopbackAddress()
                    || address.isAnyLocalAddress()
                    || NetworkInterface.getByInetAddress(address) != null;
        } catch (SocketException unknown) {
            return false;
        }
    }
}
