package io.lb4j.benchmarks.compare;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** lb4j in a JVM of its own. */
final class Lb4j implements Program {
    private final Java java;

    Lb4j(Java java) {
        this.java = java;
    }

    @Override
    public String name() {
        return "lb4j" + java.suffix();
    }

    @Override
    public Optional<String> missing() {
        return java.missing();
    }

    @Override
    public String version() throws IOException, InterruptedException {
        return java.version();
    }

    @Override
    public Running start(Path directory, List<Integer> backends, Cores cores) throws IOException {
        return JvmProcess.start(java.command(), Lb4jProxy.class, directory, backends, cores);
    }
}
