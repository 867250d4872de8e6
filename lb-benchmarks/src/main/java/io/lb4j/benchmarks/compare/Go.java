package io.lb4j.benchmarks.compare;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A relay in Go, compiled when it is started. Its library splices between TCP connections unasked. */
final class Go implements Program {
    @Override
    public String name() {
        return "go";
    }

    @Override
    public Optional<String> missing() {
        return Shell.find("go").isPresent() ? Optional.empty() : Optional.of("go is not installed");
    }

    @Override
    public String version() throws IOException, InterruptedException {
        return Shell.run(compiler(), "version").strip();
    }

    @Override
    public Running start(Path directory, List<Integer> backends, Cores cores) throws IOException, InterruptedException {
        int port = FreePort.find();
        List<String> command = new ArrayList<>(
                List.of(compile(directory).toString(), Integer.toString(port), Integer.toString(cores.loops())));
        backends.forEach(backend -> command.add(Integer.toString(backend)));
        return ProxyProcess.start(cores.onProxyCore(command), port, directory.resolve("log"));
    }

    private static Path compile(Path directory) throws IOException, InterruptedException {
        Path source = directory.resolve("relay.go");
        Path program = directory.resolve("relay");
        try (InputStream relay = Go.class.getResourceAsStream("relay.go")) {
            Files.write(source, relay.readAllBytes());
        }
        String said = Shell.run(compiler(), "build", "-o", program.toString(), source.toString());
        if (!Files.isExecutable(program)) {
            throw new IOException("go build: " + said);
        }
        return program;
    }

    private static String compiler() {
        return Shell.find("go").orElseThrow().toString();
    }
}
