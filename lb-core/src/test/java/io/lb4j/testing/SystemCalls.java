package io.lb4j.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Counts the system calls of one thread of another process, with strace. */
public final class SystemCalls {
    private static final Pattern LINE = Pattern.compile("(?m)^ *[\\d.]+ +[\\d.]+ +\\d+ +(\\d+) +(?:\\d+ +)?(\\w+)$");

    private SystemCalls() {}

    /** How often it made each call while this ran; skips the test where strace is missing, or may not attach. */
    public static Map<String, Integer> of(long pid, String partOfThreadName, Runnable work) {
        String strace = Program.require("strace");
        String thread = thread(pid, partOfThreadName);
        try (Program counting = Program.start(strace, "-c", "-p", thread)) {
            await().until(() -> counting.output().contains("attached") || !counting.isAlive());
            assumeTrue(counting.isAlive(), () -> "skipped: strace cannot attach here: " + counting.output());
            work.run();
            Program.run("kill", "-INT", String.valueOf(counting.process().pid()));
            assertThat(counting.process().waitFor(30, TimeUnit.SECONDS)).isTrue();
            await().until(() -> counting.output().contains("total"));
            return parse(counting.output());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String thread(long pid, String partOfName) {
        try (Stream<Path> threads = Files.list(Path.of("/proc/" + pid + "/task"))) {
            return threads.filter(thread -> name(thread).contains(partOfName))
                    .findFirst()
                    .orElseThrow()
                    .getFileName()
                    .toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String name(Path thread) {
        try {
            return Files.readString(thread.resolve("comm"));
        } catch (IOException ended) {
            return "";
        }
    }

    private static Map<String, Integer> parse(String table) {
        Map<String, Integer> calls = new TreeMap<>();
        Matcher line = LINE.matcher(table);
        while (line.find()) {
            calls.put(line.group(2), Integer.parseInt(line.group(1)));
        }
        calls.remove("total");
        assertThat(calls).as(table).isNotEmpty();
        return calls;
    }
}
