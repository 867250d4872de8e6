package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.admin.AdminServer;
import io.lb4j.backend.Backend;
import io.lb4j.event.AccessLog;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.jmx.JmxRegistration;
import io.lb4j.micrometer.LoadBalancerMetrics;
import io.lb4j.preface.ProxyHeader;
import io.lb4j.preface.ProxyVersion;
import io.lb4j.proxy.ConnectWhen;
import io.lb4j.proxy.TcpProxy;
import io.lb4j.selection.BackendSelector;
import io.lb4j.selection.Candidate;
import io.lb4j.stats.LoadBalancerStats;
import io.lb4j.testing.EventLog;
import io.lb4j.testing.LogCapture;
import io.lb4j.testing.Peer;
import io.lb4j.testing.TestBackend;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** The programs of the README, with addresses of this machine. */
class ReadmeTest {
    private final TestBackend blue = TestBackend.saying("blue!");
    private final TestBackend canary = TestBackend.saying("canary");

    @AfterEach
    void close() {
        blue.close();
        canary.close();
    }

    @Test
    void firstProgram_balances() {
        try (LoadBalancer lb = LoadBalancer.builder()
                .listen(0)
                .backend("127.0.0.1", blue.port())
                .backend("127.0.0.1", canary.port())
                .start()) {
            assertThat(answerOf(lb.port())).isEqualTo("blue!");
            assertThat(answerOf(lb.port())).isEqualTo("canar");
        }
    }

    @Test
    void moreOfIt_works() throws Exception {
        List<ConnectionSummary> summaries = new CopyOnWriteArrayList<>();
        LoadBalancer lb = LoadBalancer.builder()
                .name("orders")
                .listen("127.0.0.1", 0)
                .backend(Backend.of("127.0.0.1", blue.port()).withId("blue-1"))
                .backend(Backend.of("127.0.0.1", canary.port()).withId("canary").withLabel("zone", "b"))
                .selector((candidates, connection) -> candidates.stream()
                        .min(Comparator.comparingInt(Candidate::activeConnections))
                        .orElse(null))
                .healthCheck(check -> check.checker((backend, timeout) -> ping(backend))
                        .interval(Duration.ofSeconds(2))
                        .unhealthyAfter(3))
                .timeouts(timeouts -> timeouts.connect(Duration.ofMillis(800)).idle(Duration.ofMinutes(5)))
                .limits(limits -> limits.connections(20_000))
                .listener(new LoadBalancerListener() {
                    @Override
                    public void connectionClosed(ConnectionSummary summary) {
                        summaries.add(summary);
                    }
                })
                .start();
        try (lb) {
            lb.backends().add(Backend.of("127.0.0.1", blue.port()).withId("green-1"));
            assertThat(lb.backends().drain("blue-1", Duration.ofMinutes(2)).toCompletableFuture())
                    .succeedsWithin(Duration.ofSeconds(10));
            lb.backends().weight("canary", 10);
            lb.reconfigure(change ->
                    change.selector(BackendSelector.leastConnections()).limits(limits -> limits.connections(5_000)));
            LoadBalancerStats earlier = lb.stats();
            assertThat(answerOf(lb.port())).isIn("blue!", "canar");
            assertThat(lb.backends().list())
                    .extracting(state -> state.backend().id())
                    .containsExactly("blue-1", "canary", "green-1");
            await().untilAsserted(() -> assertThat(summaries)
                    .singleElement()
                    .extracting(ConnectionSummary::reason)
                    .isEqualTo(CloseReason.COMPLETED));
            assertThat(lb.stats().minus(earlier).proxy().accepted()).isEqualTo(1);

            var result = lb.drain(Duration.ofSeconds(30)).toCompletableFuture().get(10, TimeUnit.SECONDS);
            assertThat(result.aborted()).isZero();
        }
    }

    @Test
    void whoMayComeIn_works() {
        try (LoadBalancer lb = LoadBalancer.builder()
                .listen("0.0.0.0", 0, frontend -> frontend.access(rules -> rules.deny("10.9.0.0/16")
                                .allow("10.0.0.0/8", "fd00::/8")
                                .otherwiseDeny())
                        .clientLimits(limits -> limits.maxConnections(50).connectRate(20, Duration.ofSeconds(1)))
                        .acceptRate(2_000)
                        .bandwidth(each -> each.toClient(1_000_000)))
                .backend("127.0.0.1", blue.port())
                .start()) {
            try (Peer client = Peer.connect(lb.port())) {
                assertThat(client.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
            }
            lb.frontends().get(0).reconfigure(change -> change.access(rules -> rules.allow("127.0.0.0/8")));
            assertThat(answerOf(lb.port())).isEqualTo("blue!");
        }
    }

    @Test
    void behindAnotherProxy_works() {
        try (TestBackend backend = TestBackend.listening();
                LoadBalancer inner = LoadBalancer.builder()
                        .listen(
                                "0.0.0.0",
                                0,
                                frontend -> frontend.proxyProtocol(proxies -> proxies.trust("127.0.0.0/28")))
                        .backend(Backend.of("127.0.0.1", backend.port()).withProxyProtocol(ProxyVersion.V2))
                        .noHealthCheck()
                        .start();
                Peer proxy = Peer.connect(inner.port());
                Peer stranger = Peer.connectFrom("127.0.0.66", inner.port())) {
            byte[] header = ProxyHeader.of(
                            ProxyVersion.V2,
                            new InetSocketAddress("203.0.113.7", 50_000),
                            new InetSocketAddress("198.51.100.1", 80))
                    .toBytes();
            proxy.send(header).send("hello");
            Peer served = backend.accept();
            assertThat(served.receive(header.length)).isEqualTo(header);
            assertThat(served.receiveText(5)).isEqualTo("hello");
            assertThat(stranger.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        }
    }

    @Test
    void byName_works() throws Exception {
        try (TestBackend ssh = TestBackend.saying("SSH-2");
                LoadBalancer byName = LoadBalancer.builder()
                        .listen(
                                "0.0.0.0",
                                0,
                                frontend -> frontend.routes(routes -> routes.serverName("api.example.com", "api")
                                        .serverName("*.example.com", "web")
                                        .notTls("ssh")))
                        .pool("api", pool -> pool.backend("127.0.0.1", blue.port()))
                        .pool("web", pool -> pool.backend("127.0.0.1", canary.port()))
                        .pool("ssh", pool -> pool.backend("127.0.0.1", ssh.port()))
                        .start()) {
            assertThat(answerTo(helloFor("api.example.com"), byName.port())).isEqualTo("blue!");
            assertThat(answerTo(helloFor("a.example.com"), byName.port())).isEqualTo("canar");
            assertThat(answerTo(new byte[] {'S', 'S', 'H'}, byName.port())).isEqualTo("SSH-2");
        }
    }

    @Test
    void patient_works() {
        try (LoadBalancer patient = LoadBalancer.builder()
                        .listen("0.0.0.0", 0, frontend -> frontend.connectWhen(ConnectWhen.FIRST_BYTE))
                        .backend("127.0.0.1", blue.port())
                        .start();
                Peer silent = Peer.connect(patient.port())) {
            await().until(() -> patient.stats().proxy().active() == 1);
            assertThat(answerTo(new byte[] {'x'}, patient.port())).isEqualTo("blue!");
            assertThat(patient.stats().proxy().connectAttempts()).isEqualTo(1);
            assertThat(silent.send("x").receiveText(5)).isEqualTo("blue!");
        }
    }

    @Test
    void seeIt_works() throws Exception {
        EventLog auditor = new EventLog();
        MeterRegistry registry = new SimpleMeterRegistry();
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try (LogCapture log = LogCapture.open();
                LoadBalancer lb = LoadBalancer.builder()
                        .backend("127.0.0.1", blue.port())
                        .listener(AccessLog.to(LoggerFactory.getLogger("io.lb4j.access")))
                        .listener(LoadBalancerListener.async(auditor, executor))
                        .start();
                AdminServer admin = AdminServer.builder(lb)
                        .token("a-long-token")
                        .listen("127.0.0.1", 0)
                        .start()) {
            new LoadBalancerMetrics(lb).bindTo(registry);
            JmxRegistration jmx = JmxRegistration.of(lb);
            answerOf(lb.port());
            auditor.await(ConnectionSummary.class);
            await().until(() -> log.messages(" code=-- cause=-").size() == 1);
            assertThat(admin.port()).isPositive();
            await().untilAsserted(() -> assertThat(
                            registry.get("lb4j.connections.active").gauge().value())
                    .isZero());
            assertThat(ManagementFactory.getPlatformMBeanServer().isRegistered(jmx.name()))
                    .isTrue();
        } finally {
            executor.shutdown();
        }
    }

    @Test
    void oneDestination_isProxied() {
        try (TcpProxy proxy =
                TcpProxy.builder().listen(0).to("127.0.0.1", blue.port()).start()) {
            assertThat(answerOf(proxy.port())).isEqualTo("blue!");
        }
    }

    private static void ping(Backend backend) {
        Peer.connect(backend.port()).close();
    }

    /** What a client of TLS says first. */
    private static byte[] helloFor(String host) throws Exception {
        SSLEngine client = SSLContext.getDefault().createSSLEngine(host, 443);
        client.setUseClientMode(true);
        ByteBuffer hello = ByteBuffer.allocate(client.getSession().getPacketBufferSize());
        client.wrap(ByteBuffer.allocate(0), hello);
        return Arrays.copyOf(hello.array(), hello.position());
    }

    private static String answerOf(int port) {
        return answerTo(new byte[0], port);
    }

    private static String answerTo(byte[] words, int port) {
        try (Peer client = Peer.connect(port)) {
            client.send(words);
            String answer = client.receiveText(5);
            client.fin();
            client.receiveToEnd();
            return answer;
        }
    }
}
