package io.lb4j.benchmarks.compare;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Which core the proxy runs on and which the load.
 *
 * @param proxy the core of the proxies
 * @param load the core of clients and backends
 * @param pinned whether they can be kept there: without {@code taskset} or a second core they cannot
 */
record Cores(int proxy, int load, boolean pinned) {
    static Cores of(int proxy, int load) {
        int cores = Runtime.getRuntime().availableProcessors();
        return new Cores(proxy, load, cores > 1 && Shell.find("taskset").isPresent());
    }

    /** The command that runs on the proxy's core. */
    List<String> onProxyCore(List<String> command) {
        if (!pinned) {
            return command;
        }
        List<String> withTaskset = new ArrayList<>(List.of("taskset", "-c", Integer.toString(proxy)));
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
