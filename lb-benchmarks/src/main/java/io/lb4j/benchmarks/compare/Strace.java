package io.lb4j.benchmarks.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Counts the system calls of processes that run, with all their threads and those they start. */
final class Strace implements AutoCloseable {
    private static final long WITHIN = TimeUnit.SECONDS.toNanos(30);
    private static final String REFUSED = "attach: ";
    private static final String NOT_INSTALLED = "strace is not installed";

    private final Process process;
    private final Path summary;
    private final Path log;

    private Strace(Process process, Path summary, Path log) {
        this.process = process;
        this.summary = summary;
        this.log = log;
    }

    /** Why calls cannot be counted on this machine; empty when strace is there, which may still not be allowed to. */
    static Optional<String> missing() {
        return Shell.find("strace").isPresent() ? Optional.empty() : Optional.of(NOT_INSTALLED);
    }

    /**
     * Begins to count, and returns when it does.
     *
     * @param cores strace runs on the proxy's core: it and the proxy wait for each other all the time, and a thread is
     *     woken up soonest on its own core
     * @param summary where strace writes its summary; what else it says goes into a file beside it
     * @throws IOException when there is no strace, or it cannot attach to all of them
     */
    static Strace attach(Collection<Long> pids, Cores cores, Path summary) throws IOException, InterruptedException {
        String program = Shell.find("strace")
                .orElseThrow(() -> new IOException(NOT_INSTALLED))
                .toString();
        List<String> command = new ArrayList<>(List.of(program, "-f", "-c", "-o", summary.toString()));
        pids.forEach(pid -> command.addAll(List.of("-p", pid.toString())));
        Path log = summary.resolveSibling(summary.getFileName() + ".log");
        Process process = new ProcessBuilder(cores.onProxyCore(command))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Strace strace = new Strace(process, summary, log);
        try {
            strace.awaitAttached(pids);
            return strace;
        } catch (IOException | InterruptedException failure) {
            strace.close();
            throw failure;
        }
    }

    private void awaitAttached(Collection<Long> pids) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + WITHIN;
        while (!isAttached(pids)) {
            boolean ended = process.waitFor(10, TimeUnit.MILLISECONDS);
            Optional<String> refused = refusal();
            if (refused.isPresent() || ended || System.nanoTime() - deadline > 0) {
                throw new IOException("strace cannot attach: "
                        + refused.orElse(Files.readString(log).strip()));
            }
        }
    }

    /** It says "Process 4711 attached", and with how many threads. */
    private boolean isAttached(Collection<Long> pids) throws IOException {
        List<String> lines = Files.readAllLines(log);
        return pids.stream()
                .allMatch(pid -> lines.stream().anyMatch(line -> line.contains("Process " + pid + " attached")));
    }

    /** It says "strace: attach: ptrace(PTRACE_SEIZE, 4711): Operation not permitted", and goes on with the others. */
    private Optional<String> refusal() throws IOException {
        return Files.readAllLines(log).stream()
                .filter(line -> line.contains(REFUSED))
                .map(line -> line.substring(line.lastIndexOf(": ") + 2))
                .findFirst();
    }

    /**
     * Lets go of the processes, which go on.
     *
     * @return how often each call was made
     * @throws IOException when strace does not end in time, or has seen no call
     */
    Map<String, Long> detach() throws IOException, InterruptedException {
        Shell.run("kill", "-INT", Long.toString(process.pid()));
        if (!process.waitFor(WITHIN, TimeUnit.NANOSECONDS)) {
            throw new IOException("strace does not end");
        }
        Map<String, Long> calls = StraceSummary.parse(Files.readString(summary));
        if (calls.isEmpty()) {
            throw new IOException("strace has seen no call");
        }
        return calls;
    }

    /** Ends it, whatever it does. Whom it traced goes on. */
    @Override
    public void close() {
        process.destroyForcibly();
    }
}
