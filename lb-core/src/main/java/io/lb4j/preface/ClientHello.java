package io.lb4j.preface;

import io.lb4j.internal.util.Plain;
import io.lb4j.internal.util.Preload;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The first message of TLS, in the clear: which name the client wants to reach, and which protocols he speaks. Immutable.
 *
 * <p>Anybody can write what he likes into it. And it is the first hello that is read here, alone: what a client says in a second
 * one, after a HelloRetryRequest or in a renegotiation, is not. A client with Encrypted Client Hello has the name of whoever
 * hides him here, not the one that he wants in truth. It is good for choosing a way, not for deciding who may go it.
 */
@SuppressWarnings("exports") // of the annotations, which nobody needs at run time
public final class ClientHello {
    /**
     * How many bytes of records a hello may take, from the first one to the end of the one that it ends in. It has at most
     * 16,384 bytes itself, which is what nginx reads ahead; the rest is for the heads of small records.
     */
    public static final int MAX_LENGTH = 32 * 1024;

    private static final int MOST_SHOWN = 8;
    private static final int MOST_OF_ONE_SHOWN = 64;

    static {
        // Needed first, perhaps, when a process is out of descriptors and could not load these.
        Preload.classes(
                HelloRecords.class,
                HelloMessage.class,
                ServerNames.class,
                ExtensionTypes.class,
                Vectors.class,
                TwoBytes.class,
                Parsed.class);
    }

    private final @Nullable String serverName;

    /** Unmodifiable, and nobody else's. */
    private final List<String> applicationProtocols;

    ClientHello(@Nullable String serverName, List<String> applicationProtocols) {
        this.serverName = serverName;
        this.applicationProtocols = applicationProtocols;
    }

    /**
     * Whether a client whose first byte is this one speaks TLS: 22, a record of the handshake (RFC 8446, 5.1). The hello of
     * SSLv2, which old clients began with, is none.
     */
    public static boolean isHandshake(byte first) {
        return first == HelloRecords.HANDSHAKE;
    }

    /**
     * The hello at the begin of these bytes: in records of the handshake of version 3.x and 1..16,384 bytes each, however it is
     * cut into them. It is invalid when it is longer than {@link #MAX_LENGTH}, when a length in it does not fit into what is around
     * it, when it has two extensions of one type (RFC 8446, 4.2), or more than 64 protocols. What it has besides is not judged: versions, suites, other
     * extensions.
     *
     * <p>The length of what is complete is that of its records. If the last of them has more behind the hello, that is skipped.
     *
     * @param from the index of the first byte
     * @param to the index behind the last byte that is there
     * @throws IndexOutOfBoundsException when the array has no such indexes; for nothing else
     */
    public static Parsed<ClientHello> parse(byte[] bytes, int from, int to) {
        Objects.checkFromToIndex(from, to, bytes.length);
        return new HelloRecords(bytes, from, to).parse();
    }

    /**
     * The host that the client wants to reach (RFC 6066, 3), in lower case: labels of 1..63 letters, digits, hyphens and
     * underscores in ASCII, with a dot between two of them, at most 255 characters. Empty when he names none, more than one, or
     * something else: an IPv4 or IPv6 address, a name with a dot at its end, one that is not in ASCII.
     */
    public Optional<String> serverName() {
        return Optional.ofNullable(serverName);
    }

    /**
     * The protocols that the client speaks above TLS (ALPN, RFC 7301), in his order; empty when he does not say. A character
     * stands for each byte (ISO-8859-1), whatever they are: one may have line breaks and control characters, of which a log must be
     * kept. Unmodifiable.
     */
    public List<String> applicationProtocols() {
        return applicationProtocols;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ClientHello those
                && Objects.equals(serverName, those.serverName)
                && applicationProtocols.equals(those.applicationProtocols);
    }

    @Override
    public int hashCode() {
        return 31 * Objects.hashCode(serverName) + applicationProtocols.hashCode();
    }

    /** On one line, printable, and not too long for a log: {@code example.com, h2, http/1.1}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(serverName == null ? "no name" : serverName);
        for (int i = 0; i < Math.min(applicationProtocols.size(), MOST_SHOWN); i++) {
            String protocol = applicationProtocols.get(i);
            boolean isCut = protocol.length() > MOST_OF_ONE_SHOWN;
            text.append(", ").append(Plain.value(isCut ? protocol.substring(0, MOST_OF_ONE_SHOWN) : protocol));
            text.append(isCut ? "..." : "");
        }
        return text.append(applicationProtocols.size() > MOST_SHOWN ? ", ..." : "")
                .toString();
    }
}
