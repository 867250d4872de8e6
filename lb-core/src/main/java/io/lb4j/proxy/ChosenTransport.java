package io.lb4j.proxy;

import io.lb4j.internal.epoll.NativeTransport;
import io.lb4j.internal.util.Platform;
import java.nio.channels.spi.SelectorProvider;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transport that a proxy runs with.
 *
 * @param transport not {@link Transport#AUTO}
 * @param platform has its sockets
 * @param note the end of the line that tells of the start
 */
record ChosenTransport(Transport transport, Platform platform, String note) {
    private static final Logger LOG = LoggerFactory.getLogger(TcpProxy.class);
    private static final String PROPERTY = "lb4j.transport";

    /**
     * @throws IllegalStateException when {@link Transport#NATIVE} is wanted and cannot be had
     * @throws IllegalArgumentException when the system property is none of the transports
     */
    static ChosenTransport of(Transport set, Platform platform) {
        Transport wanted = set == Transport.AUTO ? ofProperty() : set;
        // Whoever brings sockets has chosen.
        if (wanted == Transport.JDK || platform.sockets() != Platform.system().sockets()) {
            return jdk(platform, "");
        }
        NativeTransport found = NativeTransport.find();
        SelectorProvider sockets = found.sockets();
        if (sockets != null) {
            return new ChosenTransport(
                    Transport.NATIVE, platform.with(sockets), ", transport " + Transport.NATIVE.key());
        }
        if (wanted == Transport.NATIVE) {
            throw new IllegalStateException("transport NATIVE: " + found.reason());
        }
        LOG.debug("transport jdk, and not native: {}", found.reason());
        return jdk(platform, found.isLeftOut() ? ": " + found.reason() : "");
    }

    private static ChosenTransport jdk(Platform platform, String why) {
        return new ChosenTransport(Transport.JDK, platform, ", transport " + Transport.JDK.key() + why);
    }

    private static Transport ofProperty() {
        String value = System.getProperty(PROPERTY, "auto");
        try {
            return Transport.valueOf(value.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException unknown) {
            throw new IllegalArgumentException(
                    "system property " + PROPERTY + ": " + value + " (expected: auto, jdk or native)", unknown);
        }
    }
}
