package io.lb4j.proxy;

import java.io.IOException;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.LinkedHashMap;
import java.util.Map;

/** The options every relayed socket gets. */
final class SocketSettings {
    /** First probe after this many seconds of silence, then one every INTERVAL, dead after COUNT without an answer. */
    private static final Map<String, Integer> KEEP_ALIVE =
            Map.of("TCP_KEEPIDLE", 60, "TCP_KEEPINTERVAL", 15, "TCP_KEEPCOUNT", 4);

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
                supportedKeepAlive(channel).entrySet()) {
            channel.setOption(option.getKey(), option.getValue());
        }
    }

    /** By name, because the constants live in the optional module {@code jdk.net}. */
    @SuppressWarnings("unchecked")
    private static Map<SocketOption<Integer>, Integer> supportedKeepAlive(SocketChannel channel) {
        Map<SocketOption<Integer>, Integer> supported = new LinkedHashMap<>();
        for (SocketOption<?> option : channel.supportedOptions()) {
            Integer seconds = KEEP_ALIVE.get(option.name());
            if (seconds != null) {
                supported.put((SocketOption<Integer>) option, seconds);
            }
        }
        return supported;
    }
}
