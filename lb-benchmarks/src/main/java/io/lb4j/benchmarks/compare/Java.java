package io.lb4j.benchmarks.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A JVM that proxies are run with.
 *
 * @param program the java program
 * @param options of the JVM
 * @param suffix its version, as a part of names
 */
record Java(Path program, List<String> options, String suffix) {
    private static final Pattern VERSION = Pattern.compile("version \"(\\d+)");

    static Java of(Path program, List<String> options) throws IOException, InterruptedException {
        String said = Files.isExecutable(program) ? Shell.run(program.toString(), "-version") : "";
        Matcher version = VERSION.matcher(said);
        return new Java(program, List.copyOf(options), version.find() ? "-jdk" + version.group(1) : "");
    }

    Optional<String> missing() {
        return Files.isExecutable(program) ? Optional.empty() : Optional.of("no program " + program);
    }

    String version() throws IOException, InterruptedException {
        String version =
                Shell.run(program.toString(), "-version").lines().findFirst().orElse("?");
        return version + (options.isEmpty() ? ", default options" : ", " + String.join(" ", options));
    }

    /** The same with more options, and a name that says what for. */
    Java with(List<String> others, String name) {
        List<String> more = new ArrayList<>(options);
        more.addAll(others);
        return new Java(program, List.copyOf(more), suffix + "-" + name);
    }

    List<String> command() {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(options);
        return command;
    }
}
