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

/** A proxy that is a class of this jar, in a JVM of its own. */
final class JvmProcess implements Running {
    private final Process process;
    private final BufferedReader answers;
    private final ProxyProcess proxy;

    private JvmProcess(Process process, BufferedReader answers, ProxyProcess proxy) {
        this.process = process;
        this.answers = answers;
        this.proxy = proxy;
    }

    /**
     * Starts it, and waits until it has said on which port it listens.
     *
     * @param java the program and its options
     */
    static JvmProcess start(List<String> java, Class<?> main, Path directory, List<Integer> backends, Cores cores)
            throws IOException {
        List<String> command = new ArrayList<>(java);
        command.addAll(List.of("-cp", classPath(), main.getName(), Integer.toString(cores.loops())));
        backends.forEach(backend -> command.add(backend.toString()));
        Path log = directory.resolve("log");
        Process process = new ProcessBuilder(cores.onProxyCore(command))
                .redirectError(log.toFile())
                .start();
        BufferedReader answers = process.inputReader();
        String port = answers.readLine();
        if (port == null) {
            process.destroyForcibly();
            throw new IOException(main.getSimpleName() + " did not start:\n" + Files.readString(log));
        }
        return new JvmProcess(process, answers, new ProxyProcess(process, Integer.parseInt(port)));
    }

    private static String classPath() {
        return Optional.ofNullable(System.getProperty("java.class.path"))
                .filter(path -> !path.isEmpty())
                .orElse(new File(".").getPath());
    }

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
        return ask(Answers.ALLOCATED);
    }

    @Override
    public OptionalLong used() {
        return ask(Answers.USED);
    }

    private OptionalLong ask(char question) {
        try {
            process.getOutputStream().write(question);
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
