package io.lb4j.internal.epoll;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;

/** Socket addresses as the kernel has them: {@code struct sockaddr_in} and {@code sockaddr_in6} (ip(7), ipv6(7)). */
final class SocketAddresses {
    private static final int IN_BYTES = 16;
    private static final int IN6_BYTES = 28;
    private static final int PORT = 2;
    private static final int IN_ADDRESS = 4;
    private static final int IN6_ADDRESS = 8;
    private static final int IN6_SCOPE = 24;
    private static final int MAPPED_V4 = 12;
    private static final int V4_LENGTH = 4;
    private static final int V6_LENGTH = 16;

    private static final ValueLayout.OfShort NETWORK_SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private SocketAddresses() {}

    /** An Internet address, or what the JDK throws for any other. */
    static InetSocketAddress checked(SocketAddress address) {
        if (!(address instanceof InetSocketAddress internet)) {
            throw new UnsupportedAddressTypeException();
        }
        if (internet.isUnresolved()) {
            throw new UnresolvedAddressException();
        }
        return internet;
    }

    /** Writes it as a socket of this family takes it. Returns its length. */
    static int put(MemorySegment to, int family, InetSocketAddress address) {
        InetAddress host = address.getAddress();
        byte[] bytes = host.getAddress();
        to.fill((byte) 0);
        to.set(ValueLayout.JAVA_SHORT, 0, (short) family);
        to.set(NETWORK_SHORT, PORT, (short) address.getPort());
        if (family == Libc.AF_INET) {
            if (bytes.length != V4_LENGTH) {
                throw new UnsupportedAddressTypeException();
            }
            MemorySegment.copy(bytes, 0, to, ValueLayout.JAVA_BYTE, IN_ADDRESS, V4_LENGTH);
            return IN_BYTES;
        }
        if (host instanceof Inet6Address v6) {
            MemorySegment.copy(bytes, 0, to, ValueLayout.JAVA_BYTE, IN6_ADDRESS, V6_LENGTH);
            to.set(ValueLayout.JAVA_INT, IN6_SCOPE, v6.getScopeId());
        } else if (!host.isAnyLocalAddress()) {
            // ::ffff:a.b.c.d (RFC 4291, 2.5.5.2); the wildcard is that of both families.
            to.set(ValueLayout.JAVA_SHORT, IN6_ADDRESS + 10L, (short) -1);
            MemorySegment.copy(bytes, 0, to, ValueLayout.JAVA_BYTE, (long) IN6_ADDRESS + MAPPED_V4, V4_LENGTH);
        }
        return IN6_BYTES;
    }

    static InetSocketAddress get(MemorySegment from) {
        int port = from.get(NETWORK_SHORT, PORT) & 0xFFFF;
        return new InetSocketAddress(host(from), port);
    }

    private static InetAddress host(MemorySegment from) {
        try {
            if (from.get(ValueLayout.JAVA_SHORT, 0) == Libc.AF_INET) {
                return InetAddress.getByAddress(bytes(from, IN_ADDRESS, V4_LENGTH));
            }
            byte[] bytes = bytes(from, IN6_ADDRESS, V6_LENGTH);
            InetAddress host = InetAddress.getByAddress(bytes);
            int scope = from.get(ValueLayout.JAVA_INT, IN6_SCOPE);
            // One that is mapped comes as the IPv4 address that it stands for.
            return host instanceof Inet4Address || scope == 0 ? host : Inet6Address.getByAddress(null, bytes, scope);
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static byte[] bytes(MemorySegment from, int offset, int length) {
        byte[] bytes = new byte[length];
        MemorySegment.copy(from, ValueLayout.JAVA_BYTE, offset, bytes, 0, length);
        return bytes;
    }
}
