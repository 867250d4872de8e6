package io.lb4j.benchmarks.compare;

import io.lb4j.benchmarks.netty.NettyRelay;
import io.netty.util.Version;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The Netty relay in a JVM of its own. */
final class Netty implements Program {
    private final Java java;

    Netty(Java java) {
        this.java = java;
    }

    @Override
    public String name() {
        return "netty";
    }

    @Override
    public Optional<String> missing() {
        return java.missing().or(NettyRelay::missing);
    }

    @Override
    public String version() throws IOException, InterruptedException {
        Version version = Version.identify().get("netty-transport-classes-epoll");
        return "Netty " + (version == null ? "?" : version.artifactVersion()) + ", native epoll, on " + java.version();
    }

    /** With what a Netty user sets for production: no sampling for leaks. */
    @Override
    public Running start(Path directory, List<Integer> backends, Cores cores) throws IOException {
        List<String> command = new ArrayList<>(java.command());
        command.add("-Dio.netty.leakDetection.level=disabled");
        return JvmProcess.start(command, NettyProxy.class, directory, backends, cores);
    }
}
