package io.lb4j.examples.demo;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.lb4j.LoadBalancer;
import io.lb4j.LoadBalancerBuilder;
import io.lb4j.proxy.DrainResult;
import io.lb4j.proxy.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
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
            "With no --backend it balances 127.0.0.1:8081, 8082 and 8083, unless nobody is led there; where"
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

    @Mixin
    private RouteFlags routes;

    @Mixin
    private EntryFlags entryFlags;

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
            names = "--preface-timeout",
            paramLabel = "DURATION",
            defaultValue = "5s",
            description =
                    "How long a client may take to say what --accept-proxy-from, --connect-when and --sni wait for, each"
                            + " of them; then it is reset. Default: ${DEFAULT-VALUE}")
    private Duration prefaceTimeout;

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

    @Mixin
    private AdminFlags admin;

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
        Flags flags = flags();
        routes.refuseWhatLeadsNowhere(flags);
        if (verbose) {
            ((Logger) LoggerFactory.getLogger("io.lb4j")).setLevel(Level.DEBUG);
        }
        try {
            String token = admin.token(flags);
            RunningDemo running = RunningDemo.start(builder, routes.lackBackends() ? ownPorts : List.of());
            admin.start(running, token, flags);
            return running;
        } catch (IllegalStateException | UncheckedIOException cannotStart) {
            throw flags.wrong(cannotStart.getMessage(), cannotStart);
        }
    }

    private Flags flags() {
        return new Flags(spec);
    }

    /** Hands all of them to the builder; nothing begins by that. */
    void applyFlags() {
        Flags flags = flags();
        routes.apply(builder, entryFlags, poolFlags, flags);
        flags.set("--event-loops", eventLoops, builder::eventLoops);
        flags.set("--transport", transport, builder::transport);
        flags.set("--preface-timeout", prefaceTimeout, time -> builder.timeouts(timeouts -> timeouts.preface(time)));
        flags.set("--connect-timeout", connectTimeout, time -> builder.timeouts(timeouts -> timeouts.connect(time)));
        flags.set("--idle-timeout", idleTimeout, time -> builder.timeouts(timeouts -> timeouts.idle(time)));
        flags.set("--max-connections", maxConnections, most -> builder.limits(limits -> limits.connections(most)));
        admin.refuseWhatMakesNoSense(flags);
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
