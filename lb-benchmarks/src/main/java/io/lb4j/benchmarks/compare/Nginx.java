package io.lb4j.benchmarks.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * nginx with its stream module, and as many workers as are asked for. It is told to pass on half-closes, as the others do unasked,
 * unless it is to be seen without.
 */
final class Nginx implements Program {
    private static final Pattern MODULES = Pattern.compile("--modules-path=(\\S+)");

    private final String name;
    private final String extra;
    private final Relay relay;

    /**
     * Where it listens and relays to.
     *
     * @param listen options of the port
     * @param map a block before that of the server
     * @param pass where connections go
     * @param halfClose whether half-closes are passed on
     */
    private record Relay(String listen, String map, String pass, boolean halfClose) {
        Relay(String listen, String map, String pass) {
            this(listen, map, pass, true);
        }

        String halfCloses() {
            return halfClose ? "on" : "off";
        }
    }

    private Nginx(String name, String extra) {
        this(name, extra, new Relay("", "", "backends"));
    }

    private Nginx(String name, String extra, Relay relay) {
        this.name = name;
        this.extra = extra;
        this.relay = relay;
    }

    static Nginx withDefaults() {
        return new Nginx("nginx", "");
    }

    static Nginx withBandwidth() {
        return new Nginx("nginx-limited", "proxy_upload_rate 1m; proxy_download_rate 1m;");
    }

    static Nginx withLargeBuffers() {
        return new Nginx("nginx-large", "proxy_buffer_size 256k;");
    }

    /** It takes headers of both versions, and sends only the first. */
    static Nginx withHeaders() {
        return new Nginx("nginx-proxied", "proxy_protocol on;", new Relay(" proxy_protocol", "", "backends"));
    }

    static Nginx withServerNames() {
        String map = "map $ssl_preread_server_name $pool { a.example.com backends; }";
        return new Nginx("nginx-sni", "ssl_preread on;", new Relay("", map, "$pool"));
    }

    /**
     * With TLS on its own side, on that of the backend, or on both.
     *
     * @param pem its certificate and key; empty when clients speak plainly
     * @param toBackend whether it does TLS with the backend, whose certificate it takes as it is
     */
    static Nginx withTls(Optional<Path> pem, boolean toBackend, boolean halfClose) {
        String own = pem.map(file -> "ssl_certificate %s; ssl_certificate_key %s;".formatted(file, file))
                .orElse("");
        Relay relay = new Relay(pem.isPresent() ? " ssl" : "", "", "backends", halfClose);
        // By default nginx does without TLS 1.3, until 1.23.4.
        String protocols = "ssl_protocols TLSv1.2 TLSv1.3; proxy_ssl_protocols TLSv1.2 TLSv1.3; ";
        return new Nginx("nginx-tls", protocols + own + (toBackend ? " proxy_ssl on;" : ""), relay);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean isVariant() {
        return !extra.isEmpty();
    }

    @Override
    public Optional<String> missing() {
        if (Shell.find("nginx").isEmpty()) {
            return Optional.of("nginx is not installed");
        }
        try {
            String build = Shell.run(program(), "-V");
            boolean dynamic = build.contains("--with-stream=dynamic");
            boolean there = dynamic ? Files.exists(module(build)) : build.contains("--with-stream");
            return there ? Optional.empty() : Optional.of("nginx is installed without its stream module");
        } catch (IOException | InterruptedException failure) {
            return Optional.of("nginx does not run: " + failure.getMessage());
        }
    }

    @Override
    public String version() throws IOException, InterruptedException {
        return Shell.run(program(), "-v").strip() + ", proxy_half_close " + relay.halfCloses();
    }

    @Override
    public Running start(Path directory, List<Integer> backends, Cores cores) throws IOException, InterruptedException {
        int port = FreePort.find();
        Path config = directory.resolve("nginx.conf");
        Files.writeString(config, config(directory, port, cores.loops(), backends));
        List<String> command = List.of(program(), "-e", "stderr", "-p", directory.toString(), "-c", config.toString());
        return ProxyProcess.start(cores.onProxyCore(command), port, directory.resolve("log"));
    }

    private static String program() {
        return Shell.find("nginx").orElseThrow().toString();
    }

    private static Path module(String build) {
        Matcher modules = MODULES.matcher(build);
        return Path.of(modules.find() ? modules.group(1) : "modules").resolve("ngx_stream_module.so");
    }

    private String config(Path directory, int port, int loops, List<Integer> backends)
            throws IOException, InterruptedException {
        String build = Shell.run(program(), "-V");
        String load = build.contains("--with-stream=dynamic") ? "load_module " + module(build) + ";\n" : "";
        String all = backends.stream()
                .map(backend -> "        server 127.0.0.1:" + backend + ";\n")
                .collect(Collectors.joining());
        // A connection of nginx's is one end of a pair.
        int connections = 2 * Descriptors.mostPairs() + 64;
        // Without it the first of two workers takes almost everything.
        String options = (loops > 1 ? " reuseport" : "") + relay.listen();
        return load
                + """
                daemon off;
                worker_processes %d;
                error_log stderr warn;
                pid %s/pid;
                events { worker_connections %d; }
                stream {
                    upstream backends {
                %s    }
                    %s
                    server {
                        listen 127.0.0.1:%d backlog=4096%s;
                        proxy_pass %s;
                        proxy_half_close %s;
                        proxy_connect_timeout 5s;
                        proxy_timeout 1h;
                        %s
                    }
                }
                """.formatted(
                                loops,
                                directory,
                                connections,
                                all,
                                relay.map(),
                                port,
                                options,
                                relay.pass(),
                                relay.halfCloses(),
                                extra);
    }
}
