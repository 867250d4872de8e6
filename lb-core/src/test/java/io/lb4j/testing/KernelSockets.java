package io.lb4j.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;

/** What the kernel (Linux) knows of the sockets of this machine. */
public final class KernelSockets {
    private static final String SYN_SENT = "02";
    private static final String LISTEN = "0A";
    private static final int LOCAL = 1;
    private static final int REMOTE = 2;

    private KernelSockets() {}

    /** How many sockets are trying to connect to this port: not connected, not refused, not given up. */
    public static long connectingTo(int port) {
        return count(port, REMOTE, SYN_SENT);
    }

    /** Whether somebody listens on this port; asked without connecting, so nobody notices. */
    public static boolean isListening(int port) {
        return count(port, LOCAL, LISTEN) > 0;
    }

    private static long count(int port, int column, String state) {
        return Stream.of("tcp", "tcp6")
                .map(table -> Path.of("/proc/self/net", table))
                .filter(Files::exists)
                .mapToLong(table -> count(table, port, column, state))
                .sum();
    }

    private static long count(Path table, int port, int column, String state) {
        String hex = String.format(Locale.ROOT, ":%04X", port);
        try (Stream<String> lines = Files.lines(table)) {
            // Columns: number, local address, remote address, state, ...
            return lines.map(line -> line.trim().split("\\s+"))
                    .filter(columns -> columns[column].endsWith(hex) && columns[3].equals(state))
                    .count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
