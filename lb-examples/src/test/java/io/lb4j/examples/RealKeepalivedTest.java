package io.lb4j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.examples.testing.ChildJvm;
import io.lb4j.examples.testing.Networks;
import io.lb4j.examples.testing.Networks.Keepalived;
import io.lb4j.examples.testing.RestlessClients;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The keepalived recipe with keepalived itself: two machines with a balancer each, and clients that connect to the virtual
 * address on and on, in networks of the test's own. The address and the ports are those of the recipe's file.
 */
@Timeout(120)
class RealKeepalivedTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String ADDRESS = "192.0.2.10";
    private static final List<String> CLIENTS = List.of("192.0.2.101", "192.0.2.102", "192.0.2.103", "192.0.2.104");

    @TempDir
    Path folder;

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private Networks networks;
    private ChildJvm clients;
    private String[] backends;

    /** One thing that a client met. */
    private record Met(long nanos, String client, String what) {
        static Met of(String line) {
            String[] words = line.split(" ", 3);
            return new Met(Long.parseLong(words[0]), words[1], words[2]);
        }

        boolean isAnswered() {
            return !what.startsWith("lost");
        }

        /** The backend that answered. */
        String backend() {
            return what.replace("again ", "").split(" ")[0];
        }
    }

    @AfterEach
    void close() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }

    @Test
    void theOneInFront_isKilledOrDrains_theOtherServesAndClientsKeepTheirBackend() throws Exception {
        networks = add(Networks.of(2));
        CLIENTS.forEach(networks::addClient);
        List<String> arguments = new ArrayList<>(List.of("192.0.2.1", "4", ADDRESS, "8080"));
        arguments.addAll(CLIENTS);
        clients = add(ChildJvm.inNetwork(networks.clients(), RestlessClients.class, arguments.toArray(String[]::new)));
        backends = clients.awaitStdout("backends (.*)").group(1).split(" ");

        ChildJvm first = startBalancer(1);
        ChildJvm second = startBalancer(2);
        awaitListening(first);
        awaitListening(second);
        Keepalived firstKeepalived = add(Keepalived.start(networks.machine(1), folder, configuration()));
        awaitEachAnswered(0);
        String other = configuration().replace("priority 100", "priority 99");
        add(Keepalived.start(networks.machine(2), folder, other));
        awaitEachAnswered(System.nanoTime());
        assertThat(networks.hasAddress(networks.machine(1), ADDRESS)).isTrue();
        Map<String, String> backendOf = lastBackends();

        first.kill();
        first.exitCode();
        awaitEachAnswered(System.nanoTime());
        assertThat(networks.hasAddress(networks.machine(2), ADDRESS)).isTrue();
        Duration away = Duration.ofNanos(longestWithoutAnAnswer());
        print("killed: new connections succeed again after " + away.toMillis() + " ms");
        assertThat(away).as("4 s, and what a busy machine adds").isLessThan(Duration.ofSeconds(10));
        assertThat(lastBackends()).isEqualTo(backendOf);

        awaitListening(startBalancer(1));
        firstKeepalived.awaitLog("Entering FAULT STATE[\\s\\S]*Entering BACKUP STATE");
        long drained = System.nanoTime();
        second.terminate();
        assertThat(second.exitCode()).as("a SIGTERM that was obeyed").isEqualTo(128 + 15);
        awaitEachAnswered(System.nanoTime());
        assertThat(networks.hasAddress(networks.machine(1), ADDRESS)).isTrue();
        assertThat(met(drained).filter(met -> !met.isAnswered())).as("lost").isEmpty();
        List<Met> again =
                met(drained).filter(met -> met.what.startsWith("again")).toList();
        print("drained: " + met(drained).count() + " connections, " + again.size() + " of them made again: " + again);
        assertThat(met(drained)).allSatisfy(met -> assertThat(met.backend()).isEqualTo(backendOf.get(met.client)));
    }

    private ChildJvm startBalancer(int machine) {
        List<String> arguments = new ArrayList<>(List.of("edge-" + machine));
        arguments.addAll(List.of(backends));
        return add(
                ChildJvm.inNetwork(networks.machine(machine), KeepalivedPair.class, arguments.toArray(String[]::new)));
    }

    private static void awaitListening(ChildJvm balancer) {
        balancer.awaitStdout("Listening on port 8080, /health on port 8404");
    }

    private static String configuration() throws IOException {
        try (InputStream file = KeepalivedPair.class.getResourceAsStream("/keepalived.conf")) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private Stream<Met> met(long since) {
        return clients.stdout().stream()
                .filter(line -> !line.startsWith("backends"))
                .map(Met::of)
                .filter(met -> met.nanos - since > 0);
    }

    /** Two each: the second of them began after that time. */
    private void awaitEachAnswered(long since) {
        await().atMost(PATIENCE).until(() -> CLIENTS.stream()
                .allMatch(client -> met(since)
                                .filter(met -> met.client.equals(client) && met.isAnswered())
                                .count()
                        > 1));
    }

    private Map<String, String> lastBackends() {
        return met(0).filter(Met::isAnswered)
                .collect(Collectors.toMap(Met::client, Met::backend, (before, last) -> last));
    }

    /** Of all clients, from the first answer that each of them got, in nanoseconds. */
    private long longestWithoutAnAnswer() {
        Map<String, Long> last = new HashMap<>();
        long longest = 0;
        for (Met met : met(0).filter(Met::isAnswered).toList()) {
            Long before = last.put(met.client, met.nanos);
            longest = Math.max(longest, before == null ? 0 : met.nanos - before);
        }
        return longest;
    }

    private static void print(String line) {
        System.out.println(line);
    }

    private <T extends AutoCloseable> T add(T resource) {
        open.push(resource);
        return resource;
    }
}
