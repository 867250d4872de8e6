package io.lb4j.benchmarks.compare;

import io.lb4j.benchmarks.netty.NettyRelay;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.Version;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The Netty relay in a JVM of its own. */
final class Netty implements Program {
    private final String name;
    private final Java java;
    private final SslProvider provider;

    private Netty(String name, Java java, SslProvider provider) {
        this.name = name;
        this.java = java;
        this.provider = provider;
    }

    static Netty plain(Java java) {
        return new Netty("netty", java, SslProvider.JDK);
    }

    /**
     * With the JDK's TLS, which differs between JDKs: the name says which.
     *
     * @param pem its certificate and key
     */
    static Netty withTls(Java java, Path pem) {
        Java with = java.with(NettyProxy.tls(pem, SslProvider.JDK), "tls");
        return new Netty("netty" + with.suffix(), with, SslProvider.JDK);
    }

    /** With BoringSSL's. */
    static Netty withTcnative(Java java, Path pem) {
        Java with = java.with(NettyProxy.tls(pem, SslProvider.OPENSSL), "tls");
        return new Netty("netty-tcnative-tls", with, SslProvider.OPENSSL);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Optional<String> missing() {
        return java.missing().or(NettyRelay::missing).or(this::missingProvider);
    }

    private Optional<String> missingProvider() {
        return provider == SslProvider.JDK || OpenSsl.isAvailable()
                ? Optional.empty()
                : Optional.of("no tcnative here: " + OpenSsl.unavailabilityCause());
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
