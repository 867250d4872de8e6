package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.access.AccessRules;
import io.lb4j.testing.HaProxy;
import io.lb4j.testing.Nginx;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Program;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The same clients at lb4j, at nginx (allow, deny, limit_conn) and at HAProxy (tcp-request connection reject): the same decisions. */
class RealEntryTest {
    private static final int RULE_SETS = 8;
    private static final int CLIENTS = 24;

    @RegisterExtension
    final Resources resources = new Resources();

    @TempDir
    private Path folder;

    private final TestBackend backend = TestBackend.echoing();

    @BeforeEach
    void closeWithTheTest() {
        resources.add(backend);
    }

    @Test
    void rules_ofNginx_decideAsTheyDoHere() {
        long seed = new Random().nextLong();
        List<List<String>> sets = ruleSets(new Random(seed));
        Program.Server server = resources.add(Nginx.startStream(folder, sets.size(), port -> {
            StringBuilder servers = new StringBuilder();
            for (int i = 0; i < sets.size(); i++) {
                servers.append("server { listen 127.0.0.1:").append(port + i).append("; ");
                sets.get(i).forEach(line -> servers.append(line).append("; "));
                servers.append("proxy_pass 127.0.0.1:").append(backend.port()).append("; }\n");
            }
            return servers.toString();
        }));
        for (int i = 0; i < sets.size(); i++) {
            AccessRules rules = AccessRules.parse(sets.get(i));
            LoadBalancer lb = balancer(frontend -> frontend.access(rules));
            int nginxPort = server.port() + i;
            assertThat(decisions(client -> isServed(client, lb.port())))
                    .as("seed %d, %s", seed, rules)
                    .isEqualTo(decisions(client -> isServed(client, nginxPort)));
        }
    }

    @Test
    void connectionsAtATime_ofNginx_areLimitedAsHere() {
        Program.Server server = resources.add(Nginx.startStream(
                folder,
                1,
                port -> "limit_conn_zone $binary_remote_addr zone=each:1m;\nserver { listen 127.0.0.1:" + port
                        + "; limit_conn each 3; proxy_pass 127.0.0.1:" + backend.port() + "; }"));
        compareLimitOfThree(server.port());
    }

    @Test
    void connectionsAtATime_ofHaProxy_areLimitedAsHere() {
        Program.Server server = resources.add(HaProxy.start(folder, port -> """
                listen it
                  bind 127.0.0.1:%d
                  stick-table type ip size 1k store conn_cur
                  tcp-request connection reject if { src 127.0.0.66 }
                  tcp-request connection track-sc0 src
                  tcp-request connection reject if { sc0_conn_cur gt 3 }
                  server one 127.0.0.1:%d
                """.formatted(port, backend.port())));
        assertThat(isServed(66, server.port())).isFalse();
        compareLimitOfThree(server.port());
    }

    /** Four of one client, of whom the fourth is too many; another client; and the first again when one of his has ended. */
    private void compareLimitOfThree(int otherPort) {
        LoadBalancer lb = balancer(frontend -> frontend.clientLimits(limits -> limits.maxConnections(3)));
        List<Boolean> here = limitOfThree(lb.port());
        assertThat(here).containsExactly(true, true, true, false, true, true, false);
        assertThat(limitOfThree(otherPort)).isEqualTo(here);
    }

    private List<Boolean> limitOfThree(int port) {
        List<Boolean> decisions = new ArrayList<>();
        List<Peer> open = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Peer client = resources.add(Peer.connectFrom("127.0.0.2", port));
            decisions.add(isServed(client));
            open.add(client);
        }
        Peer other = resources.add(Peer.connectFrom("127.0.0.3", port));
        decisions.add(isServed(other));
        open.get(0).rst();
        // Its end may be seen a moment later.
        List<Peer> again = new ArrayList<>();
        await().until(() -> {
            again.add(resources.add(Peer.connectFrom("127.0.0.2", port)));
            return isServed(again.get(again.size() - 1));
        });
        decisions.add(true);
        decisions.add(isServed(2, port));
        return decisions;
    }

    // ---- rules

    /** Blocks within 127.0.0.0/24, of any size, allowed and denied, and what is left at the end. */
    private static List<List<String>> ruleSets(Random random) {
        List<List<String>> sets = new ArrayList<>();
        for (int i = 0; i < RULE_SETS; i++) {
            List<String> lines = new ArrayList<>();
            int count = random.nextInt(1 + 4 * i);
            for (int rule = 0; rule < count; rule++) {
                int prefix = random.nextInt(4) == 0 ? random.nextInt(33) : 25 + random.nextInt(8);
                int address = 0x7f_00_00_00 + random.nextInt(CLIENTS + 1);
                int first = prefix == 0 ? 0 : address & -1 << 32 - prefix;
                lines.add((random.nextBoolean() ? "allow " : "deny ") + (first >>> 24) + ".0.0." + (first & 0xff) + "/"
                        + prefix);
            }
            if (random.nextBoolean()) {
                lines.add("deny 0.0.0.0/0");
            }
            sets.add(lines);
        }
        return sets;
    }

    private static String decisions(IntPredicate isServed) {
        return IntStream.rangeClosed(1, CLIENTS)
                .mapToObj(client -> client + (isServed.test(client) ? " in" : " out"))
                .collect(Collectors.joining(", "));
    }

    private LoadBalancer balancer(java.util.function.Consumer<FrontendBuilder> frontend) {
        return resources.add(LoadBalancer.builder()
                .listen("127.0.0.1", 0, frontend)
                .noHealthCheck()
                .backend("127.0.0.1", backend.port())
                .start());
    }

    private static boolean isServed(int client, int port) {
        try (Peer peer = Peer.connectFrom("127.0.0." + client, port)) {
            return isServed(peer);
        }
    }

    private static boolean isServed(Peer client) {
        try {
            return client.send("x").receiveText(1).equals("x");
        } catch (UncheckedIOException turnedAway) {
            return false;
        }
    }
}
