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

    private KernelSockets() {}

    /** How many sockets are trying to connect to this port: not connected, not refused, not given up. */
    public static long connectingTo(int port) {
        return Stream.of("tcp", "tcp6")
                .map(table -> Path.of("/proc/self/net", table))
                .filter(Files::exists)
                .mapToLong(table -> count(table, port))
                .sum();
    }

    private static long count(Path table, int port) {
        String remotePort = String.format(Locale.ROOT, ":%04X", port);
        try (Stream<String> lines = Files.lines(table)) {
            // Columns: number, local address, remote address, state, ...
            return lines.map(line -> line.trim().split("\\s+"))
                    .filter(columns -> columns[2].endsWith(remotePort) && columns[3].equals(SYN_SENT))
                    .count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
