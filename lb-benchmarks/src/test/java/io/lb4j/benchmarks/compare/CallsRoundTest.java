package io.lb4j.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lb4j.LoadBalancer;
import io.lb4j.benchmarks.compare.Plan.Tasks;
import io.lb4j.benchmarks.compare.Plan.Times;
import io.lb4j.benchmarks.load.Load;
import io.lb4j.benchmarks.load.Work;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
@Timeout(120)
class CallsRoundTest {
    private static final Cores ANY = new Cores("0", 1, 0, false);
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final Times TIMES = new Times(MILLI, MILLI, 1, MILLI, 3000 * MILLI);
    private static final List<Work> WORKS = Catalogue.works(List.of("short"));

    @TempDir
    private Path directory;

    private final Journal journal = new Journal(new PrintWriter(new StringWriter()));
    private final Results results = new Results();

    /** Processes that are gone, and somebody else who relays. */
    private record Gone(long pid, LoadBalancer balancer) implements Running {
        @Override
        public List<Integer> ports() {
            return List.of(balancer.port());
        }

        @Override
        public List<Long> pids() {
            return List.of(pid);
        }

        @Override
        public void close() {
            balancer.close();
        }
    }

    @BeforeEach
    void straceIsThere() {
        assumeTrue(Strace.missing().isEmpty(), "skipped: the program 'strace' is not on this machine");
    }

    @Test
    void shortConnections_throughAProxy_takeAnAcceptEach() throws Exception {
        try (Load load = new Load()) {
            List<Integer> backends = load.openBackends(1);
            List<String> java = List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString());
            try (Running running = JvmProcess.start(java, Lb4jProxy.class, directory, backends, ANY)) {
                run(load, new Participant("lb4j", running));
            }
        }
        assumeTrue(
                journal.notes().stream().noneMatch(note -> note.contains("Operation not permitted")),
                () -> "skipped: " + journal.notes());
        assertThat(journal.notes()).isEmpty();
        assertThat(results.calls()).singleElement().satisfies(calls -> {
            assertThat(calls.work().key()).isEqualTo("short");
            assertThat(calls.perUnitWithoutWaiting()).isBetween(10.0, calls.perUnit());
            long accepts =
                    calls.byName().getOrDefault("accept", 0L) + calls.byName().getOrDefault("accept4", 0L);
            // Of those under way at either end one may have been accepted before, or served after.
            int underWay = calls.work().connections();
            assertThat(accepts).isBetween(calls.count() - underWay, 2 * (calls.count() + underWay));
        });
    }

    @Test
    void processes_thatCannotBeTraced_haveNoFigureAndANoteSaysWhy() throws Exception {
        Process gone = new ProcessBuilder("true").start();
        gone.waitFor();
        try (Load load = new Load();
                Gone running = new Gone(gone.pid(), before(load.openBackends(1)))) {
            run(load, new Participant("lb4j", running), new Participant("other", running));
        }
        assertThat(results.calls()).isEmpty();
        assertThat(journal.failures()).isEmpty();
        assertThat(journal.notes()).containsExactly("system calls: not counted, strace cannot attach: No such process");
    }

    private void run(Load load, Participant... participants) throws IOException {
        Plan plan = new Plan(List.of(), new Tasks(WORKS, WORKS, List.of(), List.of(), false), 1, TIMES);
        new CallsRound(load, plan, ANY, directory, journal, results).run(List.of(participants));
    }

    private static LoadBalancer before(List<Integer> backends) {
        var builder = LoadBalancer.builder().eventLoops(1).noHealthCheck();
        backends.forEach(port -> builder.backend("127.0.0.1", port));
        return builder.start();
    }
}
