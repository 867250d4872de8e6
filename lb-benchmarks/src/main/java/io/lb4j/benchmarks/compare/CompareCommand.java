package io.lb4j.benchmarks.compare;

import io.lb4j.benchmarks.load.Work;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
            "Measures lb4j beside HAProxy and nginx, each on one core.",
            "",
            "Works: requests, requests-4k, short, streams.",
            "Proxies: direct (none), lb4j, haproxy, haproxy-splice, haproxy-large, nginx, nginx-large.",
            "What is not installed is named and left out. Ends with 1 when anything failed."
        },
        showDefaultValues = true)
public final class CompareCommand implements Callable<Integer> {
    private static final double SMOKE_SECONDS = 0.5;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--rounds", paramLabel = "N", description = "How often each work is done through each proxy.")
    private int rounds = 5;

    @Option(names = "--seconds", paramLabel = "S", description = "How long each measurement is.")
    private double seconds = 3;

    @Option(names = "--only", paramLabel = "WORK", split = ",", description = "Do these works only.")
    private List<String> only = List.of("requests", "short", "streams");

    @Option(names = "--proxies", paramLabel = "NAME", split = ",", description = "Compare these only.")
    private List<String> proxies = List.of("direct", "lb4j", "haproxy", "haproxy-splice", "nginx");

    @Option(
            names = "--java",
            paramLabel = "PATH",
            description = "A java program to run lb4j with; can be repeated. Default: the one that runs this.")
    private List<Path> javas = new ArrayList<>();

    @Option(
            names = "--java-option",
            paramLabel = "OPTION",
            description = "An option of the JVM that runs lb4j; can be repeated. Default: none.")
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
                    "One short round of everything, to see that it works: under 30 s, and no figure of it counts.")
    private boolean smoke;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (!Files.isDirectory(Path.of("/proc/self/task"))) {
            throw new ParameterException(spec.commandLine(), "needs Linux: CPU time is read from /proc");
        }
        Plan plan = plan();
        Cores cores = Cores.of(proxyCore, loadCore);
        List<String> facts = new ArrayList<>(Machine.facts());
        facts.add(cores.describe());
        PrintWriter out = spec.commandLine().getOut();
        facts.forEach(out::println);
        cores.pinMyself();
        Comparison comparison = new Comparison(plan, cores, Files.createDirectories(directory), out);
        comparison.run();
        return report(plan, facts, comparison, out);
    }

    private Plan plan() throws IOException, InterruptedException {
        List<Program> programs = programs();
        List<Work> works = only.stream().map(this::work).toList();
        return smoke
                ? new Plan(programs, works, 1, nanos(0.1), nanos(SMOKE_SECONDS), 1, nanos(0.4))
                : new Plan(programs, works, rounds, nanos(0.3), nanos(seconds), 2, nanos(10));
    }

    private static long nanos(double seconds) {
        return (long) (seconds * 1e9);
    }

    private List<Program> programs() throws IOException, InterruptedException {
        List<Program> programs = new ArrayList<>();
        for (String name : proxies) {
            if (name.equals("lb4j")) {
                for (Path java : javas()) {
                    programs.add(Lb4j.on(java, javaOptions));
                }
            } else {
                programs.add(other(name));
            }
        }
        List<String> names = programs.stream().map(Program::name).toList();
        if (names.stream().distinct().count() < names.size()) {
            throw new ParameterException(spec.commandLine(), "two of a name: " + names + " (expected: each once)");
        }
        return programs;
    }

    private Program other(String name) {
        Map<String, Program> known = new LinkedHashMap<>();
        for (Program program : List.of(
                new Direct(),
                HaProxy.withDefaults(),
                HaProxy.withSplice(),
                HaProxy.withLargeBuffers(),
                Nginx.withDefaults(),
                Nginx.withLargeBuffers())) {
            known.put(program.name(), program);
        }
        if (!known.containsKey(name)) {
            throw unknown("--proxies", name, "lb4j, " + String.join(", ", known.keySet()));
        }
        return known.get(name);
    }

    private List<Path> javas() {
        return javas.isEmpty() ? List.of(Path.of(System.getProperty("java.home"), "bin", "java")) : javas;
    }

    private Work work(String key) {
        return Arrays.stream(Work.values())
                .filter(work -> work.key().equals(key))
                .findFirst()
                .orElseThrow(() -> unknown(
                        "--only",
                        key,
                        Arrays.stream(Work.values()).map(Work::key).collect(Collectors.joining(", "))));
    }

    private ParameterException unknown(String option, String value, String expected) {
        return new ParameterException(spec.commandLine(), option + ": " + value + " (expected: " + expected + ")");
    }

    private int report(Plan plan, List<String> facts, Comparison comparison, PrintWriter out) throws IOException {
        Report report = new Report(comparison.samples());
        List<String> head = new ArrayList<>(facts);
        head.addAll(comparison.notes());
        head.add("rounds: " + plan.rounds() + ", interleaved, " + plan.window() / 1e9 + " s each");
        comparison.failures().forEach(failure -> head.add("**FAILED**: " + failure));
        String markdown = head.stream().map(line -> "- " + line + "\n").collect(Collectors.joining())
                + "\nFigures are medians; ratios are medians of the rounds' ratios.\n\n"
                + report.markdown();
        Files.writeString(directory.resolve("report.md"), markdown);
        Files.writeString(directory.resolve("runs.csv"), report.csv());
        out.println();
        out.println(markdown);
        out.println("written: " + directory.resolve("report.md") + ", " + directory.resolve("runs.csv"));
        out.flush();
        return comparison.failures().isEmpty() && comparison.samples().stream().noneMatch(Sample::failed) ? 0 : 1;
    }
}
