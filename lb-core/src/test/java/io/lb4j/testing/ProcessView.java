package io.lb4j.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What the kernel (Linux) knows of another process: asked from outside, so that it costs that process nothing. */
public final class ProcessView {
    private static final List<String> STATES = List.of(
            "?",
            "ESTABLISHED",
            "SYN_SENT",
            "SYN_RECV",
            "FIN_WAIT1",
            "FIN_WAIT2",
            "TIME_WAIT",
            "CLOSE",
            "CLOSE_WAIT",
            "LAST_ACK",
            "LISTEN",
            "CLOSING");

    private final Path process;

    public ProcessView(long pid) {
        process = Path.of("/proc", Long.toString(pid));
    }

    /**
     * How many descriptors there are of each kind: sockets, selectors, devices. Not counted are files, of which the JVM
     * opens those of its classes when it needs them.
     */
    public Map<String, Integer> descriptors() {
        Map<String, Integer> kinds = new TreeMap<>();
        links().values().stream()
                .map(link -> link.replaceAll(":\\[\\d+]", ""))
                .filter(link -> !link.startsWith("/") || link.equals("/dev/null"))
                .forEach(kind -> kinds.merge(kind, 1, Integer::sum));
        return kinds;
    }

    /** Every socket, one a line: its descriptor, what the kernel knows of it, and which selector waits for what of it. */
    public List<String> sockets() {
        Map<String, String> known = knownSockets();
        List<String> lines = new ArrayList<>();
        Map<Integer, String> links = links();
        Map<Integer, String> watched = new HashMap<>();
        links.forEach((descriptor, link) -> {
            if (link.contains("eventpoll")) {
                watched.putAll(watchedBy(descriptor));
            }
        });
        links.forEach((descriptor, link) -> {
            if (link.startsWith("socket:")) {
                String inode = link.replaceAll("\\D", "");
                lines.add("fd " + descriptor + " " + link + " "
                        + known.getOrDefault(inode, "neither bound nor connected, or closed by both sides")
                        + ", " + watched.getOrDefault(descriptor, "in no selector"));
            }
        });
        return lines;
    }

    private Map<Integer, String> watchedBy(int selector) {
        Map<Integer, String> watched = new HashMap<>();
        Path info = process.resolve("fdinfo").resolve(Integer.toString(selector));
        try (Stream<String> lines = Files.lines(info)) {
            // tfd: 57 events: 1 data: 39 ...
            lines.map(line -> line.trim().split("\\s+"))
                    .filter(words -> words[0].equals("tfd:"))
                    .forEach(words -> watched.put(
                            Integer.valueOf(words[1]), "in selector " + selector + " for events " + words[3]));
        } catch (IOException | UncheckedIOException closedMeanwhile) {
            // Then nobody waits there.
        }
        return watched;
    }

    /** Its descriptors and where each leads. */
    private Map<Integer, String> links() {
        Map<Integer, String> links = new TreeMap<>();
        try (Stream<Path> descriptors = Files.list(process.resolve("fd"))) {
            descriptors.forEach(descriptor -> {
                try {
                    links.put(
                            Integer.valueOf(descriptor.getFileName().toString()),
                            Files.readSymbolicLink(descriptor).toString());
                } catch (IOException closedMeanwhile) {
                    // Then it is none of its descriptors.
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return links;
    }

    private Map<String, String> knownSockets() {
        Map<String, String> known = new HashMap<>();
        for (String table : List.of("tcp", "tcp6")) {
            Path file = process.resolve("net").resolve(table);
            try (Stream<String> lines = Files.exists(file) ? Files.lines(file) : Stream.empty()) {
                // Columns: number, local, remote, state, send queue:receive queue, timer, retransmits, uid, timeout,
                // inode
                lines.skip(1)
                        .map(line -> line.trim().split("\\s+"))
                        .forEach(columns -> known.put(columns[9], describe(columns)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return known;
    }

    private static String describe(String[] columns) {
        String[] queues = columns[4].split(":");
        return STATES.get(Integer.parseInt(columns[3], 16)) + " port " + port(columns[1]) + " to port "
                + port(columns[2]) + ", " + Long.parseLong(queues[0], 16) + " bytes to send, "
                + Long.parseLong(queues[1], 16) + " to receive";
    }

    private static int port(String address) {
        return Integer.parseInt(address.substring(address.indexOf(':') + 1), 16);
    }

    /** A figure of its memory in KiB, such as {@code VmRSS}. */
    public long kibibytes(String what) {
        try (Stream<String> lines = Files.lines(process.resolve("status"))) {
            return lines.filter(line -> line.startsWith(what + ":"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What {@code jcmd} answers, or why it does not. */
    public String jcmd(String... command) {
        List<String> whole = new ArrayList<>();
        whole.add(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString());
        whole.add(process.getFileName().toString());
        whole.addAll(Arrays.asList(command));
        try {
            return Program.run(whole.toArray(String[]::new));
        } catch (RuntimeException | AssertionError failure) {
            return failure.toString();
        }
    }
}
