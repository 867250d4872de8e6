package io.lb4j.benchmarks.micro;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.openjdk.jmh.Main;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/** Hands everything that follows it to JMH. */
@Command(
        name = "jmh",
        description = "Runs the micro-benchmarks; takes JMH's own options (try: jmh -h).",
        customSynopsis = "lb-benchmarks jmh [JMH's options]")
public final class JmhCommand implements Callable<Integer> {
    @Unmatched
    private final List<String> arguments = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        Main.main(arguments.toArray(String[]::new));
        return 0;
    }
}
