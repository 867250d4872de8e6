package io.lb4j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.lb4j.LoadBalancer;
import io.lb4j.backend.BackendState;
import io.lb4j.backend.BackendStatus;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two nodes that answer as RabbitMQ's HTTP API does, and whose AMQP is a port that accepts. */
class RabbitMqClusterTest {
    private static final String SERVES_AMQP = "/api/health/checks/protocol-listener/amqp";

    /** {@code lb4j:secret}. */
    private static final String CREDENTIALS = "Basic bGI0ajpzZWNyZXQ=";

    private static final Duration CHECK_EVERY = Duration.ofMillis(50);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private Node one;
    private Node two;

    @BeforeEach
    void startNodes() throws IOException {
        one = new Node();
        two = new Node();
    }

    @AfterEach
    void endNodes() throws IOException {
        one.close();
        two.close();
    }

    @Test
    void consumers_goToTheNodeWithTheFewest_andPagesToEachInTurn() throws IOException {
        try (LoadBalancer lb = start()) {
            List<Socket> consumers = new ArrayList<>();
            try {
                for (int i = 1; i <= 4; i++) {
                    consumers.add(connect(lb));
                    int open = i;
                    await().atMost(PATIENCE).until(() -> one.open(lb) + two.open(lb) == open);
                }
                assertThat(one.open(lb)).isEqualTo(2);
                assertThat(two.open(lb)).isEqualTo(2);
            } finally {
                for (Socket consumer : consumers) {
                    consumer.close();
                }
            }
            int pages = lb.frontend("management").port();
            assertThat(List.of(Http.get(pages), Http.get(pages))).containsExactlyInAnyOrder(one.name(), two.name());
            assertThat(lb.frontend("amqp").config().timeouts().idle()).isEmpty();
            assertThat(lb.frontend("management").config().timeouts().idle()).contains(Duration.ofMinutes(2));
        }
    }

    @Test
    void nodeThatServesNoAmqp_getsNoNewConsumer_keepsItsOwn_andItsPagesStay() throws IOException {
        try (LoadBalancer lb = start();
                Socket before = connect(lb)) {
            await().atMost(PATIENCE).until(() -> one.open(lb) + two.open(lb) == 1);
            Node failing = one.open(lb) == 1 ? one : two;
            Node other = failing == one ? two : one;
            failing.servesAmqp = false;
            await().atMost(PATIENCE).until(() -> failing.amqp(lb).status() == BackendStatus.DOWN);
            assertThat(failing.amqp(lb).reason()).contains("status 503");
            try (Socket after = connect(lb);
                    Socket another = connect(lb)) {
                await().atMost(PATIENCE).until(() -> other.open(lb) == 2);
                assertThat(failing.open(lb)).isEqualTo(1);
                assertThat(after.isConnected() && another.isConnected() && before.isConnected())
                        .isTrue();
            }
            assertThat(lb.pool("management").backends().list())
                    .extracting(BackendState::status)
                    .containsOnly(BackendStatus.UP);

            failing.servesAmqp = true;
            await().atMost(PATIENCE).until(() -> failing.amqp(lb).status() == BackendStatus.UP);
        }
    }

    @Test
    void wrongPassword_isNoHealthyNode() {
        try (LoadBalancer lb = RabbitMqCluster.balancer(nodes(), "lb4j", "guess", CHECK_EVERY)) {
            await().atMost(PATIENCE).until(() -> one.amqp(lb).status() == BackendStatus.DOWN);
            assertThat(one.amqp(lb).reason()).contains("status 401");
        }
    }

    /** Returns when all are UP. */
    private LoadBalancer start() {
        LoadBalancer lb = RabbitMqCluster.balancer(nodes(), "lb4j", "secret", CHECK_EVERY);
        try {
            await().atMost(PATIENCE).until(() -> Stream.of("amqp", "management")
                    .flatMap(pool -> lb.pool(pool).backends().list().stream())
                    .allMatch(state -> state.status() == BackendStatus.UP));
            return lb;
        } catch (RuntimeException notUp) {
            lb.close();
            throw notUp;
        }
    }

    private List<RabbitMqCluster.Node> nodes() {
        return List.of(one.node(), two.node());
    }

    private static Socket connect(LoadBalancer lb) throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), lb.frontend("amqp").port());
    }

    /** What a balancer sees of a node. */
    private static final class Node {
        private final ServerSocket amqp = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        private final HttpServer management =
                HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        private volatile boolean servesAmqp = true;

        Node() throws IOException {
            management.createContext("/", exchange -> answer(exchange, 200));
            management.createContext(SERVES_AMQP, exchange -> {
                boolean known = CREDENTIALS.equals(exchange.getRequestHeaders().getFirst("Authorization"));
                answer(exchange, !known ? 401 : servesAmqp ? 200 : 503);
            });
            management.start();
        }

        private void answer(HttpExchange exchange, int status) throws IOException {
            try (exchange) {
                byte[] body = name().getBytes();
                exchange.sendResponseHeaders(status, body.length);
                exchange.getResponseBody().write(body);
            }
        }

        String name() {
            return "node of " + management.getAddress().getPort();
        }

        RabbitMqCluster.Node node() {
            return new RabbitMqCluster.Node(
                    "127.0.0.1", amqp.getLocalPort(), management.getAddress().getPort());
        }

        BackendState amqp(LoadBalancer lb) {
            return lb.pool("amqp").backends().get("amqp/127.0.0.1:" + amqp.getLocalPort());
        }

        int open(LoadBalancer lb) {
            return amqp(lb).activeConnections();
        }

        void close() throws IOException {
            amqp.close();
            management.stop(0);
        }
    }
}
