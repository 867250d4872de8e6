package io.lb4j.preface;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is in a ClientHello that is there as a whole (RFC 8446, 4.1.2; RFC 5246, 7.4.1.2). To be used once. */
final class HelloMessage {
    /** Version and random bytes. */
    private static final int BEFORE_SESSION = 2 + 32;

    private static final int MOST_OF_SESSION = 32;
    private static final int EXTENSION_HEAD = 4;

    // Extensions.
    private static final int SERVER_NAME = 0;
    private static final int APPLICATION_PROTOCOLS = 16;

    /** Clients offer three or four. */
    private static final int MOST_PROTOCOLS = 64;

    private final byte[] bytes;
    private final int from;
    private final int to;

    private @Nullable String serverName;
    private List<String> applicationProtocols = List.of();

    HelloMessage(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.from = from;
        this.to = to;
    }

    ClientHello hello() {
        return new ClientHello(serverName, applicationProtocols);
    }

    /** What does not add up; null when all does. */
    @Nullable
    String parse() {
        int session = from + BEFORE_SESSION;
        int suites = Vectors.end(bytes, session, to, 1);
        int compressions = Vectors.end(bytes, suites, to, 2);
        int extensions = Vectors.end(bytes, compressions, to, 1);
        boolean addsUp = extensions >= 0
                && suites - session <= 1 + MOST_OF_SESSION
                && isNumberOfSuites(compressions - suites - 2)
                && extensions - compressions > 1;
        if (!addsUp) {
            return "TLS: a ClientHello with wrong lengths";
        }
        // Before TLS 1.2 there may be no block of them at all.
        return extensions == to ? null : parseExtensions(extensions);
    }

    /** Of two bytes each. */
    private static boolean isNumberOfSuites(int length) {
        return length >= 2 && length % 2 == 0;
    }

    private @Nullable String parseExtensions(int block) {
        if (Vectors.end(bytes, block, to, 2) != to) {
            return "TLS: extensions that do not end where the ClientHello does";
        }
        ExtensionTypes types = new ExtensionTypes();
        for (int at = block + 2; at < to; ) {
            int end = to - at < EXTENSION_HEAD ? -1 : Vectors.end(bytes, at + 2, to, 2);
            if (end < 0) {
                return "TLS: an extension that ends behind the others";
            }
            int type = TwoBytes.read(bytes, at);
            if (!types.add(type)) {
                return "TLS: two extensions of one type";
            }
            if (!parseExtension(type, at + EXTENSION_HEAD, end)) {
                return "TLS: the extension " + type + " has wrong lengths, or too much in it";
            }
            at = end;
        }
        return null;
    }

    /** Whether it adds up, as far as it matters here. */
    private boolean parseExtension(int type, int begin, int end) {
        return switch (type) {
            case SERVER_NAME -> parseServerName(begin, end);
            case APPLICATION_PROTOCOLS -> parseApplicationProtocols(begin, end);
            default -> true;
        };
    }

    private boolean parseServerName(int begin, int end) {
        ServerNames names = new ServerNames(bytes, begin, end);
        serverName = names.only();
        return names.addUp();
    }

    /** RFC 7301, 3.1: one at least, and none of them empty. Each of them is kept, so they are not to be thousands. */
    private boolean parseApplicationProtocols(int begin, int end) {
        if (Vectors.end(bytes, begin, end, 2) != end || end - begin == 2) {
            return false;
        }
        List<String> protocols = new ArrayList<>(4);
        for (int at = begin + 2; at < end; ) {
            int next = Vectors.end(bytes, at, end, 1);
            if (next < 0 || next - at == 1) {
                return false;
            }
            if (protocols.size() == MOST_PROTOCOLS) {
                return false;
            }
            protocols.add(new String(bytes, at + 1, next - at - 1, StandardCharsets.ISO_8859_1));
            at = next;
        }
        applicationProtocols = Collections.unmodifiableList(protocols);
        return true;
    }
}
