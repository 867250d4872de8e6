package io.lb4j.benchmarks.micro;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import org.openjdk.jmh.Main;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** Hands everything that follows it to JMH, and sets the figures beside what they should be. */
@Command(
        name = "jmh",
        description = "Runs the micro-benchmarks; takes JMH's own options (try: jmh -h).",
        customSynopsis = "lb-benchmarks jmh [JMH's options]")
public final class JmhCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Unmatched
    private final List<String> arguments = new ArrayList<>();

    @Override
    public Integer call() throws IOException, CommandLineOptionException, RunnerException {
        String[] given = arguments.toArray(String[]::new);
        CommandLineOptions options = new CommandLineOptions(given);
        if (asksOnly(options)) {
            Main.main(given);
            return 0;
        }
        Collection<RunResult> results = new Runner(withBytes(options)).run();
        spec.commandLine().getOut().println("\n" + Figures.markdown(Figures.of(results)));
        spec.commandLine().getOut().flush();
        return 0;
    }

    private static boolean asksOnly(CommandLineOptions options) {
        return options.shouldHelp()
                || options.shouldList()
                || options.shouldListWithParams()
                || options.shouldListProfilers()
                || options.shouldListResultFormats();
    }

    /** Bytes allocated belong to the figures, whoever does not ask for other profilers gets them. */
    private static Options withBytes(CommandLineOptions options) {
        return options.getProfilers().isEmpty()
                ? new OptionsBuilder()
                        .parent(options)
                        .addProfiler(GCProfiler.class)
                        .build()
                : options;
    }
}
