package io.lb4j.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.awaitility.core.ThrowingRunnable;

/**
 * An application with a balancer, in a process of its own that runs short of this and that, and everything around it:
 * its backends, its clients, the file that names the backends. When something is not as it should be, what is known of
 * that process is printed.
 */
public final class ShortHost implements AutoCloseable {
    public static final int MAX_CONNECTIONS = 64;

    private static final int BACKENDS = 20;

    /** 0 for no checks, to see what traffic alone does. */
    private static final int CHECK_MILLIS = Integer.getInteger("shortage.checkMillis", 200);

    private static final int LOOK_MILLIS = 100;
    private static final int CLIENTS = 12;

    /** Of any two loops, both have had some of so many clients. */
    private static final int PROBES = 16;

    private static final int SELECTORS_LOST = 2;

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final long seed;
    private final SplittableRandom chance;
    private final Map<String, ObedientBackend> backends = new HashMap<>();
    private final Path file;
    private final ChildJvm child;
    private final ProcessView process;
    private final int port;

    /** Starts all of it. The settings are those of the balancer's process. */
    public ShortHost(ChildJvm.Settings settings, long directMemory, Path directory, long seed) {
        this.seed = seed;
        chance = new SplittableRandom(seed);
        file = directory.resolve("backends");
        for (int i = 0; i < BACKENDS; i++) {
            ObedientBackend backend = ObedientBackend.start();
            backends.put("127.0.0.1:" + backend.port(), backend);
        }
        writeFile(0);
        List<Object> arguments =
                new ArrayList<>(List.of(seed, directMemory, MAX_CONNECTIONS, CHECK_MILLIS, LOOK_MILLIS, file));
        arguments.addAll(backends.keySet());
        child = settings.option("-XX:MaxDirectMemorySize=" + directMemory).start(arguments.toArray());
        process = new ProcessView(child.pid());
        port = Integer.parseInt(child.line().split(" ")[1]);
    }

    /**
     * Runs short of this a number of times, amid traffic and changes, and checks each time that everything is back; at
     * last, that nothing is left.
     */
    public void runShort(String what, int rounds, int leastMillis, int mostMillis) {
        String before = "before the first round";
        awaitServing(before);
        awaitNobody(before);
        Map<String, Integer> descriptors = process.descriptors();
        try (RestlessClients clients = new RestlessClients(port, CLIENTS, seed)) {
            for (int round = 1; round <= rounds; round++) {
                String when = "seed " + seed + ", " + what + ", round " + round + " of " + rounds;
                round(what, when, chance.nextInt(leastMillis, mostMillis));
                awaitServing(when);
            }
            System.out.println("seed " + seed + ", " + what + ": " + clients);
        }
        String end = "seed " + seed + ", " + what + ", at the end";
        awaitNobody(end);
        check(end, () -> assertThat(child.ask("held")).isEqualTo("held 0"));
        // Beyond what there was: a loop may hold a socket in reserve, or not yet. And a shortage of memory may cost
        // descriptors that nobody can close: when it strikes within the JDK, behind the system call, the JDK forgets
        // them (ServerSocketChannelImpl.finishAccept and the constructor of EPollSelectorImpl; see MemoryInHand). The
        // balancer asks for memory before, when it knows that memory is short, so these are few.
        Map<String, Integer> lost = what.equals("descriptors")
                ? Map.of()
                : Map.of(
                        "socket",
                        rounds,
                        "anon_inode:[eventfd]",
                        SELECTORS_LOST,
                        "anon_inode:[eventpoll]",
                        SELECTORS_LOST);
        await(end, () -> assertThat(process.descriptors())
                .as("descriptors of each kind, of which there were %s", descriptors)
                .allSatisfy((kind, count) -> assertThat(count)
                        .as(kind)
                        .isLessThanOrEqualTo(descriptors.getOrDefault(kind, 0) + lost.getOrDefault(kind, 0))));
        System.out.println(end + ": descriptors " + descriptors + " before, " + process.descriptors() + " after");
        assertEveryPermitIsBack(end);
        check(end, () -> assertThat(child.ask("close")).isEqualTo("closed true []"));
    }

    /** One shortage; while it lasts, backends come and go, and the best of them dies for a moment. */
    private void round(String what, String when, int millis) {
        List<ObedientBackend> all = new ArrayList<>(backends.values());
        ObedientBackend victim = all.get(chance.nextInt(BACKENDS));
        child.tell(what + " " + millis);
        Background.pause(chance.nextInt(millis));
        victim.kill();
        writeFile(chance.nextInt(5));
        Background.pause(chance.nextInt(millis));
        victim.restart();
        check(when, () -> assertThat(child.line()).startsWith(what));
        writeFile(0);
    }

    /** Names all backends but some, each with a weight. */
    private void writeFile(int missing) {
        String lines = backends.keySet().stream()
                .skip(missing)
                .map(id -> id + ",weight=" + chance.nextInt(1, 10) + "\n")
                .collect(Collectors.joining());
        try {
            Path next = file.resolveSibling("next");
            Files.writeString(next, lines);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** New clients are served, on whichever loop, and every backend is there, UP, and has been checked since now. */
    private void awaitServing(String when) {
        long since = System.nanoTime();
        await(when, () -> {
            for (HostState.BackendLine backend : allOf(state())) {
                assertThat(backend.status()).as("status of %s", backend).isEqualTo("UP");
                if (CHECK_MILLIS > 0) {
                    assertThat(backend.ageMillis())
                            .as(
                                    "since the last check of %s, which anybody connected to last %d ms ago",
                                    backend, silent(backend))
                            .isLessThan((System.nanoTime() - since) / 1_000_000);
                }
            }
        });
        for (int i = 0; i < PROBES; i++) {
            check(when, this::ask);
        }
    }

    private List<HostState.BackendLine> allOf(HostState state) {
        assertThat(state.backends().keySet()).as("backends that it knows").isEqualTo(backends.keySet());
        return List.copyOf(state.backends().values());
    }

    private long silent(HostState.BackendLine backend) {
        return backends.get(backend.id()).silentMillis();
    }

    private void ask() {
        try (Peer peer = Peer.connect(port)) {
            ask(peer);
        }
    }

    private void ask(Peer peer) {
        try {
            peer.socket().setSoTimeout((int) PATIENCE.toMillis());
            assertThat(peer.send(ObedientBackend.ECHO + "hello").receiveText(5)).isEqualTo("hello");
        } catch (IOException | UncheckedIOException failure) {
            throw new AssertionError("client from port " + peer.localPort() + " was not served", failure);
        }
    }

    /** Without clients there is no connection, no backend has one, and every drain has ended. */
    private void awaitNobody(String when) {
        await(when, () -> {
            HostState state = state();
            assertThat(state.active()).as("connections").isZero();
            assertThat(state.openDrains()).as("drains without an end").isZero();
            for (HostState.BackendLine backend : allOf(state)) {
                assertThat(backend.active()).as("connections of %s", backend).isZero();
            }
        });
    }

    /** As many clients as are allowed are served side by side, and no more; when one goes, the next is served. */
    private void assertEveryPermitIsBack(String when) {
        List<Peer> peers = new ArrayList<>();
        try {
            for (int i = 0; i < MAX_CONNECTIONS; i++) {
                peers.add(Peer.connect(port));
            }
            String all = when + ", " + MAX_CONNECTIONS + " clients side by side";
            check(all, () -> peers.forEach(this::ask));
            try (Peer oneMore = Peer.connect(port)) {
                oneMore.send(ObedientBackend.ECHO + "hello");
                Background.pause(100);
                check(when, () -> assertThat(state().active()).as("connections").isEqualTo(MAX_CONNECTIONS));
                peers.remove(0).close();
                check(when, () -> assertThat(oneMore.receiveText(5)).isEqualTo("hello"));
            }
        } finally {
            peers.forEach(Peer::close);
        }
    }

    private HostState state() {
        return HostState.of(child.ask("state"));
    }

    private void await(String when, ThrowingRunnable condition) {
        check(when, () -> {
            try {
                Awaitility.await()
                        .pollInterval(Duration.ofMillis(20))
                        .pollInSameThread()
                        .atMost(PATIENCE)
                        .untilAsserted(condition);
            } catch (ConditionTimeoutException late) {
                throw new AssertionError(late.getCause().getMessage(), late.getCause());
            }
        });
    }

    private void check(String when, ThrowingRunnable condition) {
        try {
            condition.run();
        } catch (Throwable failure) {
            report(when, failure);
            throw new AssertionError(when + ": " + failure.getMessage(), failure);
        }
    }

    private void report(String when, Throwable failure) {
        HostReport report = new HostReport(when + ": " + failure.getMessage());
        report.add("what it says", () -> state().text());
        report.add("backends", () -> backends.entrySet().stream()
                .map(entry ->
                        entry.getKey() + " connected to " + entry.getValue().silentMillis() + " ms ago")
                .collect(Collectors.joining("\n")));
        report.add("it listens on", () -> "port " + port);
        report.addAll(child, process);
        report.end();
    }

    @Override
    public void close() {
        child.close();
        backends.values().forEach(ObedientBackend::close);
    }
}
