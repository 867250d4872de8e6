package io.lb4j.discovery;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.Checks;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A text file, read whole each time: at its largest that is a few milliseconds. Nothing that could be remembered of the
 * last reading is sure to differ when the contents do; time stamps are coarse, and tools that copy files set them back.
 */
final class FileDiscovery implements BackendDiscovery {
    static final int MAX_BYTES = 1 << 20;

    private final Path file;

    FileDiscovery(Path file) {
        this.file = Checks.notNull("file", file).toAbsolutePath();
    }

    @Override
    public List<Backend> discover() throws IOException {
        List<Backend> backends = new ArrayList<>();
        String text = text();
        List<String> lines = text.lines().toList();
        for (int number = 1; number <= lines.size(); number++) {
            if (number == lines.size()) {
                checkEnded(text, number);
            }
            try {
                BackendLine.parse(lines.get(number - 1)).ifPresent(backends::add);
            } catch (IllegalArgumentException wrong) {
                throw new IOException(file + ", line " + number + ": " + wrong.getMessage(), wrong);
            }
        }
        return backends;
    }

    /** Half a line can be a whole one of its own: 10.0.0.2:90 of 10.0.0.2:9000. */
    private void checkEnded(String text, int lastLine) throws IOException {
        if (!text.endsWith("\n") && !text.endsWith("\r")) {
            throw new IOException(file + ", line " + lastLine
                    + ": no line break behind it (expected: one behind every line, the last one too;"
                    + " without it the file is taken for one that is still being written)");
        }
    }

    private String text() throws IOException {
        // What is no regular file may have no end, or block the open for ever, as a pipe without a writer does.
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new IOException(file + ": not a regular file");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new IOException(file + ": too large (expected: at most " + MAX_BYTES + " bytes)");
            }
            String text = new String(bytes, StandardCharsets.UTF_8);
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (NoSuchFileException missing) {
            throw new IOException(file + ": no such file", missing);
        }
    }

    @Override
    public String toString() {
        return "file(" + file + ")";
    }
}
