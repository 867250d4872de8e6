package io.lb4j.internal.loop;

import io.lb4j.internal.util.Closing;
import java.io.IOException;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.Set;
import jdk.net.ExtendedSocketOptions;

/** The options every relayed socket gets. */
public final class SocketSettings {
    private static final int TRIES_TO_RESET = 100;

    /** The first probe after 60 s of silence, then one every 15 s; dead after 4 without an answer. */
    private static final Map<SocketOption<Integer>, Integer> KEEP_ALIVE = Map.of(
            ExtendedSocketOptions.TCP_KEEPIDLE, 60,
            ExtendedSocketOptions.TCP_KEEPINTERVAL, 15,
            ExtendedSocketOptions.TCP_KEEPCOUNT, 4);

    private SocketSettings() {}

    public static void tune(SocketChannel channel) throws IOException {
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }

    /**
     * Makes the close to come a reset. Returns false when that failed for want of something: closed then, the socket would
     * end its stream as if it were complete. Of a dead socket nobody is told anything any more.
     */
    public static boolean resetsOnClose(SocketChannel channel) {
        try {
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            return true;
        } catch (IOException | RuntimeException dead) {
            return true;
        } catch (Error exhausted) {
            return false;
        }
    }

    /** Closes by a reset. Does not fail. */
    public static void reset(SocketChannel channel) {
        for (int i = 0; i < TRIES_TO_RESET && !resetsOnClose(channel); i++) {
            Thread.onSpinWait();
        }
        Closing.quietly(channel);
    }

    /**
     * Turns keep-alive on. Not part of {@link #tune}: four system calls for each socket are 2 % of the cost of a short
     * connection, and one that ends before the first probe has no use for them.
     */
    public static void keepAlive(SocketChannel channel) throws IOException {
        channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        Set<SocketOption<?>> supported = channel.supportedOptions();
        for (Map.Entry<SocketOption<Integer>, Integer> option : KEEP_ALIVE.entrySet()) {
            if (supported.contains(option.getKey())) {
                channel.setOption(option.getKey(), option.getValue());
            }
        }
    }
}
