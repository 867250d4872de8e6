package io.lb4j.internal.util;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Scanner;

/**
 * A dead port of this machine was picked as the source port of a connection to itself, and TCP then connects the socket
 * to itself. Nobody listens there.
 */
public final class SelfConnectedException extends ConnectException {
    private static final long serialVersionUID = 1;

    private static final int MOST_BYTES = 64;
    private static final Path PORT_RANGE = Path.of("/proc/sys/net/ipv4/ip_local_port_range");

    /** A connection comes from no lower port, for all that this machine tells. */
    private static final int LOWEST_OWN_PORT = lowestOwnPort();

    private SelfConnectedException() {
        super("Connection refused (connected to itself)");
    }

    /** Throws if this connected socket is its own peer. */
    public static void refuse(SocketChannel connected) throws IOException {
        // Asking for the address may be a system call.
        boolean isPossible =
                connected.getRemoteAddress() instanceof InetSocketAddress remote && remote.getPort() >= LOWEST_OWN_PORT;
        if (isPossible && connected.getLocalAddress().equals(connected.getRemoteAddress())) {
            throw new SelfConnectedException();
        }
    }

    /** The first of two numbers (ip(7), ip_local_port_range). */
    private static int lowestOwnPort() {
        try (InputStream in = Files.newInputStream(PORT_RANGE)) {
            // At once: the kernel gives a part of it to who asks for a part, and then no more.
            byte[] text = new byte[MOST_BYTES];
            int length = Math.max(0, in.read(text));
            return new Scanner(new String(text, 0, length, StandardCharsets.US_ASCII)).nextInt();
        } catch (IOException | RuntimeException notTold) {
            return 0;
        }
    }
}
