package io.lb4j.benchmarks.compare;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Clients that are gone before anybody has spoken with them: port scans, checks of whether a port is open, floods. */
@Command(
        name = "flood",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        description = {
            "Measures what clients cost that connect and reset at once, one after another: CPU of the proxy, and how many of"
                    + " them the backend sees.",
            "Needs Linux, as compare does."
        })
public final class FloodCommand implements Callable<Integer> {
    /** A flood is over when the proxy has been quiet for so long. */
    private static final long QUIET_MILLIS = 100;

    /** More than a JVM takes meanwhile that does nothing, and far less than a flood. */
    private static final long QUIET_NANOS = 2_000_000;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--clients", paramLabel = "N", description = "How many come in one flood.")
    private int clients = 2_000;

    @Option(names = "--rounds", paramLabel = "N", description = "How many floods each proxy has, interleaved.")
    private int rounds = 15;

    @Option(names = "--warm-ups", paramLabel = "N", description = "How many it has before them.")
    private int warmUps = 20;

    @Option(names = "--proxies", paramLabel = "NAME", split = ",", description = "Those of compare.")
    private List<String> proxies = List.of("haproxy", "lb4j", "lb4j-native");

    @Option(
            names = "--java",
            paramLabel = "PATH",
            description =
                    "A java program to run lb4j with; lb4j-native needs Java 22. Default: the one that runs this.")
    private List<Path> javas = List.of(Path.of(System.getProperty("java.home"), "bin", "java"));

    @Option(names = "--out", paramLabel = "DIR", description = "Where proxies have their configuration and their logs.")
    private Path directory = Path.of("target", "flood");

    /**
     * What came of one.
     *
     * @param reached connections that the backend accepted
     * @param cpu microseconds of the proxy for each client
     */
    record Flood(int reached, double cpu) {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        Cores cores = Cores.of(0, 1);
        Journal journal = new Journal(spec.commandLine().getOut());
        Machine.facts().forEach(journal::note);
        cores.pinMyself();
        Map<String, List<Flood>> floods = new LinkedHashMap<>();
        try (CountingBackend backend = new CountingBackend();
                Participants participants = new Participants(Files.createDirectories(directory), journal)) {
            Thread thread = new Thread(backend, "backend");
            thread.setDaemon(true);
            thread.start();
            for (Program program : participants.present(programs())) {
                participants.start(program, program.name(), List.of(backend.port()), cores);
            }
            for (int round = 1 - warmUps; round <= rounds; round++) {
                for (Participant participant : participants.inOrderOf(Math.max(1, round))) {
                    Flood flood = flood(clients, participant.running(), backend);
                    if (round >= 1) {
                        floods.computeIfAbsent(participant.name(), name -> new ArrayList<>())
                                .add(flood);
                    }
                }
            }
        }
        spec.commandLine().getOut().print(table(floods));
        spec.commandLine().getOut().flush();
        return journal.failures().isEmpty() ? 0 : 1;
    }

    private List<Program> programs() throws IOException, InterruptedException {
        try {
            return Catalogue.programs(proxies, javas, List.of(), Optional.empty());
        } catch (IllegalArgumentException unknown) {
            throw new ParameterException(spec.commandLine(), unknown.getMessage());
        }
    }

    static Flood flood(int clients, Running proxy, CountingBackend backend) throws IOException, InterruptedException {
        backend.take();
        CpuClock before = CpuClock.read(proxy.pids());
        InetSocketAddress address = new InetSocketAddress(
                InetAddress.getLoopbackAddress(), proxy.ports().get(0));
        for (int i = 0; i < clients; i++) {
            try (SocketChannel client = SocketChannel.open()) {
                client.setOption(StandardSocketOptions.SO_LINGER, 0);
                client.connect(address);
            }
        }
        CpuClock last = quiet(proxy);
        return new Flood(backend.take(), last.since(before).ran() / 1e3 / clients);
    }

    /** The clock when the proxy has nothing to do any more. */
    private static CpuClock quiet(Running proxy) throws InterruptedException {
        CpuClock earlier = CpuClock.read(proxy.pids());
        while (true) {
            Thread.sleep(QUIET_MILLIS);
            CpuClock now = CpuClock.read(proxy.pids());
            if (now.since(earlier).ran() < QUIET_NANOS) {
                return now;
            }
            earlier = now;
        }
    }

    /** Medians, and of the rounds' ratios. */
    static String table(Map<String, List<Flood>> floods) {
        StringBuilder table = new StringBuilder(
                "%-22s %22s %22s %10s%n".formatted("", "reached the backend", "CPU µs/client", "× " + Samples.PEER));
        List<Flood> peer = floods.getOrDefault(Samples.PEER, List.of());
        floods.forEach((name, all) -> {
            Median reached = Median.of(all.stream().mapToDouble(Flood::reached));
            Median cpu = Median.of(all.stream().mapToDouble(Flood::cpu));
            Median ratio = Median.of(Stream.iterate(0, i -> i < Math.min(all.size(), peer.size()), i -> i + 1)
                    .mapToDouble(i -> all.get(i).cpu() / peer.get(i).cpu()));
            table.append("%-22s %22s %22s %10s%n"
                    .formatted(name, range(reached), range(cpu), Figure.number("%.2f", ratio.middle())));
        });
        return table.toString();
    }

    private static String range(Median of) {
        return Figure.of(of.middle()) + " (" + Figure.of(of.least()) + "–" + Figure.of(of.most()) + ")";
    }
}
