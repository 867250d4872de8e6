package io.lb4j.benchmarks.compare;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** lb4j with one event loop, in a JVM of its own. */
final class Lb4j implements Program {
    private static final Pattern VERSION = Pattern.compile("version \"(\\d+)");

    private final Path java;
    private final List<String> options;
    private final String name;

    private Lb4j(Path java, List<String> options, String name) {
        this.java = java;
        this.options = options;
        this.name = name;
    }

    /** @param options of the JVM */
    static Lb4j on(Path java, List<String> options) throws IOException, InterruptedException {
        Matcher version = VERSION.matcher(Files.isExecutable(java) ? Shell.run(java.toString(), "-version") : "");
        return new Lb4j(java, options, version.find() ? "lb4j-jdk" + version.group(1) : "lb4j");
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Optional<String> missing() {
        return Files.isExecutable(java) ? Optional.empty() : Optional.of("no program " + java);
    }

    @Override
    public String version() throws IOException, InterruptedException {
        String version =
                Shell.run(java.toString(), "-version").lines().findFirst().orElse("?");
        return version + (options.isEmpty() ? ", default options" : ", " + String.join(" ", options));
    }

    @Override
    public Running start(Path directory, List<Integer> backends, Cores cores) throws IOException {
        Process process = new ProcessBuilder(cores.onProxyCore(command(backends)))
                .redirectError(directory.resolve("log").toFile())
                .start();
        BufferedReader answers = process.inputReader();
        String port = answers.readLine();
        if (port == null) {
            process.destroyForcibly();
            throw new IOException("lb4j did not start:\n" + Files.readString(directory.resolve("log")));
        }
        return new Jvm(process, answers, new ProxyProcess(process, Integer.parseInt(port)));
    }

    private List<String> command(List<Integer> backends) {
        List<String> command = new ArrayList<>(List.of(java.toString()));
        command.addAll(options);
        command.addAll(List.of("-cp", classPath(), Lb4jProxy.class.getName()));
        backends.forEach(backend -> command.add(backend.toString()));
        return command;
    }

    private static String classPath() {
        return Optional.ofNullable(System.getProperty("java.class.path"))
                .filter(path -> !path.isEmpty())
                .orElse(new File(".").getPath());
    }

    private record Jvm(Process process, BufferedReader answers, ProxyProcess proxy) implements Running {
        @Override
        public List<Integer> ports() {
            return proxy.ports();
        }

        @Override
        public List<Long> pids() {
            return proxy.pids();
        }

        @Override
        public OptionalLong allocated() {
            try {
                process.getOutputStream().write('\n');
                process.getOutputStream().flush();
                String answer = answers.readLine();
                return answer == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(answer));
            } catch (IOException gone) {
                // The run that is under way fails by itself: nobody relays any more.
                return OptionalLong.empty();
            }
        }

        @Override
        public void close() {
            proxy.close();
        }
    }
}
