package io.lb4j.benchmarks.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** HAProxy in TCP mode, with as many threads as are asked for. */
final class HaProxy implements Program {
    static final String DEFAULT = "haproxy";

    private final String name;
    private final String global;
    private final String defaults;
    private final Relay relay;

    /**
     * What differs in how it relays.
     *
     * @param bind options of the port
     * @param routing lines before those of the backends
     * @param server options of each backend
     */
    private record Relay(String bind, String routing, String server) {}

    private HaProxy(String name, String global, String defaults) {
        this(name, global, defaults, new Relay("", "", ""));
    }

    private HaProxy(String name, String global, String defaults, Relay relay) {
        this.name = name;
        this.global = global;
        this.defaults = defaults;
        this.relay = relay;
    }

    static HaProxy withDefaults() {
        return new HaProxy(DEFAULT, "", "");
    }

    static HaProxy withSplice() {
        return new HaProxy("haproxy-splice", "", "    option splice-auto\n");
    }

    static HaProxy withLargeBuffers() {
        return new HaProxy("haproxy-large", "    tune.bufsize 262144\n", "");
    }

    static HaProxy withHeaders() {
        return new HaProxy("haproxy-proxied", "", "", new Relay(" accept-proxy", "", " send-proxy-v2"));
    }

    static HaProxy withServerNames() {
        return new HaProxy("haproxy-sni", "", "", new Relay("", """
                    tcp-request inspect-delay 5s
                    tcp-request content accept if { req.ssl_hello_type 1 }
                    use_backend a if { req.ssl_sni -i a.example.com }
                backend a
                """, ""));
    }

    /**
     * With TLS on its own side, on that of the backend, or on both.
     *
     * @param pem its certificate and key; empty when clients speak plainly
     * @param toBackend whether it does TLS with the backend, whose certificate it takes as it is
     */
    static HaProxy withTls(Optional<Path> pem, boolean toBackend) {
        String bind = pem.map(file -> " ssl crt " + file).orElse("");
        return new HaProxy("haproxy-tls", "", "", new Relay(bind, "", toBackend ? " ssl verify none" : ""));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean isVariant() {
        return !name.equals(DEFAULT);
    }

    @Override
    public Optional<String> missing() {
        return Shell.find("haproxy").isPresent() ? Optional.empty() : Optional.of("haproxy is not installed");
    }

    @Override
    public String version() throws IOException, InterruptedException {
        return Shell.run(program(), "-v").lines().findFirst().orElse("?");
    }

    @Override
    public Running start(Path directory, List<Integer> backends, Cores cores) throws IOException, InterruptedException {
        int port = FreePort.find();
        Path config = directory.resolve("haproxy.cfg");
        Files.writeString(config, config(port, cores.loops(), backends));
        List<String> command = List.of(program(), "-db", "-f", config.toString());
        return ProxyProcess.start(cores.onProxyCore(command), port, directory.resolve("log"));
    }

    private static String program() {
        return Shell.find("haproxy").orElseThrow().toString();
    }

    private String config(int port, int loops, List<Integer> backends) {
        StringBuilder config = new StringBuilder()
                .append("global\n    nbthread " + loops + "\n    maxconn " + Descriptors.mostPairs()
                        + "\n    maxpipes 256\n")
                .append(global)
                .append(
                        "defaults\n    mode tcp\n    timeout connect 5s\n    timeout client 1h\n    timeout server 1h\n")
                .append(defaults)
                .append("listen relay\n    bind 127.0.0.1:" + port + relay.bind() + "\n" + relay.routing()
                        + "    balance roundrobin\n");
        for (int backend : backends) {
            config.append("    server b" + backend + " 127.0.0.1:" + backend + relay.server() + "\n");
        }
        return config.toString();
    }
}
