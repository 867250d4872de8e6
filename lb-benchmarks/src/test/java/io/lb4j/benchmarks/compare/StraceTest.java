package io.lb4j.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
@Timeout(60)
class StraceTest {
    private static final Cores ANY = new Cores("0", 1, 0, false);
    private static final int LINES = 50;

    @TempDir
    private Path directory;

    private Process process;
    private Writer questions;
    private BufferedReader answers;

    /**
     * A shell that waits for its child, which says what it is told: one write for each line. What runs in the background has
     * no input of its own, so it is handed the one of the shell.
     */
    @BeforeEach
    void start() throws IOException {
        process = new ProcessBuilder("sh", "-c", "exec 3<&0; (while read -r line; do echo \"$line\"; done) <&3 & wait")
                .redirectErrorStream(true)
                .start();
        questions = process.outputWriter();
        answers = process.inputReader();
    }

    @AfterEach
    void end() throws Exception {
        questions.close();
        process.waitFor();
    }

    @Test
    void calls_ofAProcessAndItsChild_areThoseWhileItIsAttached() throws Exception {
        ask();
        Map<String, Long> calls;
        try (Strace strace = attach(pids())) {
            for (int i = 0; i < LINES; i++) {
                ask();
            }
            calls = strace.detach();
        }
        ask();
        assertThat(calls).containsEntry("write", (long) LINES);
    }

    @Test
    void process_thatIsGone_isRefusedAndTheOtherGoesOn() throws Exception {
        Process gone = new ProcessBuilder("true").start();
        gone.waitFor();
        ask();
        attach(pids()).close();
        List<Long> both = List.of(pids().get(0), gone.pid());
        assertThatThrownBy(() -> Strace.attach(both, ANY, directory.resolve("both")))
                .isInstanceOf(IOException.class)
                .hasMessage("strace cannot attach: No such process");
        ask();
    }

    private Strace attach(List<Long> pids) throws Exception {
        assumeTrue(Strace.missing().isEmpty(), "skipped: the program 'strace' is not on this machine");
        try {
            return Strace.attach(pids, ANY, directory.resolve("summary"));
        } catch (IOException refused) {
            assumeTrue(!refused.getMessage().contains("Operation not permitted"), "skipped: " + refused.getMessage());
            throw refused;
        }
    }

    private List<Long> pids() {
        return Stream.concat(Stream.of(process.pid()), process.descendants().map(ProcessHandle::pid))
                .toList();
    }

    private void ask() throws IOException {
        questions.write("line\n");
        questions.flush();
        assertThat(answers.readLine()).isEqualTo("line");
    }
}
