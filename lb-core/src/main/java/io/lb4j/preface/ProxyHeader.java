package io.lb4j.preface;

import io.lb4j.internal.util.Checks;
import io.lb4j.internal.util.Preload;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a proxy says of a connection before its first byte, by HAProxy's PROXY protocol ({@code doc/proxy-protocol.txt}): who
 * the client is, and which address he connected to. Immutable.
 *
 * <p>Whoever sends a header says what he likes: only those who are known to be proxies may send one.
 *
 * <p>An IPv4 address that is mapped into IPv6 ({@code ::ffff:a.b.c.d}) is the IPv4 address, and no address has a scope. So
 * {@code parse} of what {@link #toBytes} or {@link #toBytesWithChecksum} wrote is an equal header, always.
 */
@SuppressWarnings("exports") // of the annotations, which nobody needs at run time
public final class ProxyHeader {
    /** How many bytes a header may have. The specification lets it have 65,551, of which HAProxy takes so many. */
    public static final int MAX_LENGTH = ProxyBlock.HEAD + ProxyBlock.MOST_BEHIND;

    private static final int MOST_SHOWN = 8;

    static {
        // Needed first, perhaps, when a process is out of descriptors and could not load these.
        Preload.classes(
                ProxyAddresses.class, ProxyLine.class, ProxyBlock.class, ProxyTlvs.class, ProxyTlv.class, Parsed.class);
    }

    private final ProxyVersion version;
    private final boolean isLocal;
    private final @Nullable ProxyAddresses addresses;

    /** Unmodifiable, and nobody else's. */
    private final List<ProxyTlv> tlvs;

    ProxyHeader(ProxyVersion version, boolean isLocal, @Nullable ProxyAddresses addresses, List<ProxyTlv> tlvs) {
        this.version = version;
        this.isLocal = isLocal;
        this.addresses = addresses;
        this.tlvs = tlvs;
    }

    /**
     * A header of either version at the begin of these bytes. It is invalid as soon as one byte cannot be of one.
     *
     * <p>Version 1 by 2.1 of the specification, to the letter: addresses as {@code inet_pton} takes them, one blank between
     * two words, CRLF among the first 107 bytes. {@code UNKNOWN} may have a blank behind it and then anything.
     *
     * <p>Version 2 by 2.2: {@code LOCAL} is accepted with whatever it holds, which is skipped. Where the family or the protocol
     * is unspecified nobody knows how long the addresses are: what is there are TLVs if it adds up to them, and is skipped
     * otherwise. All else must be TLVs to its last byte. A checksum must be right; no value holds it.
     *
     * @param from the index of the first byte
     * @param to the index behind the last byte that is there
     * @throws IndexOutOfBoundsException when the array has no such indexes; for nothing else
     */
    public static Parsed<ProxyHeader> parse(byte[] bytes, int from, int to) {
        Objects.checkFromToIndex(from, to, bytes.length);
        if (from == to) {
            return Parsed.incomplete();
        }
        return ProxyLine.mayBegin(bytes[from]) ? ProxyLine.parse(bytes, from, to) : ProxyBlock.parse(bytes, from, to);
    }

    /**
     * A header that names both addresses. If one is of IPv4 and the other of IPv6, version 2 writes both as IPv6, and version 1
     * has no way to say it, for it is {@link #unknown}.
     *
     * @param source the client's
     * @param destination the one he connected to
     * @throws IllegalArgumentException when one of them is not resolved
     */
    public static ProxyHeader of(ProxyVersion version, InetSocketAddress source, InetSocketAddress destination) {
        Checks.notNull("proxyHeader version", version);
        ProxyAddresses addresses = ProxyAddresses.of(source, destination);
        return version == ProxyVersion.V2 || addresses.areOfOneFamily()
                ? new ProxyHeader(version, false, addresses, List.of())
                : unknown(version);
    }

    /**
     * The header of a connection that is the proxy's own, as a health check is: it has no client. Version 1 cannot say so: it is
     * {@link #unknown}, which some receivers refuse, and the specification advises to send true addresses in checks.
     */
    public static ProxyHeader local(ProxyVersion version) {
        return version == ProxyVersion.V1 ? unknown(version) : new ProxyHeader(version, true, null, List.of());
    }

    /**
     * The header of a client whose addresses cannot be said: {@code UNKNOWN} in version 1, {@code PROXY} with an unspecified
     * family in version 2. Receivers may refuse the latter, and HAProxy does; it takes {@link #local}.
     */
    public static ProxyHeader unknown(ProxyVersion version) {
        return new ProxyHeader(Checks.notNull("proxyHeader version", version), false, null, List.of());
    }

    /**
     * This header with one TLV more, behind those it has.
     *
     * @throws IllegalArgumentException when it is of version 1, which has none; when it is {@linkplain #local local}, for
     *     receivers do not look at them; when it has a {@link ProxyTlv#UNIQUE_ID} and this is one more; or when it would have
     *     more than 16,368 bytes behind the first 16, with a checksum
     */
    public ProxyHeader with(ProxyTlv tlv) {
        return with(List.of(Checks.notNull("proxyHeader tlv", tlv)));
    }

    /**
     * This header with these TLVs, behind those it has; throws what {@link #with(ProxyTlv)} throws.
     */
    public ProxyHeader with(List<ProxyTlv> added) {
        if (added.isEmpty()) {
            return this;
        }
        ProxyTlv first = added.get(0);
        if (version == ProxyVersion.V1 || isLocal) {
            throw refused(first, "none, the header is " + (isLocal ? "local" : "of version 1"));
        }
        List<ProxyTlv> more = new ArrayList<>(tlvs.size() + added.size());
        more.addAll(tlvs);
        more.addAll(added);
        if (more.stream().filter(tlv -> tlv.type() == ProxyTlv.UNIQUE_ID).count() > 1) {
            throw refused(first, "one unique id");
        }
        ProxyHeader with = new ProxyHeader(version, false, addresses, Collections.unmodifiableList(more));
        if (ProxyBlock.length(with, true) > MAX_LENGTH) {
            throw refused(first, "at most " + MAX_LENGTH + " bytes in all");
        }
        return with;
    }

    private static IllegalArgumentException refused(ProxyTlv tlv, String expected) {
        return new IllegalArgumentException("proxyHeader tlv: " + tlv + " (expected: " + expected + ")");
    }

    @Nullable
    ProxyAddresses addresses() {
        return addresses;
    }

    /** How it was written, or is going to be. */
    public ProxyVersion version() {
        return version;
    }

    /** Whether the connection is the proxy's own: {@code LOCAL}, of version 2. */
    public boolean isLocal() {
        return isLocal;
    }

    /**
     * The client. Empty where the header does not say, with the destination: {@code LOCAL}, {@code UNKNOWN}, an unspecified
     * family or protocol, UDP, Unix sockets. There the addresses of the socket hold.
     */
    public Optional<InetSocketAddress> source() {
        return addresses == null ? Optional.empty() : Optional.of(addresses.source());
    }

    /** Which address the client connected to. There whenever the source is. */
    public Optional<InetSocketAddress> destination() {
        return addresses == null ? Optional.empty() : Optional.of(addresses.destination());
    }

    /** What else it says, in its order, and unknown types too; without the checksum. Unmodifiable. */
    public List<ProxyTlv> tlvs() {
        return tlvs;
    }

    /** The first TLV of this type, if there is one. */
    public Optional<ProxyTlv> tlv(int type) {
        for (ProxyTlv each : tlvs) {
            if (each.type() == type) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    /** The host name that the client asked for, as {@link ProxyTlv#AUTHORITY} has it: see {@link ProxyTlv#text}. */
    public Optional<String> serverName() {
        Optional<ProxyTlv> authority = tlv(ProxyTlv.AUTHORITY);
        return authority.isPresent() ? Optional.of(authority.get().text()) : Optional.empty();
    }

    /** The protocol above, as {@link ProxyTlv#ALPN} has it, a character for each byte (ISO-8859-1), whatever they are. */
    public Optional<String> applicationProtocol() {
        Optional<ProxyTlv> alpn = tlv(ProxyTlv.ALPN);
        return alpn.isPresent()
                ? Optional.of(new String(alpn.get().value(), StandardCharsets.ISO_8859_1))
                : Optional.empty();
    }

    /** What names the connection across proxies, at most 128 bytes: {@link ProxyTlv#UNIQUE_ID}. A copy. */
    public Optional<byte[]> uniqueId() {
        Optional<ProxyTlv> id = tlv(ProxyTlv.UNIQUE_ID);
        return id.isPresent() ? Optional.of(id.get().value()) : Optional.empty();
    }

    /** As it goes over the wire, at most {@link #MAX_LENGTH} bytes; a new array. */
    public byte[] toBytes() {
        return version == ProxyVersion.V1 ? ProxyLine.write(addresses) : ProxyBlock.write(this, false);
    }

    /**
     * The same with a checksum (2.2.3), which receivers check who can.
     *
     * @throws IllegalStateException when it is of version 1, which has none; or when it was parsed, and is so long that there is
     *     no place for one
     */
    public byte[] toBytesWithChecksum() {
        if (version == ProxyVersion.V1 || ProxyBlock.length(this, true) > MAX_LENGTH) {
            throw new IllegalStateException("proxyHeader checksum: no place for it (expected: version 2, at most "
                    + (MAX_LENGTH - ProxyTlvs.CHECKSUM_LENGTH) + " bytes)");
        }
        return ProxyBlock.write(this, true);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ProxyHeader those
                && version == those.version
                && isLocal == those.isLocal
                && Objects.equals(addresses, those.addresses)
                && tlvs.equals(those.tlvs);
    }

    @Override
    public int hashCode() {
        return Objects.hash(version, isLocal, addresses, tlvs);
    }

    /** On one line, printable, and not too long for a log: {@code V2 10.0.0.1:5000 -> 10.0.0.2:443, 0x02 example.com}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(version.name()).append(' ');
        text.append(isLocal ? "local" : addresses == null ? "unknown" : addresses);
        for (int i = 0; i < Math.min(tlvs.size(), MOST_SHOWN); i++) {
            text.append(", ").append(tlvs.get(i));
        }
        return text.append(tlvs.size() > MOST_SHOWN ? ", ..." : "").toString();
    }
}
