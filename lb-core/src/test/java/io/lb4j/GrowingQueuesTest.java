package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * An {@code ArrayDeque} that grows when there is no memory is empty afterwards: its tail has met its head before the larger
 * array is made. What lives through a shortage has queues that make a node first, or never grow.
 */
class GrowingQueuesTest {
    /** Local to one call, which fails as a whole. */
    private static final List<String> LOCAL = List.of("Ranges.java");

    @Test
    void queues_thatLive_areNoneThatLoseAllTheyHave() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src", "main"))) {
            List<Path> sources = files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> !LOCAL.contains(String.valueOf(file.getFileName())))
                    .toList();
            assertThat(sources).hasSizeGreaterThan(100);
            assertThat(sources)
                    .filteredOn(file -> text(file).contains("new ArrayDeque<>()")
                            || text(file).contains("ArrayDeque::new"))
                    .isEmpty();
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
