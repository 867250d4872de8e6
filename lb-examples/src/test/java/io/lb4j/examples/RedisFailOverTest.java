package io.lb4j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.LoadBalancer;
import io.lb4j.backend.BackendState;
import io.lb4j.backend.BackendStatus;
import io.lb4j.examples.testing.HaProxy;
import io.lb4j.examples.testing.RealServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisException;

/**
 * A redis, its replica, and a replica of that one, so that also after the promotion somebody can say that he has what was
 * written. Writers come through lb4j and through HAProxy, in the same run. Skipped where a program is missing.
 */
@Timeout(120)
class RedisFailOverTest {
    private static final Duration CHECK_EVERY = Duration.ofMillis(200);
    private static final int NEW_CLIENTS = 20;

    @TempDir
    Path folder;

    private RealServer old;
    private RealServer next;
    private RealServer last;

    @BeforeEach
    void startServers() {
        old = RealServer.redis(folder);
        next = RealServer.redis(folder);
        last = RealServer.redis(folder);
        replicate(old, next);
        patiently().until(() -> isLinked(next));
        replicate(next, last);
        patiently().until(() -> isLinked(last));
    }

    @AfterEach
    void endServers() {
        for (RealServer started : new RealServer[] {last, next, old}) {
            if (started != null) {
                started.close();
            }
        }
    }

    @Test
    void masterAndReplica_whoeverConnectsTalksToTheMaster() throws Exception {
        assertThat(ExamplesTest.storyOf(out -> RedisFailOver.run(List.of(next.port(), old.port()), out)))
                .containsExactly(
                        "Backend 127.0.0.1:" + next.port()
                                + " is DOWN after 1 failed check (role \"slave\" (expected: master))",
                        "Backend 127.0.0.1:" + old.port() + " is UP after 1 passed check",
                        "Whoever connects talks to a master");
    }

    @Test
    void masterIsKilled_replicaIsPromoted_nothingIsLostAndTheOldOneStaysAlone() throws Exception {
        try (LoadBalancer lb = RedisFailOver.balancer(List.of(old.port(), next.port()), CHECK_EVERY);
                HaProxy haproxy = haproxy();
                Writer throughLb = new Writer("lb4j", lb.port());
                Writer throughHaproxy = new Writer("haproxy", haproxy.port())) {
            List<Writer> writers = List.of(throughLb, throughHaproxy);
            writers.forEach(writer -> writer.awaitMore(20));
            assertThat(writers)
                    .allSatisfy(writer -> assertThat(writer.failures()).isZero());

            long killedAt = System.nanoTime();
            old.kill();
            patiently().until(() -> state(lb, old).status() == BackendStatus.DOWN);
            long downAfter = millisSince(killedAt);
            haproxy.awaitStatus("old", "DOWN");
            long haproxyDownAfter = millisSince(killedAt);
            patiently().until(() -> state(lb, old).activeConnections() == 0);

            long promotedAt = System.nanoTime();
            promote(next);
            writers.forEach(writer -> writer.awaitMore(20));
            writers.forEach(Writer::forgetFailures);
            System.out.printf(
                    "redis killed: DOWN after %d ms (lb4j), %d ms (HAProxy); first write after the promotion: "
                            + "%d ms (lb4j), %d ms (HAProxy)%n",
                    downAfter,
                    haproxyDownAfter,
                    throughLb.firstAfter(promotedAt),
                    throughHaproxy.firstAfter(promotedAt));

            comesBackAsAMaster(lb, haproxy, writers);
            becomesAReplica(lb, writers);

            writers.forEach(Writer::close);
            assertThat(throughLb.failures()).as("since the promotion").isZero();
            assertThat(throughLb.lost(next)).isZero();
            System.out.printf(
                    "redis, writes acknowledged and lost: %d of %d (lb4j), %d of %d (HAProxy)%n",
                    throughLb.lost(next),
                    throughLb.acknowledged(),
                    throughHaproxy.lost(next),
                    throughHaproxy.acknowledged());
        }
    }

    /** Both say that they are the master. Nobody may write to the one that was away. */
    private void comesBackAsAMaster(LoadBalancer lb, HaProxy haproxy, List<Writer> writers) {
        old.startAgain();
        patiently().until(() -> state(lb, old).status() == BackendStatus.UP);
        haproxy.awaitStatus("old", "UP");
        connectAnew("lb4j", lb.port());
        connectAnew("haproxy", haproxy.port());
        writers.forEach(writer -> writer.awaitMore(20));
        assertThat(state(lb, old).activeConnections()).isZero();
        assertThat(countAt(old, "lb4j:*")).isZero();
        assertThat(countAt(next, "lb4j:new:*")).isEqualTo(NEW_CLIENTS);
        System.out.printf(
                "redis, of %d new clients went to the one that came back: %d (lb4j), %d (HAProxy)%n",
                NEW_CLIENTS, countAt(old, "lb4j:*"), countAt(old, "haproxy:*"));
    }

    /** HAProxy finds out as well, two seconds later: it waits for its check's timeout whether the text still comes. */
    private void becomesAReplica(LoadBalancer lb, List<Writer> writers) {
        replicate(next, old);
        patiently().until(() -> state(lb, old).status() == BackendStatus.DOWN);
        assertThat(state(lb, old).reason()).contains("role \"slave\" (expected: master)");
        writers.forEach(writer -> writer.awaitMore(20));
    }

    /**
     * The check is the one of HAProxy's blog, "HAProxy advanced Redis health check"; that who took over keeps all is of
     * "Emulating active/passive application clustering with HAProxy". With the {@code size 1 nopurge} that stands there
     * HAProxy 2.6.12 goes back to the old one: the only place of the table is taken.
     */
    private HaProxy haproxy() {
        HaProxy haproxy = HaProxy.start(
                folder,
                "balance first",
                "stick-table type ip size 2",
                "stick on dst",
                "option redispatch 1",
                "option tcp-check",
                "tcp-check send PING\\r\\n",
                "tcp-check expect string +PONG",
                "tcp-check send info\\ replication\\r\\n",
                "tcp-check expect string role:master",
                "tcp-check send QUIT\\r\\n",
                "tcp-check expect string +OK",
                "default-server check inter " + CHECK_EVERY.toMillis()
                        + "ms fall 2 rise 1 on-marked-down shutdown-sessions",
                "server old 127.0.0.1:" + old.port(),
                "server next 127.0.0.1:" + next.port());
        haproxy.awaitStatus("next", "DOWN");
        return haproxy;
    }

    private static void connectAnew(String name, int port) {
        for (int i = 0; i < NEW_CLIENTS; i++) {
            try (Jedis redis = new Jedis("127.0.0.1", port)) {
                redis.set(name + ":new:" + i, "");
            }
        }
    }

    private static void replicate(RealServer from, RealServer to) {
        try (Jedis redis = new Jedis("127.0.0.1", to.port())) {
            redis.replicaof("127.0.0.1", from.port());
        }
    }

    private static void promote(RealServer server) {
        try (Jedis redis = new Jedis("127.0.0.1", server.port())) {
            redis.replicaofNoOne();
        }
    }

    private static boolean isLinked(RealServer server) {
        try (Jedis redis = new Jedis("127.0.0.1", server.port())) {
            return redis.info("replication").contains("master_link_status:up");
        }
    }

    private static int countAt(RealServer server, String pattern) {
        return keysAt(server, pattern).size();
    }

    private static Set<String> keysAt(RealServer server, String pattern) {
        try (Jedis redis = new Jedis("127.0.0.1", server.port())) {
            return redis.keys(pattern);
        }
    }

    private static BackendState state(LoadBalancer lb, RealServer server) {
        return lb.backends().get("127.0.0.1:" + server.port());
    }

    private static long millisSince(long nanoTime) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanoTime);
    }

    private static ConditionFactory patiently() {
        return await().pollInterval(Duration.ofMillis(5)).atMost(Duration.ofSeconds(30));
    }

    /** Writes one key after another, connects anew after each failure, and notes what a replica has acknowledged. */
    private static final class Writer implements AutoCloseable {
        private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
        private final Map<Integer, Long> acknowledged = new ConcurrentSkipListMap<>();
        private final AtomicInteger failures = new AtomicInteger();
        private final String name;
        private final Jedis redis;
        private int number;

        Writer(String name, int port) {
            this.name = name;
            redis = new Jedis("127.0.0.1", port, 5_000);
            thread.scheduleWithFixedDelay(this::write, 0, 5, TimeUnit.MILLISECONDS);
        }

        private void write() {
            try {
                redis.set(name + ":" + ++number, "");
                if (redis.waitReplicas(1, 1_000) > 0) {
                    acknowledged.put(number, System.nanoTime());
                }
            } catch (JedisException lost) {
                failures.incrementAndGet();
                disconnect();
            }
        }

        private void disconnect() {
            try {
                redis.disconnect();
            } catch (JedisException alreadyReset) {
                // What it still had to say has nobody to hear it; the socket is closed.
            }
        }

        void awaitMore(int count) {
            int before = acknowledged.size();
            patiently().until(() -> acknowledged.size() >= before + count);
        }

        /** In milliseconds. */
        long firstAfter(long nanoTime) {
            return acknowledged.values().stream()
                    .filter(at -> at - nanoTime > 0)
                    .mapToLong(at -> TimeUnit.NANOSECONDS.toMillis(at - nanoTime))
                    .min()
                    .orElseThrow();
        }

        int failures() {
            return failures.get();
        }

        void forgetFailures() {
            failures.set(0);
        }

        int acknowledged() {
            return acknowledged.size();
        }

        /** How many acknowledged ones this redis does not have. */
        long lost(RealServer server) {
            Set<String> there = keysAt(server, name + ":*");
            return acknowledged.keySet().stream()
                    .filter(written -> !there.contains(name + ":" + written))
                    .count();
        }

        @Override
        public void close() {
            thread.shutdown();
            try {
                assertThat(thread.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            redis.close();
        }
    }
}
