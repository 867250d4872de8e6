package io.lb4j.internal.util;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** Host names and address literals. Nothing here asks a name server unless its doc says so. */
public final class Hosts {
    private Hosts() {}

    /** Host and port as one word; an IPv6 address gets its brackets. */
    public static String join(String host, int port) {
        return host.indexOf(':') < 0 ? host + ":" + port : "[" + host + "]:" + port;
    }

    /** An address and its port as one word, without the slash and the name that {@code toString} adds. */
    public static String join(InetSocketAddress address) {
        return join(
                address.isUnresolved()
                        ? address.getHostString()
                        : address.getAddress().getHostAddress(),
                address.getPort());
    }

    /**
     * The host without the brackets of an IPv6 literal.
     *
     * @throws IllegalArgumentException when it has a colon and is not an IPv6 address, or consists of digits and dots
     *     and is not an IPv4 address of four numbers: the JDK would take 010.1.2.3 for 10.1.2.3
     */
    public static String withoutBrackets(String host) {
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        String bare = bracketed ? host.substring(1, host.length() - 1) : host;
        boolean isIpv6 = bare.indexOf(':') >= 0;
        boolean looksLikeAnAddress = isIpv6 || bare.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'));
        if ((bracketed && !isIpv6) || (looksLikeAnAddress && literal(bare) == null)) {
            throw new IllegalArgumentException("host: \"" + host + "\" (expected: a name, an IPv4 or an IPv6 address)");
        }
        return bare;
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
            byte[] quad = dottedQuad(host);
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

    private static byte @Nullable [] dottedQuad(String host) {
        String[] parts = host.split("\\.", -1);
        if (parts.length != 4) {
            return null;
        }
        byte[] quad = new byte[4];
        for (int i = 0; i < 4; i++) {
            int number = decimal(parts[i]);
            if (number < 0) {
                return null;
            }
            quad[i] = (byte) number;
        }
        return quad;
    }

    /** 0..255 without leading zeros, or -1. */
    private static int decimal(String part) {
        if (part.isEmpty() || part.length() > 3 || !part.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return -1;
        }
        int number = Integer.parseInt(part);
        return number > 255 || (part.length() > 1 && part.charAt(0) == '0') ? -1 : number;
    }
}
