package io.lb4j.benchmarks.compare;

import io.lb4j.benchmarks.compare.Plan.Tasks;
import io.lb4j.benchmarks.compare.Plan.Times;
import io.lb4j.benchmarks.load.Work;
import io.lb4j.benchmarks.tls.Identity;
import io.lb4j.benchmarks.tls.ReadOnce;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line of the comparison. */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        description = {
            "Measures lb4j beside HAProxy, nginx and relays in Go and with Netty, each on one core.",
            "",
            "Works: requests (or requests-1, -64, -1000, each also with -4k), short, streams (or streams-1, -8, -64),"
                    + " short-proxied, short-hello, limited, tls (or tls-full, -resumed, -requests, -download),"
                    + " latency, idle, loops.",
            "Proxies: direct (none), lb4j, netty, go, haproxy, haproxy-large, haproxy-splice, nginx, nginx-large.",
            "What is not installed is named and left out. Ends with 1 when anything failed."
        },
        showDefaultValues = true)
public final class CompareCommand implements Callable<Integer> {
    private static final double SMOKE_SECONDS = 0.3;
    private static final List<Integer> SMOKE_IDLE = List.of(50, 200);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--rounds", paramLabel = "N", description = "How often each work is done through each proxy.")
    private int rounds = 5;

    @Option(names = "--seconds", paramLabel = "S", description = "How long each measurement is.")
    private double seconds = 3;

    @Option(names = "--only", paramLabel = "WORK", split = ",", description = "Do these works only.")
    private List<String> only = Catalogue.WORKS;

    @Option(
            names = "--proxies",
            paramLabel = "NAME",
            split = ",",
            description = "Compare these only. Besides: lb4j-native, with the native transport (Java 22 and newer);"
                    + " lb4j-checking, which checks 1,000 backends every 2 s, and"
                    + " lb4j-listener, lb4j-access-log, lb4j-jfr, which tell of every connection;"
                    + " lb4j-limited, lb4j-native-limited, nginx-limited, which hold each connection to 1 MiB/s;"
                    + " lb4j-, lb4j-native-, haproxy- and nginx-proxied for short-proxied,"
                    + " the same with -sni for short-hello;"
                    + " haproxy-tls, nginx-tls, netty-tls, netty-tcnative-tls for tls and idle.")
    private List<String> proxies = Catalogue.PROGRAMS;

    @Option(
            names = "--idle",
            paramLabel = "PAIRS",
            split = ",",
            description = "How many idle connections, ascending; more than descriptors allow are left out.")
    private List<Integer> idle = List.of(1_000, 4_500, 9_000);

    @Option(
            names = "--java",
            paramLabel = "PATH",
            description = "A java program to run lb4j with, and the first one Netty; can be repeated."
                    + " Default: the one that runs this.")
    private List<Path> javas = new ArrayList<>();

    @Option(
            names = "--java-option",
            paramLabel = "OPTION",
            description = "An option of the JVMs that run lb4j and Netty; can be repeated. Default: none.")
    private List<String> javaOptions = new ArrayList<>();

    @Option(names = "--proxy-core", paramLabel = "CORE", description = "Where proxies run.")
    private int proxyCore = 0;

    @Option(names = "--load-core", paramLabel = "CORE", description = "Where clients and backends run.")
    private int loadCore = 1;

    @Option(names = "--out", paramLabel = "DIR", description = "Where the report is written.")
    private Path directory = Path.of("target", "compare");

    @Option(
            names = "--smoke",
            description =
                    "One short round of everything, to see that it works: under 90 s, and no figure of it counts.")
    private boolean smoke;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (!Files.isDirectory(Path.of("/proc/self/task"))) {
            throw new ParameterException(spec.commandLine(), "needs Linux: CPU time is read from /proc");
        }
        Files.createDirectories(directory);
        Plan plan = plan();
        Cores cores = Cores.of(proxyCore, loadCore);
        Journal journal = new Journal(spec.commandLine().getOut());
        Machine.facts().forEach(journal::note);
        journal.note(cores.describe());
        journal.note(
                "rounds: " + plan.rounds() + ", interleaved, " + plan.times().window() / 1e9 + " s each");
        cores.pinMyself();
        Results results = new Results();
        try {
            new Comparison(plan, cores, directory, journal, results).run();
        } catch (IOException | RuntimeException failure) {
            // What was measured until then may have taken an hour: it is reported, with this failure.
            journal.fail("ended before its time: " + failure);
        }
        write(results, journal);
        return journal.failures().isEmpty() && !results.anyFailed() ? 0 : 1;
    }

    private Plan plan() throws IOException, InterruptedException {
        try {
            List<Program> programs = Catalogue.programs(proxies, javas(), javaOptions, pem());
            List<Integer> sizes = smoke ? SMOKE_IDLE : idle;
            List<Work> works = Catalogue.works(only);
            List<Work> traced = Catalogue.traced(works);
            Tasks tasks = new Tasks(
                    works,
                    smoke ? traced.subList(0, Math.min(1, traced.size())) : traced,
                    Catalogue.loads(only),
                    only.contains("idle") ? sizes : List.of(),
                    only.contains("loops"));
            return smoke
                    ? new Plan(
                            programs, tasks, 1, new Times(nanos(0.03), nanos(SMOKE_SECONDS), 1, nanos(0.1), nanos(0.1)))
                    : new Plan(programs, tasks, rounds, new Times(nanos(0.3), nanos(seconds), 2, nanos(10), nanos(10)));
        } catch (IllegalArgumentException unknown) {
            throw new ParameterException(spec.commandLine(), unknown.getMessage());
        }
    }

    /** Where programs that do TLS find their certificate, made anew. */
    private Optional<Path> pem() throws IOException, InterruptedException {
        if (proxies.stream().noneMatch(Catalogue::isTls)) {
            return Optional.empty();
        }
        // Clients offer a key of this group and no other, as OpenSSL's do. A JVM's would make two, one of them for
        // nothing.
        ReadOnce.set("jdk.tls.namedGroups", "x25519");
        try {
            Path pem = directory.resolve("own.pem").toAbsolutePath();
            return Optional.of(
                    Files.writeString(pem, Identity.of(Identity.Kind.P256).pem()));
        } catch (GeneralSecurityException impossible) {
            throw new IOException(impossible);
        }
    }

    private static long nanos(double seconds) {
        return (long) (seconds * 1e9);
    }

    private List<Path> javas() {
        return javas.isEmpty() ? List.of(Path.of(System.getProperty("java.home"), "bin", "java")) : javas;
    }

    private void write(Results results, Journal journal) throws IOException {
        Samples samples = new Samples(results.samples());
        CallsReport calls = new CallsReport(results.calls());
        Report report = new Report(samples, calls);
        LatencyReport latency = new LatencyReport(results.paced());
        IdleReport idleReport = new IdleReport(results.idle());
        String markdown = head(journal)
                + "\nFigures are medians; ratios are medians of the rounds' ratios.\n\n"
                + report.markdown()
                + Growth.markdown(samples)
                + latency.markdown()
                + idleReport.markdown();
        Files.writeString(directory.resolve("report.md"), markdown);
        Files.writeString(directory.resolve("runs.csv"), report.csv());
        Files.writeString(directory.resolve("calls.csv"), calls.csv());
        Files.writeString(directory.resolve("latency.csv"), latency.csv());
        Files.writeString(directory.resolve("idle.csv"), idleReport.csv());
        Files.writeString(directory.resolve("cpu.svg"), Chart.svg(Chart.groups(samples)));
        PrintWriter out = spec.commandLine().getOut();
        out.println();
        out.println(markdown);
        out.println("written to " + directory + ": report.md, runs.csv, calls.csv, latency.csv, idle.csv, cpu.svg");
        out.flush();
    }

    private static String head(Journal journal) {
        List<String> lines = new ArrayList<>(journal.notes());
        journal.failures().forEach(failure -> lines.add("**FAILED**: " + failure));
        return lines.stream().map(line -> "- " + line + "\n").collect(Collectors.joining());
    }
}
