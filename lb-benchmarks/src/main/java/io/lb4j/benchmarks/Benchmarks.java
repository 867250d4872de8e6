package io.lb4j.benchmarks;

import io.lb4j.benchmarks.compare.CompareCommand;
import io.lb4j.benchmarks.compare.EndingsCommand;
import io.lb4j.benchmarks.compare.FloodCommand;
import io.lb4j.benchmarks.micro.JmhCommand;
import io.lb4j.benchmarks.queue.QueueCommand;
import io.lb4j.benchmarks.tls.TlsCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The main class of {@code lb-benchmarks.jar}. */
@Command(
        name = "lb-benchmarks",
        mixinStandardHelpOptions = true,
        description = "Measures what lb4j costs.",
        subcommands = {
            JmhCommand.class,
            CompareCommand.class,
            QueueCommand.class,
            FloodCommand.class,
            TlsCommand.class,
            EndingsCommand.class
        },
        synopsisSubcommandLabel = "(jmh | compare | queue | flood | tls | endings)")
public final class Benchmarks {
    private Benchmarks() {}

    public static void main(String[] args) {
        System.exit(new CommandLine(new Benchmarks()).execute(args));
    }
}
