package io.lb4j.proxy;

import io.lb4j.internal.util.Checks;
import io.lb4j.preface.ProxyHeader;
import io.lb4j.preface.ProxyTlv;
import io.lb4j.preface.ProxyVersion;
import io.lb4j.selection.ClientConnection;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What backends are told of a frontend's connections besides the addresses, where they are sent headers of version 2 of the
 * PROXY protocol. Immutable.
 */
@SuppressWarnings("exports") // of the annotations, which nobody needs at run time
public final class ProxyTlvs {
    static final ProxyTlvs NONE = new ProxyTlvs(new Builder());

    /** What becomes of a header, as the connection is. */
    interface Part {
        ProxyHeader addTo(ProxyHeader header, ConnectionStory connection);
    }

    private final List<Part> parts;
    private final boolean hasUniqueId;
    private final boolean hasChecksum;

    private ProxyTlvs(Builder builder) {
        parts = List.copyOf(builder.parts);
        hasUniqueId = builder.hasUniqueId;
        hasChecksum = builder.hasChecksum;
    }

    static ProxyTlvs of(Consumer<Builder> settings) {
        return new ProxyTlvs(Checks.filled("proxyTlvs", settings, new Builder()));
    }

    /** Whether connections need a name. */
    boolean haveUniqueId() {
        return hasUniqueId;
    }

    /** This header with all of them, as it is sent. What a guest throws is logged, and then the header is without his. */
    byte[] write(ProxyHeader header, ConnectionStory connection, EventLoop loop) {
        if (header.version() == ProxyVersion.V1) {
            return header.toBytes();
        }
        ProxyHeader whole = header;
        for (Part part : parts) {
            whole = loop.context().guests.tlv(loop, part, whole, connection);
        }
        return hasChecksum ? whole.toBytesWithChecksum() : whole.toBytes();
    }

    /** Collects what backends are told. Each call adds something; TLVs are sent in the order of the calls. */
    public static final class Builder {
        private final List<Part> parts = new ArrayList<>();
        private boolean hasUniqueId;
        private boolean hasChecksum;

        private Builder() {}

        /** The host that the client asks for by TLS ({@link ProxyTlv#AUTHORITY}), if his frontend looked and he named one. */
        public Builder serverName() {
            return text(ProxyTlv.AUTHORITY, ClientConnection::serverName);
        }

        /**
         * The protocol above ({@link ProxyTlv#ALPN}), if it is known: because TLS is spoken with the client and both have agreed on it, or
         * because he offers no other one by TLS, and his frontend looked.
         */
        public Builder applicationProtocol() {
            return text(
                    ProxyTlv.ALPN,
                    connection -> connection.tls().isPresent()
                            ? connection.tls().get().applicationProtocol()
                            : Optional.of(connection.applicationProtocols())
                                    .filter(offered -> offered.size() == 1)
                                    .map(offered -> offered.get(0)));
        }

        /**
         * How TLS is spoken with the client ({@link ProxyTlv#SSL}), if it is: version, cipher, and whether he has shown a certificate,
         * with its common name.
         */
        public Builder tls() {
            return add((header, connection) ->
                    connection.tls().map(tls -> header.with(TlsTlv.of(tls))).orElse(header));
        }

        /**
         * What names the connection ({@link ProxyTlv#UNIQUE_ID}): what the proxy before this one has called it, if it did; else a
         * number of this balancer's in 16 hexadecimal digits, which no other one has, a hyphen, and the connection's number in events
         * and logs.
         */
        public Builder uniqueId() {
            hasUniqueId = true;
            return add((header, connection) -> {
                if (header.tlv(ProxyTlv.UNIQUE_ID).isPresent()) {
                    return header;
                }
                Optional<ProxyTlv> came = connection.proxyHeader().flatMap(before -> before.tlv(ProxyTlv.UNIQUE_ID));
                return header.with(came.orElseGet(() -> text(ProxyTlv.UNIQUE_ID, connection.uniqueId())));
            });
        }

        /** The checksum of the header ({@link ProxyTlv#CRC32C}), at its end. */
        public Builder checksum() {
            hasChecksum = true;
            return this;
        }

        /**
         * TLVs of the header that the client's proxy has sent, if there was one, byte for byte: those whose types are within
         * these bounds, in their order. Where there is no room for all of them, there are none.
         *
         * @param first 0..255
         * @param last {@code first}..255
         * @throws IllegalArgumentException when one of them is out of its range
         */
        public Builder forward(int first, int last) {
            Checks.range("proxyTlvs forward", first, 0, 255);
            Checks.range("proxyTlvs forward", last, first, 255);
            return add((header, connection) -> forwarded(header, connection.proxyHeader(), first, last));
        }

        private static ProxyHeader forwarded(ProxyHeader header, Optional<ProxyHeader> came, int first, int last) {
            boolean hasUniqueId = header.tlv(ProxyTlv.UNIQUE_ID).isPresent();
            return header.with(came.map(ProxyHeader::tlvs).orElse(List.of()).stream()
                    .filter(tlv -> tlv.type() >= first && tlv.type() <= last)
                    .filter(tlv -> tlv.type() != ProxyTlv.UNIQUE_ID || !hasUniqueId)
                    .toList());
        }

        /**
         * One of your own.
         *
         * @param type 0..255 but 3, the checksum's; 0xE0..0xEF are for own use (PROXY protocol, 2.2.8)
         * @param value what it holds of a connection; null for none. It is called on the event loop that serves the connection,
         *     by several loops at the same time, and must not block. What it throws is logged, and then the header is without it
         * @throws IllegalArgumentException when the type is out of its range, or the checksum's
         */
        public Builder add(int type, Function<ClientConnection, byte @Nullable []> value) {
            Checks.range("proxyTlvs type", type, 0, 255);
            if (type == ProxyTlv.CRC32C) {
                throw new IllegalArgumentException(
                        "proxyTlvs type: " + type + " (expected: another one; checksum() adds this one)");
            }
            Checks.notNull("proxyTlvs value", value);
            return add((header, connection) -> {
                byte[] bytes = value.apply(connection);
                return bytes == null ? header : header.with(ProxyTlv.of(type, bytes));
            });
        }

        private Builder text(int type, Function<ClientConnection, Optional<String>> text) {
            return add((header, connection) -> text.apply(connection)
                    .map(found -> header.with(text(type, found)))
                    .orElse(header));
        }

        private static ProxyTlv text(int type, String text) {
            return ProxyTlv.of(type, text.getBytes(StandardCharsets.ISO_8859_1));
        }

        private Builder add(Part part) {
            parts.add(part);
            return this;
        }
    }
}
