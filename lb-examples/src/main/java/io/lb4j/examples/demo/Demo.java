package io.lb4j.examples.demo;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.lb4j.LoadBalancer;
import io.lb4j.LoadBalancerBuilder;
import io.lb4j.admin.AdminServer;
import io.lb4j.admin.AdminServerBuilder;
import io.lb4j.backend.Backend;
import io.lb4j.health.HealthCheckPolicy;
import io.lb4j.proxy.DrainResult;
import io.lb4j.selection.BackendSelector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
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
            "With no --backend it balances 127.0.0.1:8081, 8082 and 8083; where nothing listens on one of these ports,"
                    + " it starts a small HTTP backend there that answers with its port.",
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
    private final HealthCheckPolicy.Builder healthCheck = HealthCheckPolicy.builder();

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--listen",
            paramLabel = "[HOST:]PORT",
            defaultValue = "127.0.0.1:8080",
            description = "Where to listen: 0.0.0.0:8080 is every address of this machine, a port alone is one of"
                    + " 127.0.0.1, port 0 is any free one. Default: ${DEFAULT-VALUE}")
    private HostAndPort listen;

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
            names = "--selector",
            paramLabel = "NAME",
            defaultValue = Selectors.DEFAULT,
            completionCandidates = Selectors.Names.class,
            description =
                    "How the backend of a connection is chosen: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}")
    private BackendSelector selector;

    @Option(
            names = "--slow-start",
            paramLabel = "DURATION",
            description = "How long a backend that came up again warms up, from a tenth of its share to all of it."
                    + " Default: not at all")
    private Duration slowStart;

    @Option(
            names = "--event-loops",
            paramLabel = "N",
            description = "How many threads accept and relay. Default: one for each processor")
    private Integer eventLoops;

    @Option(
            names = "--health-interval",
            paramLabel = "DURATION",
            defaultValue = "30s",
            description = "From one health check of a backend to the next. Default: ${DEFAULT-VALUE}")
    private Duration healthInterval;

    @Option(
            names = "--health-timeout",
            paramLabel = "DURATION",
            defaultValue = "5s",
            description = "When a running health check counts as failed. Default: ${DEFAULT-VALUE}")
    private Duration healthTimeout;

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
            names = "--queue-timeout",
            paramLabel = "DURATION",
            description = "How long a connection may wait while every backend has as many as it may (max-connections)."
                    + " Default: as long as --connect-timeout")
    private Duration queueTimeout;

    @Option(names = "--no-queue", description = "Refuse connections while every backend has as many as it may.")
    private boolean noQueue;

    @Option(names = "--no-health-checks", description = "Take every backend for healthy.")
    private boolean noHealthChecks;

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
        try {
            String token = token();
            RunningDemo running = RunningDemo.start(builder, backends.isEmpty() ? ownPorts : List.of());
            startAdmin(running, token);
            return running;
        } catch (IllegalStateException | UncheckedIOException cannotStart) {
            throw new ParameterException(spec.commandLine(), cannotStart.getMessage(), cannotStart);
        }
    }

    private void applyFlags() {
        set("--listen", listen, place -> builder.listen(place.host(), place.port()));
        backends.forEach(backend -> set("--backend", backend, builder::backend));
        set("--selector", selector, builder::selector);
        set("--slow-start", slowStart, builder::slowStart);
        set("--event-loops", eventLoops, builder::eventLoops);
        set("--connect-timeout", connectTimeout, time -> builder.timeouts(timeouts -> timeouts.connect(time)));
        set("--idle-timeout", idleTimeout, time -> builder.timeouts(timeouts -> timeouts.idle(time)));
        set("--max-connections", maxConnections, most -> builder.limits(limits -> limits.connections(most)));
        set("--queue-timeout", queueTimeout, time -> builder.queue(queue -> queue.timeout(time)));
        if (noQueue) {
            refuseWith("--no-queue", "--queue-timeout");
            builder.noQueue();
        }
        applyHealthCheck();
        if (noAdmin) {
            refuseWith("--no-admin", "--admin", "--admin-token", "--admin-token-file");
        }
        if (verbose) {
            ((Logger) LoggerFactory.getLogger("io.lb4j")).setLevel(Level.DEBUG);
        }
    }

    private String token() {
        if (adminTokenFile == null) {
            return adminToken;
        }
        refuseWith("--admin-token-file", "--admin-token");
        try {
            return Files.readString(adminTokenFile).strip();
        } catch (IOException unreadable) {
            throw new ParameterException(
                    spec.commandLine(),
                    "Invalid value for option '--admin-token-file': cannot read " + adminTokenFile,
                    unreadable);
        }
    }

    private void startAdmin(RunningDemo running, String token) {
        if (noAdmin) {
            return;
        }
        try {
            AdminServerBuilder page = AdminServer.builder(running.balancer());
            set(adminTokenFile == null ? "--admin-token" : "--admin-token-file", token, page::token);
            HostAndPort place = admin == null ? HostAndPort.parse(DEFAULT_ADMIN) : admin;
            set("--admin", place, at -> running.admin(page, at, admin != null));
        } catch (RuntimeException cannotStart) {
            running.close();
            throw cannotStart;
        }
    }

    private void refuseWith(String flag, String... others) {
        for (String other : others) {
            if (spec.commandLine().getParseResult().hasMatchedOption(other)) {
                throw new ParameterException(spec.commandLine(), other + " makes no sense with " + flag);
            }
        }
    }

    private void applyHealthCheck() {
        set("--health-interval", healthInterval, healthCheck::interval);
        set("--health-timeout", healthTimeout, healthCheck::timeout);
        if (!noHealthChecks) {
            builder.healthCheck(healthCheck.build());
            return;
        }
        refuseWith("--no-health-checks", "--health-interval", "--health-timeout");
        builder.noHealthCheck();
    }

    /** The builder checks the value; what it says against it is told with the name of the flag. */
    private <T> void set(String flag, T value, Consumer<T> setter) {
        if (value == null) {
            return;
        }
        try {
            setter.accept(value);
        } catch (IllegalArgumentException wrong) {
            String message = "Invalid value for option '" + flag + "': " + wrong.getMessage();
            throw new ParameterException(spec.commandLine(), message, wrong);
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
