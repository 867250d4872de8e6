package io.lb4j.proxy;

import java.io.IOException;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The options every relayed socket gets. */
final class SocketSettings {
    /** The first probe after 60 s of silence, then one every 15 s; dead after 4 without an answer. */
    private static final Map<String, Integer> KEEP_ALIVE =
            Map.of("TCP_KEEPIDLE", 60, "TCP_KEEPINTERVAL", 15, "TCP_KEEPCOUNT", 4);

    /** What the first channel supports of it, which is what they all do. */
    private static volatile @Nullable Map<SocketOption<Integer>, Integer> supportedKeepAlive;

    private SocketSettings() {}

    static void tune(SocketChannel channel) throws IOException {
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }

    /**
     * Turns keep-alive on. Not part of {@link #tune}: four system calls for each socket are 2 % of the cost of a short
     * connection, and one that ends before the first probe has no use for them.
     */
    static void keepAlive(SocketChannel channel) throws IOException {
        channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        for (Map.Entry<SocketOption<Integer>, Integer> option :
                keepAliveOptions(channel).entrySet()) {
            channel.setOption(option.getKey(), option.getValue());
        }
    }

    private static Map<SocketOption<Integer>, Integer> keepAliveOptions(SocketChannel channel) {
        Map<SocketOption<Integer>, Integer> options = supportedKeepAlive;
        if (options == null) {
            options = findKeepAlive(channel);
            supportedKeepAlive = options;
        }
        return options;
    }

    /** By name, because the constants live in the optional module {@code jdk.net}. */
    @SuppressWarnings("unchecked")
    private static Map<SocketOption<Integer>, Integer> findKeepAlive(SocketChannel channel) {
        Map<SocketOption<Integer>, Integer> supported = new LinkedHashMap<>();
        for (SocketOption<?> option : channel.supportedOptions()) {
            Integer value = KEEP_ALIVE.get(option.name());
            if (value != null) {
                supported.put((SocketOption<Integer>) option, value);
            }
        }
        return supported;
    }
}
