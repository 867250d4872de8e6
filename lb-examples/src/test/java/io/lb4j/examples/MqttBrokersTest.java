package io.lb4j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.LoadBalancer;
import io.lb4j.backend.BackendState;
import io.lb4j.backend.BackendStatus;
import io.lb4j.examples.testing.HaProxy;
import io.lb4j.examples.testing.RealServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.MqttAsyncClient;
import org.eclipse.paho.client.mqttv3.MqttCallbackExtended;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two mosquitto that know nothing of each other, and clients that connect anew by themselves; through lb4j and through
 * HAProxy, in the same run. Skipped where a program is missing.
 */
@Timeout(120)
class MqttBrokersTest {
    private static final Duration CHECK_EVERY = Duration.ofMillis(100);
    private static final int CLIENTS = 40;

    @TempDir
    Path folder;

    private final List<Client> throughLb = new ArrayList<>();
    private final List<Client> throughHaproxy = new ArrayList<>();
    private RealServer one;
    private RealServer two;

    @BeforeEach
    void startBrokers() {
        one = RealServer.mosquitto(folder);
        two = RealServer.mosquitto(folder);
    }

    @AfterEach
    void endAll() {
        Stream.concat(throughLb.stream(), throughHaproxy.stream()).parallel().forEach(Client::close);
        for (RealServer started : new RealServer[] {one, two}) {
            if (started != null) {
                started.close();
            }
        }
    }

    @Test
    void twoBrokers_areUp() throws Exception {
        assertThat(ExamplesTest.storyOf(out -> MqttBrokers.run(List.of(one.port(), two.port()), out)))
                .containsExactly(
                        "Broker 127.0.0.1:" + one.port() + " is UP after 1 passed check",
                        "Broker 127.0.0.1:" + two.port() + " is UP after 1 passed check",
                        "Clients of the first that connect anew: 0, as there are none yet");
    }

    @Test
    void brokerIsKilled_theOtherTakesAll_andGivesHalfOfThemBackWhenAsked() throws Exception {
        try (LoadBalancer lb = MqttBrokers.balancer(List.of(one.port(), two.port()), CHECK_EVERY);
                HaProxy haproxy = haproxy()) {
            for (int i = 0; i < CLIENTS; i++) {
                throughLb.add(new Client("lb4j-" + i, lb.port()));
                throughHaproxy.add(new Client("haproxy-" + i, haproxy.port()));
            }
            awaitAllConnected(throughLb);
            awaitAllConnected(throughHaproxy);

            oneDies(lb, haproxy);
            oneComesBackAndNobodyMoves(lb, haproxy);
            // Side by side: most of it is what clients wait before they connect anew.
            CompletableFuture<Void> beside = CompletableFuture.runAsync(() -> whatHaproxyCanDo(haproxy));
            twoGivesHalfOfThemBack(lb);
            assertThat(beside).succeedsWithin(Duration.ofSeconds(60));
        }
    }

    private void oneDies(LoadBalancer lb, HaProxy haproxy) throws MqttException {
        int atOne = state(lb, one).activeConnections();
        // All connect at the same time, and two who choose at the same moment may choose the same one.
        assertThat(atOne).isBetween(CLIENTS / 4, CLIENTS * 3 / 4);
        assertSpread(lb, atOne, CLIENTS - atOne);
        long killedAt = System.nanoTime();
        one.kill();
        patiently().until(() -> timesLost(throughLb) == atOne && state(lb, two).activeConnections() == CLIENTS);
        patiently().until(() -> haproxy.sessions("two") == CLIENTS);
        awaitAllConnected(throughLb);
        awaitAllConnected(throughHaproxy);
        // Whoever was with the other one has noticed nothing, and everybody is heard.
        assertThat(timesLost(throughLb)).isEqualTo(atOne);
        assertSpread(lb, 0, CLIENTS);
        for (Client client : throughLb) {
            client.say("here");
        }
        System.out.printf(
                "mosquitto killed: the last of %d clients was connected again after %d ms (lb4j), %d ms (HAProxy)%n",
                CLIENTS, lastBack(throughLb, killedAt), lastBack(throughHaproxy, killedAt));
    }

    private void oneComesBackAndNobodyMoves(LoadBalancer lb, HaProxy haproxy) {
        int lostBefore = timesLost(throughLb);
        // DOWN by its checks, or EJECTED by the clients that came first.
        patiently().until(() -> state(lb, one).status() != BackendStatus.UP);
        one.startAgain();
        patiently().until(() -> state(lb, one).status() == BackendStatus.UP);
        patiently().until(() -> state(lb, one).passedChecks() >= 3);
        haproxy.awaitStatus("one", "UP");
        assertSpread(lb, 0, CLIENTS);
        assertThat(timesLost(throughLb)).isEqualTo(lostBefore);
        System.out.printf(
                "mosquitto is back: it has %d of %d clients (lb4j), %d (HAProxy)%n",
                state(lb, one).activeConnections(), CLIENTS, haproxy.sessions("one"));
    }

    private void twoGivesHalfOfThemBack(LoadBalancer lb) throws MqttException {
        List<Client> silent = throughLb.subList(0, 20);
        List<Client> talking = throughLb.subList(20, CLIENTS);
        for (Client client : talking) {
            client.say("busy");
        }
        int lostBefore = timesLost(throughLb);
        int talkingBefore = timesLost(talking);
        long beganAt = System.nanoTime();
        CompletableFuture<Integer> spread =
                MqttBrokers.spread(lb, state(lb, two).backend().id(), Duration.ofSeconds(1));
        assertThat(spread).succeedsWithin(Duration.ofSeconds(30)).isEqualTo(20);
        patiently().until(() -> timesLost(throughLb) == lostBefore + 20);
        awaitAllConnected(throughLb);
        patiently().until(() -> state(lb, one).activeConnections() == 20);
        assertSpread(lb, 20, 20);
        assertThat(timesLost(talking)).as("of those who talk").isEqualTo(talkingBefore);
        System.out.printf(
                "mosquitto, rebalanced: %d of %d clients were ended and are back after %d ms (lb4j)%n",
                spread.join(), CLIENTS, lastBack(silent, beganAt));
    }

    /** It ends those of a server all at once, of its management guide: "shutdown sessions server". */
    private void whatHaproxyCanDo(HaProxy haproxy) {
        int lostBefore = timesLost(throughHaproxy);
        long beganAt = System.nanoTime();
        haproxy.command("shutdown sessions server it/two");
        patiently().until(() -> timesLost(throughHaproxy) == lostBefore + CLIENTS);
        awaitAllConnected(throughHaproxy);
        System.out.printf(
                "mosquitto, all sessions shut down: %d of %d clients were ended and are back after %d ms, %d and %d"
                        + " (HAProxy)%n",
                timesLost(throughHaproxy) - lostBefore,
                CLIENTS,
                lastBack(throughHaproxy, beganAt),
                haproxy.sessions("one"),
                haproxy.sessions("two"));
    }

    private HaProxy haproxy() {
        HaProxy haproxy = HaProxy.start(
                folder,
                "balance leastconn",
                "option redispatch 1",
                "default-server check inter " + CHECK_EVERY.toMillis()
                        + "ms fall 2 rise 1 on-marked-down shutdown-sessions",
                "server one 127.0.0.1:" + one.port(),
                "server two 127.0.0.1:" + two.port());
        haproxy.awaitStatus("two", "UP");
        return haproxy;
    }

    private void assertSpread(LoadBalancer lb, int atOne, int atTwo) {
        assertThat(IntStream.of(
                        state(lb, one).activeConnections(), state(lb, two).activeConnections()))
                .containsExactly(atOne, atTwo);
    }

    private static void awaitAllConnected(List<Client> clients) {
        patiently().until(() -> clients.stream().allMatch(Client::isConnected));
    }

    private static BackendState state(LoadBalancer lb, RealServer server) {
        return lb.backends().get("127.0.0.1:" + server.port());
    }

    private static int timesLost(List<Client> clients) {
        return clients.stream().mapToInt(client -> client.timesLost).sum();
    }

    /** In milliseconds after this moment. */
    private static long lastBack(List<Client> clients, long nanoTime) {
        return clients.stream()
                .mapToLong(client -> TimeUnit.NANOSECONDS.toMillis(client.connectedAt - nanoTime))
                .max()
                .orElseThrow();
    }

    private static ConditionFactory patiently() {
        return await().pollInterval(Duration.ofMillis(5)).atMost(Duration.ofSeconds(30));
    }

    /** As the library makes it: it tries to connect anew a second after it has lost its connection, and more rarely then. */
    private static final class Client implements MqttCallbackExtended, AutoCloseable {
        private final MqttAsyncClient client;
        private volatile long connectedAt;
        private volatile int timesLost;

        /** It is connected some time later. */
        Client(String id, int port) throws MqttException {
            client = new MqttAsyncClient("tcp://127.0.0.1:" + port, id, new MemoryPersistence());
            client.setCallback(this);
            MqttConnectOptions options = new MqttConnectOptions();
            options.setAutomaticReconnect(true);
            client.connect(options);
        }

        boolean isConnected() {
            return client.isConnected();
        }

        /** Returns when the broker has acknowledged it. */
        void say(String what) throws MqttException {
            client.publish("said", what.getBytes(StandardCharsets.UTF_8), 1, false)
                    .waitForCompletion(30_000);
        }

        @Override
        public void connectComplete(boolean again, String uri) {
            connectedAt = System.nanoTime();
        }

        @Override
        @SuppressWarnings("NonAtomicVolatileUpdate") // one thread of the library at a time
        public void connectionLost(Throwable cause) {
            timesLost++;
        }

        @Override
        public void messageArrived(String topic, MqttMessage message) {}

        @Override
        public void deliveryComplete(IMqttDeliveryToken token) {}

        @Override
        public void close() {
            try {
                client.disconnectForcibly(0, 0, false);
                client.close(true);
            } catch (MqttException neverConnected) {
                // It has nothing open then.
            }
        }
    }
}
