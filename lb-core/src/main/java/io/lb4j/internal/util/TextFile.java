package io.lb4j.internal.util;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * A text file of lines, read whole each time: at its largest that is a few milliseconds. Nothing that could be remembered
 * of the last reading is sure to differ when the contents do; time stamps are coarse, and tools that copy files set them
 * back.
 */
public final class TextFile {
    public static final int MAX_BYTES = 1 << 20;
    private static final int MAX_LENGTH = 4096;

    private final Path file;

    public TextFile(Path file) {
        this.file = Checks.notNull("file", file).toAbsolutePath();
    }

    /**
     * Hands over the lines of its text, one after another.
     *
     * @param text what {@link #text} has returned
     * @param line may throw {@link IllegalArgumentException}; then the file is wrong
     * @throws IOException when a line is wrong, or the last one may be half of one; the message begins with the file
     */
    public void each(String text, Consumer<String> line) throws IOException {
        List<String> lines = text.lines().toList();
        // Half a line can be a whole one of its own: 10.0.0.2:90 of 10.0.0.2:9000.
        boolean isHalf = !lines.isEmpty() && !text.endsWith("\n") && !text.endsWith("\r");
        try {
            each(isHalf ? lines.subList(0, lines.size() - 1) : lines, line);
        } catch (IllegalArgumentException wrong) {
            throw new IOException(file + ", " + wrong.getMessage(), wrong);
        }
        if (isHalf) {
            throw new IOException(file + ", line " + lines.size()
                    + ": no line break behind it (expected: one behind every line, the last one too;"
                    + " without it the file is taken for one that is still being written)");
        }
    }

    /**
     * Hands over these lines, one after another.
     *
     * @throws IllegalArgumentException what {@code line} throws; the message says first which it is
     */
    public static void each(List<String> lines, Consumer<String> line) {
        for (int number = 1; number <= lines.size(); number++) {
            try {
                line.accept(lines.get(number - 1));
            } catch (IllegalArgumentException wrong) {
                throw new IllegalArgumentException("line " + number + ": " + wrong.getMessage(), wrong);
            }
        }
    }

    /**
     * All of it.
     *
     * @throws IOException when it cannot be read
     */
    public String text() throws IOException {
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

    /**
     * What a line says: without its comment, which begins with a {@code #} at the begin of the line or behind a blank, and
     * without blanks around it. Empty when it says nothing.
     *
     * @throws IllegalArgumentException when it is too long, or no line of text
     */
    public static String withoutComment(String line) {
        String text = beforeComment(line).strip();
        if (text.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    text.length() + " characters (expected: at most " + MAX_LENGTH + " on a line)");
        }
        // The decoder puts U+FFFD where the bytes are no UTF-8. Tabs are blanks.
        if (text.chars().anyMatch(c -> c == '\uFFFD' || (c != '\t' && Character.isISOControl(c)))) {
            throw new IllegalArgumentException("a character that is none (expected: a line of text in UTF-8)");
        }
        return text;
    }

    private static String beforeComment(String line) {
        for (int at = line.indexOf('#'); at >= 0; at = line.indexOf('#', at + 1)) {
            if (at == 0 || Character.isWhitespace(line.charAt(at - 1))) {
                return line.substring(0, at);
            }
        }
        return line;
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
