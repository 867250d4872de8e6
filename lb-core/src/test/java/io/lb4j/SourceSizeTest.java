package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The rule of the house for the length of a file: 250 lines, those of the engine 350, with their documentation. */
class SourceSizeTest {
    private static final int LIMIT = 250;
    private static final int ENGINE_LIMIT = 350;
    private static final List<String> ENGINE =
            List.of("proxy", "internal/relay", "internal/loop", "internal/epoll", "internal/tls");

    @Test
    void files_areNotLonger_thanTheirLimit() throws IOException {
        List<String> tooLong = new ArrayList<>();
        for (String root : List.of("java", "java22")) {
            // Of the module: Maven's and an IDE's working directory.
            Path sources = Path.of("src", "main", root, "io", "lb4j");
            List<Path> files = javaFiles(sources);
            assertThat(files).as("files in %s", sources.toAbsolutePath()).isNotEmpty();
            for (Path file : files) {
                long lines = lines(file);
                int limit = limit(sources.relativize(file));
                if (lines > limit) {
                    tooLong.add(sources.relativize(file) + ": " + lines + " lines (expected: at most " + limit + ")");
                }
            }
        }
        assertThat(tooLong).isEmpty();
    }

    private static List<Path> javaFiles(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .sorted()
                    .toList();
        }
    }

    private static long lines(Path file) throws IOException {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.count();
        }
    }

    private static int limit(Path file) {
        Path folder = file.getParent();
        boolean isEngine = folder != null && ENGINE.stream().map(Path::of).anyMatch(folder::equals);
        return isEngine ? ENGINE_LIMIT : LIMIT;
    }
}
