package io.lb4j.benchmarks.compare;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/** What the figures depend on besides the programs. */
final class Machine {
    private static final int MOST = 64 * 1024;

    private Machine() {}

    static List<String> facts() {
        List<String> facts = new ArrayList<>();
        facts.add("date: " + LocalDate.now(ZoneOffset.UTC));
        facts.add("machine: " + processor() + ", " + Runtime.getRuntime().availableProcessors() + " cores, "
                + System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                + System.getProperty("os.arch"));
        facts.add("load average before the first run: " + read("/proc/loadavg").split(" ")[0]);
        facts.add("clients and backends: " + System.getProperty("java.vm.name") + " "
                + System.getProperty("java.version"));
        facts.add("tcp_congestion_control: " + read("/proc/sys/net/ipv4/tcp_congestion_control") + ", tcp_tw_reuse: "
                + read("/proc/sys/net/ipv4/tcp_tw_reuse") + ", client ports: "
                + read("/proc/sys/net/ipv4/ip_local_port_range").replaceAll("\\s+", "–"));
        return facts;
    }

    private static String processor() {
        return read("/proc/cpuinfo")
                .lines()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("unknown processor");
    }

    private static String read(String file) {
        try (InputStream in = Files.newInputStream(Path.of(file))) {
            // Not readString(): files of the kernel claim to be empty, and some can be read in one go only.
            return new String(in.readNBytes(MOST), StandardCharsets.UTF_8).strip();
        } catch (IOException unknown) {
            return "?";
        }
    }
}
