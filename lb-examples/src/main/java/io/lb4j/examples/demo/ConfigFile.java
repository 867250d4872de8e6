package io.lb4j.examples.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EmptyStackException;
import java.util.List;
import java.util.Stack;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.IParameterConsumer;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * Puts the flags of a file in the place of {@code --config FILE}. A line of the file is a flag with its value, as on the
 * command line, or empty; # begins a comment, at the beginning of a line or after a blank; what holds a blank or begins with
 * # has double or single quotes around it.
 *
 * <p>Each line is tried by itself first, with a demo that nobody starts, so that one that is wrong by itself is told with
 * its number. What only does not fit to other lines is told as on the command line.
 */
final class ConfigFile implements IParameterConsumer {
    static final String FLAG = "--config";

    private static final Pattern WORD =
            Pattern.compile("((?:[^\\s\"'#]|\"[^\"]*\"|'[^']*')(?:[^\\s\"']|\"[^\"]*\"|'[^']*')*)" + "|(#.*)|\\s+");
    private static final Pattern QUOTED = Pattern.compile("\"([^\"]*)\"|'([^']*)'");

    /** What is still to be parsed is a stack: the next word is on its top. */
    @Override
    public void consumeParameters(Stack<String> args, ArgSpec flag, CommandSpec spec) {
        String file;
        try {
            file = args.pop();
        } catch (EmptyStackException nothing) {
            throw new ParameterException(
                    spec.commandLine(), "Missing required parameter for option '" + FLAG + "' (FILE)");
        }
        List<String> words = words(file, spec.commandLine());
        for (int i = words.size() - 1; i >= 0; i--) {
            args.push(words.get(i));
        }
    }

    private static List<String> words(String file, CommandLine command) {
        List<String> lines;
        try {
            lines = Files.readAllLines(Path.of(file));
        } catch (IOException | InvalidPathException unreadable) {
            String message = "Invalid value for option '" + FLAG + "': cannot read " + file;
            throw new ParameterException(command, message, unreadable);
        }
        List<String> words = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            try {
                List<String> ofLine = words(lines.get(i));
                tryOut(ofLine);
                words.addAll(ofLine);
            } catch (IllegalArgumentException | ParameterException wrong) {
                String message = file + ", line " + (i + 1) + ": " + wrong.getMessage();
                throw new ParameterException(command, message, wrong);
            }
        }
        return words;
    }

    /** The words of a line, without their quotes. */
    static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        Matcher word = WORD.matcher(line);
        for (int at = 0; at < line.length(); at = word.end()) {
            if (!word.find(at) || word.start() != at) {
                throw new IllegalArgumentException("\"" + line.strip() + "\" (expected: quotes in pairs)");
            }
            if (word.group(1) != null) {
                words.add(QUOTED.matcher(word.group(1))
                        .replaceAll(match ->
                                Matcher.quoteReplacement(match.group(1) != null ? match.group(1) : match.group(2))));
            }
        }
        return words;
    }

    private static void tryOut(List<String> words) {
        if (words.isEmpty()) {
            return;
        }
        String first = words.get(0);
        if (!first.startsWith("--")) {
            throw new IllegalArgumentException("\"" + first + "\" (expected: a flag, as in --listen 8080)");
        }
        if (first.equals(FLAG) || first.startsWith(FLAG + "=")) {
            throw new IllegalArgumentException(FLAG + " makes no sense in such a file");
        }
        Demo nobodyStarts = new Demo(List.of());
        DemoCommandLine.of(nobodyStarts).parseArgs(words.toArray(String[]::new));
        nobodyStarts.applyFlags();
    }
}
