package io.lb4j.preface;

import io.lb4j.internal.util.AddressBits;
import io.lb4j.internal.util.Checks;
import io.lb4j.internal.util.Hosts;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/** Both ends of a connection: resolved, without scopes, and no IPv4 address is mapped into IPv6. */
record ProxyAddresses(InetSocketAddress source, InetSocketAddress destination) {
    static final int IPV4_LENGTH = 4;
    static final int IPV6_LENGTH = 16;

    /** These, as a header says them. */
    static ProxyAddresses of(InetSocketAddress source, InetSocketAddress destination) {
        return new ProxyAddresses(plain("proxyHeader source", source), plain("proxyHeader destination", destination));
    }

    /** Those of these bytes, 4 or 16 each; a mapped one is taken for what it is. */
    static ProxyAddresses of(byte[] source, int sourcePort, byte[] destination, int destinationPort) {
        return new ProxyAddresses(
                new InetSocketAddress(address(source), sourcePort),
                new InetSocketAddress(address(destination), destinationPort));
    }

    private static InetSocketAddress plain(String name, InetSocketAddress address) {
        Checks.notNull(name, address);
        if (address.isUnresolved()) {
            throw new IllegalArgumentException(name + ": " + Hosts.join(address) + " (expected: a resolved address)");
        }
        return address.getAddress() instanceof Inet6Address ipv6 && !isPlain(ipv6)
                ? new InetSocketAddress(address(ipv6.getAddress()), address.getPort())
                : address;
    }

    private static boolean isPlain(Inet6Address address) {
        return address.getScopeId() == 0
                && address.getScopedInterface() == null
                && !AddressBits.isIpv4(address, address.getAddress());
    }

    /** Without a scope. Of a mapped address the JDK makes the one of IPv4. */
    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    boolean areIpv4() {
        return isIpv4(source) && isIpv4(destination);
    }

    boolean areOfOneFamily() {
        return isIpv4(source) == isIpv4(destination);
    }

    static boolean isIpv4(InetSocketAddress address) {
        return address.getAddress() instanceof Inet4Address;
    }

    @Override
    public String toString() {
        return Hosts.join(source) + " -> " + Hosts.join(destination);
    }
}
