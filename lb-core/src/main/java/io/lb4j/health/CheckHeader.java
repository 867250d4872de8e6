package io.lb4j.health;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.Checks;
import io.lb4j.preface.ProxyHeader;
import io.lb4j.preface.ProxyVersion;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * What a check of a backend that expects headers of the PROXY protocol sends first. Those of {@link HealthChecker} do so by
 * themselves; it is for checks of your own.
 */
public final class CheckHeader {
    private static final byte[] NONE = {};

    private CheckHeader() {}

    /**
     * The bytes to send before any other: {@code LOCAL} in version 2; in version 1, which has no such word, a header that names
     * the check's own addresses (PROXY protocol, 2.1 and 2.2). Empty when the backend expects no header.
     *
     * @param local where the check's socket is connected from
     * @param remote where it is connected to
     * @throws IllegalArgumentException when one of them is not resolved
     */
    public static byte[] of(Backend backend, InetSocketAddress local, InetSocketAddress remote) {
        Checks.notNull("local", local);
        Checks.notNull("remote", remote);
        Optional<ProxyVersion> version = Checks.notNull("backend", backend).proxyProtocol();
        if (version.isEmpty()) {
            return NONE;
        }
        ProxyHeader header = version.get() == ProxyVersion.V2
                ? ProxyHeader.local(ProxyVersion.V2)
                : ProxyHeader.of(ProxyVersion.V1, local, remote);
        return header.toBytes();
    }
}
