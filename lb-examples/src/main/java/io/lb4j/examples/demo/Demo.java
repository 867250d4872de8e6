package io.lb4j.examples.demo;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.lb4j.LoadBalancer;
import io.lb4j.LoadBalancerBuilder;
import io.lb4j.admin.AdminServer;
import io.lb4j.admin.AdminServerBuilder;
import io.lb4j.backend.Backend;
import io.lb4j.proxy.DrainResult;
import io.lb4j.proxy.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command in {@code lb-examples.jar}: its flags, what they set, and how the process ends. */
@Command(
        name = "java -jar lb-examples.jar",
        mixinStandardHelpOptions = true,
        abbreviateSynopsis = true,
        versionProvider = DemoCommandLine.Version.class,
        sortOptions = false,
        description = {
            "A layer-4 (TCP) load balancer.",
            "With no --backend it balances 127.0.0.1:8081, 8082 and 8083, unless each --listen leads to a --pool; where"
                    + " nothing listens on one of these ports, it starts a small HTTP backend there that answers with its"
                    + " port.",
            ""
        },
        footer = {
            "",
            "A DURATION is written 500ms, 5s, 10m or 1h.",
            "Ctrl-C and SIGTERM let open connections finish, for up to 10 s unless --drain-grace says otherwise; then the"
                    + " exit code is 0.",
            "It is 2 when the arguments cannot work or the port is in use, 1 after any other failure."
        })
public final class Demo implements Callable<Integer> {
    static final List<Integer> BACKEND_PORTS = List.of(8081, 8082, 8083);
    static final String DEFAULT_ADMIN = "127.0.0.1:8404";
    static final String TOKEN_VARIABLE = "LB4J_ADMIN_TOKEN";

    private final List<Integer> ownPorts;
    private final LoadBalancerBuilder builder = LoadBalancer.builder();

    /** How many frontends were given any free port. */
    private int onAnyPort;

    @Spec
    private CommandSpec spec;

    @Option(
            names = ConfigFile.FLAG,
            paramLabel = "FILE",
            parameterConsumer = ConfigFile.class,
            description = {
                "A file with such flags, as if they stood here: one with its value on a line, # begins a comment, what"
                        + " holds a blank has quotes around it.",
            })
    private List<Path> config = new ArrayList<>();

    @Option(
            names = "--listen",
            paramLabel = "[HOST:]PORT[-PORT][=POOL]",
            defaultValue = "127.0.0.1:8080",
            description = {
                "Where to listen; repeat for more. 0.0.0.0:8080 is every address of this machine, a port alone is one of"
                        + " 127.0.0.1, port 0 is any free one, 7000-7010 are all from the one to the other. With =POOL"
                        + " its clients get that --pool, otherwise the backends that --backend gives. Default:"
                        + " ${DEFAULT-VALUE}"
            })
    private List<Listen> listens = new ArrayList<>();

    @Option(
            names = "--backend",
            paramLabel = "HOST:PORT[,weight=N]...",
            description = {
                "A backend; repeat for more. An IPv6 address has brackets: [::1]:9000. Behind it can stand:",
                "  ,weight=N  its share, 0 to 1000, 1 if not given; 0 means no new connections, and is all that"
                        + " round-robin and first care for",
                "  ,priority=N  its tier, 0 to 100, 0 if not given; a tier is used while none before it can be",
                "  ,max-connections=N  how many it may have; no limit if not given",
                "  ,id=NAME  its name in the log; HOST:PORT if not given"
            })
    private List<Backend> backends = new ArrayList<>();

    @Option(
            names = "--pool",
            paramLabel = "NAME=HOST:PORT[,weight=N]...[,HOST:PORT...]",
            description = {
                "A pool of backends with a name, for --listen, each backend written as --backend takes it. Repeat for more"
                        + " pools; the same name again adds backends to that pool. As in:",
                "  api=10.0.0.1:9000,weight=3,10.0.0.2:9000"
            })
    private List<PoolBackends> pools = new ArrayList<>();

    @Mixin
    private PoolFlags poolFlags;

    @Option(
            names = "--event-loops",
            paramLabel = "N",
            description = "How many threads accept and relay. Default: one for each processor")
    private Integer eventLoops;

    @Option(
            names = "--transport",
            paramLabel = "TRANSPORT",
            description =
                    "By which sockets it relays: auto, jdk or native. Default: auto, which is the native one where it"
                            + " is to be had (Linux, Java 22 or newer, a jar built by such a JDK), else the JDK's")
    private Transport transport;

    @Option(
            names = "--connect-timeout",
            paramLabel = "DURATION",
            defaultValue = "5s",
            description = "How long one attempt to connect to a backend may take. Default: ${DEFAULT-VALUE}")
    private Duration connectTimeout;

    @Option(
            names = "--idle-timeout",
            paramLabel = "DURATION",
            defaultValue = "1h",
            description = "How long a connection may be silent before it is reset. Default: ${DEFAULT-VALUE}")
    private Duration idleTimeout;

    @Option(
            names = "--max-connections",
            paramLabel = "N",
            description = "How many connections may be open; further clients wait. Default: no limit")
    private Integer maxConnections;

    @Option(
            names = "--drain-grace",
            paramLabel = "DURATION",
            defaultValue = "10s",
            description =
                    "How long open connections may go on when the process is told to end. Default: ${DEFAULT-VALUE}")
    private Duration drainGrace;

    @Option(
            names = "--lame-duck",
            paramLabel = "DURATION",
            defaultValue = "0s",
            description =
                    "How long accepting goes on then, while /health says 503 already: longer than whoever looks at"
                            + " it needs to see that. Default: ${DEFAULT-VALUE}")
    private Duration lameDuck;

    @Option(
            names = "--admin",
            paramLabel = "[HOST:]PORT",
            description = "Where to serve the status page; port 0 is any free one. Default: " + DEFAULT_ADMIN
                    + ", or the next port that is free")
    private HostAndPort admin;

    @Option(
            names = "--admin-token",
            paramLabel = "TOKEN",
            defaultValue = "${env:" + TOKEN_VARIABLE + "}",
            description = "What the status page must know to drain, enable, disable and weigh backends, 8 characters or"
                    + " more. Others see it in the list of processes: better in the environment variable "
                    + TOKEN_VARIABLE + ", or in a file. Default: none, and it can only look")
    private String adminToken;

    @Option(names = "--admin-token-file", paramLabel = "FILE", description = "A file that holds the token alone.")
    private Path adminTokenFile;

    @Option(names = "--no-admin", description = "Serve no status page.")
    private boolean noAdmin;

    @Option(names = "--verbose", description = "Log every connection (DEBUG of io.lb4j).")
    private boolean verbose;

    /** A demo that, if no backend is given, balances these ports of 127.0.0.1, and starts what does not listen there. */
    Demo(List<Integer> ownPorts) {
        this.ownPorts = ownPorts;
    }

    public static void main(String[] args) {
        System.exit(DemoCommandLine.of(new Demo(BACKEND_PORTS)).execute(args));
    }

    /** Runs until the process is told to end. */
    @Override
    public Integer call() throws IOException, InterruptedException {
        RunningDemo running = start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> drainAndHalt(running), "demo-shutdown"));
        System.out.print(running.description());
        System.out.flush();
        new CountDownLatch(1).await();
        throw new AssertionError("nobody counts down");
    }

    /** Starts what the flags say. Flags that cannot work, each alone or together, are a {@link ParameterException}. */
    RunningDemo start() throws IOException {
        applyFlags();
        refuseWhatLeadsNowhere();
        if (verbose) {
            ((Logger) LoggerFactory.getLogger("io.lb4j")).setLevel(Level.DEBUG);
        }
        try {
            String token = token();
            boolean ownBackends = backends.isEmpty() && listens.stream().anyMatch(Listen::leadsToDefault);
            RunningDemo running = RunningDemo.start(builder, ownBackends ? ownPorts : List.of());
            startAdmin(running, token);
            return running;
        } catch (IllegalStateException | UncheckedIOException cannotStart) {
            throw flags().wrong(cannotStart.getMessage(), cannotStart);
        }
    }

    private Flags flags() {
        return new Flags(spec);
    }

    /** Hands all of them to the builder; nothing begins by that. */
    void applyFlags() {
        Flags flags = flags();
        listens.forEach(listen -> flags.set("--listen", listen, this::listen));
        backends.forEach(backend -> flags.set("--backend", backend, builder::backend));
        poolFlags.apply(builder, flags);
        backendsByPool()
                .forEach((name, ofPool) -> flags.set(
                        "--pool",
                        name,
                        pool -> builder.pool(pool, setup -> {
                            ofPool.forEach(setup::backend);
                            poolFlags.apply(setup, flags);
                        })));
        flags.set("--event-loops", eventLoops, builder::eventLoops);
        flags.set("--transport", transport, builder::transport);
        flags.set("--connect-timeout", connectTimeout, time -> builder.timeouts(timeouts -> timeouts.connect(time)));
        flags.set("--idle-timeout", idleTimeout, time -> builder.timeouts(timeouts -> timeouts.idle(time)));
        flags.set("--max-connections", maxConnections, most -> builder.limits(limits -> limits.connections(most)));
        if (noAdmin) {
            flags.refuseWith("--no-admin", "--admin", "--admin-token", "--admin-token-file");
        }
    }

    private void listen(Listen listen) {
        String name = listen.name(onAnyPort);
        builder.listen(
                listen.host(), listen.ports(), frontend -> frontend.name(name).pool(listen.pool()));
        onAnyPort += listen.isAnyPort() ? 1 : 0;
    }

    private Map<String, List<Backend>> backendsByPool() {
        Map<String, List<Backend>> all = new LinkedHashMap<>();
        pools.forEach(pool ->
                all.computeIfAbsent(pool.pool(), name -> new ArrayList<>()).addAll(pool.backends()));
        return all;
    }

    /** The builder would say so too, in words of the library. */
    private void refuseWhatLeadsNowhere() {
        Set<String> names = new LinkedHashSet<>(backendsByPool().keySet());
        Set<String> ledTo = listens.stream().map(Listen::pool).collect(Collectors.toSet());
        for (Listen listen : listens) {
            if (!listen.leadsToDefault() && !names.contains(listen.pool())) {
                String pools = names.isEmpty() ? "there is none" : "one of " + String.join(", ", names);
                throw flags().invalid(
                                "--listen", "pool: " + listen.pool() + " (expected: a --pool, " + pools + ")", null);
            }
        }
        for (String name : names) {
            if (!ledTo.contains(name)) {
                throw flags().invalid(
                                "--pool",
                                name + " (expected: one that a --listen leads to, as in --listen 8080=" + name + ")",
                                null);
            }
        }
        if (!backends.isEmpty() && !ledTo.contains(Backend.DEFAULT_POOL)) {
            throw flags().invalid(
                            "--backend",
                            backends.get(0).hostAndPort()
                                    + " (expected: a --listen that leads there, one without =POOL)",
                            null);
        }
    }

    private String token() {
        if (adminTokenFile == null) {
            return adminToken;
        }
        flags().refuseWith("--admin-token-file", "--admin-token");
        try {
            return Files.readString(adminTokenFile).strip();
        } catch (IOException unreadable) {
            throw flags().invalid("--admin-token-file", "cannot read " + adminTokenFile, unreadable);
        }
    }

    private void startAdmin(RunningDemo running, String token) {
        if (noAdmin) {
            return;
        }
        try {
            AdminServerBuilder page = AdminServer.builder(running.balancer());
            Flags flags = flags();
            flags.set(adminTokenFile == null ? "--admin-token" : "--admin-token-file", token, page::token);
            HostAndPort place = admin == null ? HostAndPort.parse(DEFAULT_ADMIN) : admin;
            flags.set("--admin", place, at -> running.admin(page, at, admin != null));
        } catch (RuntimeException cannotStart) {
            running.close();
            throw cannotStart;
        }
    }

    /**
     * The shutdown hook. A JVM that ends by a signal exits with 128 plus the signal's number, whatever its hooks do;
     * and a hook cannot call {@code System.exit}, which would wait for this very hook. To whoever sent the signal a
     * drained balancer is a success, so the hook ends the process itself, by {@code halt}. There is no other hook that
     * this could cut short.
     */
    private void drainAndHalt(RunningDemo running) {
        int exitCode = 1;
        try {
            System.out.println(running.drainDescription(lameDuck, drainGrace));
            DrainResult result = running.drain(lameDuck, drainGrace);
            System.out.println("Drained: " + result.finished() + " finished, " + result.aborted() + " reset");
            exitCode = 0;
        } catch (RuntimeException failure) {
            failure.printStackTrace();
        } finally {
            Runtime.getRuntime().halt(exitCode);
        }
    }
}
