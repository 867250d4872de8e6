package io.lb4j.benchmarks.compare;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which core the proxy runs on and which the load.
 *
 * @param proxy the core of the proxies, or the cores, with commas between them
 * @param loops how many threads a proxy relays with
 * @param load the core of clients and backends
 * @param pinned whether they can be kept there: without {@code taskset} or a second core they cannot
 */
record Cores(String proxy, int loops, int load, boolean pinned) {
    static Cores of(int proxy, int load) {
        int cores = Runtime.getRuntime().availableProcessors();
        return new Cores(
                Integer.toString(proxy),
                1,
                load,
                cores > 1 && Shell.find("taskset").isPresent());
    }

    /** One that neither the proxy nor the load has, or else the load's. */
    int second() {
        return IntStream.range(0, Runtime.getRuntime().availableProcessors())
                .filter(core -> core != load && !Integer.toString(core).equals(proxy))
                .findFirst()
                .orElse(load);
    }

    /** Two threads for the proxy, and a second core for it. */
    Cores withSecond(int core) {
        return new Cores(proxy + "," + core, 2, load, pinned);
    }

    /** The command that runs on the proxy's core. */
    List<String> onProxyCore(List<String> command) {
        if (!pinned) {
            return command;
        }
        List<String> withTaskset = new ArrayList<>(List.of("taskset", "-c", proxy));
        withTaskset.addAll(command);
        return withTaskset;
    }

    /** Keeps every thread of this process on the core of the load. */
    void pinMyself() throws IOException, InterruptedException {
        if (pinned) {
            String pid = Long.toString(ProcessHandle.current().pid());
            String said = Shell.run("taskset", "-a", "-c", "-p", Integer.toString(load), pid);
            if (said.contains("failed")) {
                throw new IOException("cannot pin the load to core " + load + ": " + said.strip());
            }
        }
    }

    String describe() {
        return pinned
                ? "proxy on core " + proxy + ", clients and backends on core " + load
                : "**not pinned** (needs two cores and taskset): figures say little";
    }
}
