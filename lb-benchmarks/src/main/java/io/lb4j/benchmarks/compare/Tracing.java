package io.lb4j.benchmarks.compare;

import io.lb4j.benchmarks.load.Load;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Counts a proxy's system calls from when a window opens until it closes. */
final class Tracing implements Load.Window {
    private final Running running;
    private final Cores cores;
    private final Path summary;
    private Map<String, Long> calls = Map.of();
    private @Nullable Strace strace;
    private @Nullable String problem;

    Tracing(Running running, Cores cores, Path summary) {
        this.running = running;
        this.cores = cores;
        this.summary = summary;
    }

    @Override
    public void begin() {
        try {
            strace = Strace.attach(running.pids(), cores, summary);
        } catch (IOException failure) {
            problem = failure.getMessage();
        } catch (InterruptedException interrupted) {
            interrupted();
        }
    }

    @Override
    public void end() {
        if (strace == null) {
            return;
        }
        try (Strace ending = strace) {
            calls = ending.detach();
        } catch (IOException failure) {
            problem = failure.getMessage();
        } catch (InterruptedException interrupted) {
            interrupted();
        }
    }

    private void interrupted() {
        problem = "interrupted";
        Thread.currentThread().interrupt();
    }

    /** How often each call was made; empty where there was a problem. */
    Map<String, Long> calls() {
        return calls;
    }

    /** Why nothing was counted. */
    Optional<String> problem() {
        return Optional.ofNullable(problem);
    }
}
