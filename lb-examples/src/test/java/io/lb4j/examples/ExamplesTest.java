package io.lb4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.backend.Backend;
import io.lb4j.examples.testing.ChildJvm;
import io.lb4j.tls.BackendTls;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every example runs to its end, and its story is the one that its comments tell. */
class ExamplesTest {
    /** The body of an example. */
    interface Example {
        void run(PrintStream out) throws Exception;
    }

    @Test
    void helloLoadBalancer_fourRequests_alternate() throws Exception {
        List<String> story = storyOf(HelloLoadBalancer::run);
        List<String> ports = numbersAfter("answered by backend ", story);
        assertThat(ports).hasSize(4);
        assertThat(ports.get(0)).isNotEqualTo(ports.get(1));
        assertThat(ports.subList(2, 4)).isEqualTo(ports.subList(0, 2));
    }

    @Test
    void ownZoneFirst_zoneOfTheirOwn_untilItIsGone() throws Exception {
        List<String> story = storyOf(OwnZoneFirst::run);
        String near = numbersAfter("Zone a is backend ", story).get(0);
        String far = numbersAfter("zone b is backend ", story).get(0);
        assertThat(numbersAfter("Answered by backend ", story)).containsExactly(near, near, far);
    }

    @Test
    void customSelector_leader_getsThemAll() throws Exception {
        List<String> story = storyOf(CustomSelector::run);
        String first = numbersAfter("first is backend ", story).get(0);
        String second = numbersAfter("second is backend ", story).get(0);
        assertThat(numbersAfter("Answered by backend ", story)).containsExactly(first, second, second);
    }

    @Test
    void customHealthChecker_busyThenPong_downThenUp() throws Exception {
        List<String> story = storyOf(CustomHealthChecker::run);
        assertThat(story).hasSize(4);
        assertThat(story.get(1)).endsWith("is DOWN after 2 failed checks (answered BUSY to PING)");
        assertThat(story.get(2)).endsWith("is UP after 1 passed check");
        assertThat(story.get(3)).isEqualTo("So it is UP");
    }

    @Test
    void whoMayComeIn_rulesAndLimits_resetTheOthers() throws Exception {
        assertThat(storyOf(WhoMayComeIn::run))
                .containsExactly(
                        "127.0.0.1 is served",
                        "127.0.0.66 is reset",
                        "127.0.0.2 is served and served, and then reset",
                        "127.0.0.2, who is in, is served, and once more is reset",
                        "Reset: 2 by rules, 1 by limits");
    }

    @Test
    void tlsAtTheEdge_certificateReplaced_bothClientsAreServed() throws Exception {
        assertThat(storyOf(TlsAtTheEdge::run))
                .containsExactly(
                        "One client sees CN=localhost,O=Old",
                        "The next one sees CN=localhost,O=Renewed",
                        "Both are served: true, true",
                        "It was TLSv1.3, and ended COMPLETED");
    }

    @Test
    void tellTheBackend_ofAnotherProxysClient_isToldWhereItExpectsIt() throws Exception {
        assertThat(storyOf(TellTheBackend::run))
                .containsExactly(
                        "api.example.com: api is told of api.example.com, sees a client at 203.0.113.7 and his hello for"
                                + " api.example.com",
                        "www.example.com: web is told nothing, sees a client at 127.0.0.1 and his hello for www.example.com",
                        "example.org: reset, no route leads there");
    }

    @Test
    void blueGreen_tenRequestsEach_moveOver() throws Exception {
        List<String> story = storyOf(BlueGreen::run);
        assertThat(story)
                .containsExactly(
                        "Blue alone:       {blue=10}",
                        "Green is trusted: {blue=9, green=1}",
                        "Green alone:      {green=10}",
                        "Blue ended with 0 connections reset");
    }

    @Test
    void prometheusMetrics_aScrape_hasTheSeriesOfEachBackend() throws Exception {
        assertThat(storyOf(PrometheusMetrics::run))
                .containsExactly(
                        "lb4j_backend_connect_attempts_total{backend=\"blue\",balancer=\"orders\",pool=\"default\"} 2.0",
                        "lb4j_backend_connect_attempts_total{backend=\"green\",balancer=\"orders\",pool=\"default\"} 2.0",
                        "lb4j_backend_up{backend=\"blue\",balancer=\"orders\",pool=\"default\"} 1.0",
                        "lb4j_backend_up{backend=\"green\",balancer=\"orders\",pool=\"default\"} 1.0");
    }

    @Test
    void prometheusMetrics_withAPort_servesThemToCurl() throws Exception {
        Assumptions.assumeTrue(isInstalled("curl"), "skipped: the program 'curl' is not on this machine");
        try (PrometheusMetrics serving = new PrometheusMetrics(0)) {
            Http.get(serving.balancerPort());
            String scraped = outputOf("curl", "-sS", "http://127.0.0.1:" + serving.port() + "/metrics");
            assertThat(scraped)
                    .contains("# TYPE lb4j_backend_connect_seconds histogram")
                    .contains(
                            "lb4j_backend_connect_seconds_count{backend=\"blue\",balancer=\"orders\",pool=\"default\"} 1")
                    .contains(
                            "lb4j_backend_connect_attempts_total{backend=\"green\",balancer=\"orders\",pool=\"default\"} 0.0")
                    .contains("lb4j_connections_accepted_total{balancer=\"orders\"} 1.0");
        }
    }

    @Test
    void databaseHealthCheck_noDatabaseThere_saysSo() throws Exception {
        // Bound and not listening: it refuses, and nobody else can take the port.
        try (Socket nobody = new Socket()) {
            nobody.bind(new InetSocketAddress("127.0.0.1", 0));
            int port = nobody.getLocalPort();
            assertThat(storyOf(out -> DatabaseHealthCheck.run(port, out)))
                    .singleElement()
                    .asString()
                    .startsWith(
                            "Backend 127.0.0.1:" + port + " is DOWN after 1 failed check (Connection to 127.0.0.1:");
        }
    }

    @Test
    void jdbcThroughHikari_noDatabaseThere_saysSo() throws Exception {
        try (Socket nobody = new Socket()) {
            nobody.bind(new InetSocketAddress("127.0.0.1", 0));
            int port = nobody.getLocalPort();
            assertThat(storyOf(out -> JdbcThroughHikari.run(List.of(port), out)))
                    .containsExactly("Backend 127.0.0.1:" + port + " is DOWN", "So there is nobody to ask");
        }
    }

    @Test
    void failOvers_noDatabaseThere_saySo() throws Exception {
        try (Socket nobody = new Socket()) {
            nobody.bind(new InetSocketAddress("127.0.0.1", 0));
            List<Integer> port = List.of(nobody.getLocalPort());
            for (Example example :
                    List.<Example>of(out -> PostgresFailOver.run(port, out), out -> MariaDbFailOver.run(port, out))) {
                assertThat(storyOf(example)).hasSize(2).last().isEqualTo("So there is nobody to write to");
                assertThat(storyOf(example).get(0))
                        .startsWith("Backend 127.0.0.1:" + port.get(0) + " is DOWN after 1 failed check (")
                        .containsIgnoringCase("refused");
            }
        }
    }

    @Test
    void gracefulShutdown_oneBusyOneSilent_oneFinishesOneIsReset() throws Exception {
        List<String> story = storyOf(GracefulShutdown::run);
        assertThat(numbersAfter("still answered: ", story)).hasSize(1);
        assertThat(story).last().isEqualTo("Drained: 1 finished, 1 reset");
    }

    @Test
    void kubernetesHeadlessService_withoutACluster_balancesItsOwnBackends() throws Exception {
        assertThat(storyOf(KubernetesHeadlessService::run))
                .hasSize(3)
                .last()
                .asString()
                .startsWith("/health: {");
    }

    @Test
    void keepalivedPair_oneDrains_sameBackendThroughTheOther() throws Exception {
        List<String> story = storyOf(KeepalivedPair::run);
        assertThat(story).contains("The address is at left", "left ends; the address is at right");
        assertThat(numbersAfter("Answered by backend ", story)).hasSize(2);
        assertThat(Set.copyOf(numbersAfter("Answered by backend ", story))).hasSize(1);
    }

    @Test
    void redisFailOver_noRedisThere_saysSo() throws Exception {
        try (Socket nobody = new Socket()) {
            nobody.bind(new InetSocketAddress("127.0.0.1", 0));
            int port = nobody.getLocalPort();
            assertThat(storyOf(out -> RedisFailOver.run(List.of(port), out)))
                    .containsExactly(
                            "Backend 127.0.0.1:" + port + " is DOWN after 1 failed check (Connection refused)",
                            "So there is nobody to write to");
        }
    }

    @Test
    void mqttBrokers_noBrokerThere_saysSo() throws Exception {
        try (Socket nobody = new Socket()) {
            nobody.bind(new InetSocketAddress("127.0.0.1", 0));
            int port = nobody.getLocalPort();
            assertThat(storyOf(out -> MqttBrokers.run(List.of(port), out)))
                    .containsExactly(
                            "Broker 127.0.0.1:" + port + " is DOWN after 1 failed check (Connection refused)",
                            "Clients of the first that connect anew: 0, as there are none yet");
        }
    }

    @Test
    void severalPools_nobodyThere_saySoOfEach() throws Exception {
        try (Socket nobody = new Socket()) {
            nobody.bind(new InetSocketAddress("127.0.0.1", 0));
            int port = nobody.getLocalPort();
            Backend backend = Backend.of("127.0.0.1", port);
            BackendTls trust = BackendTls.verified();
            assertNobodyIn(out -> PostgresWritesAndReads.run(List.of(port), out), port, "writes", "reads");
            assertNobodyIn(
                    out -> RabbitMqCluster.run(List.of(new RabbitMqCluster.Node("127.0.0.1", port, port)), out),
                    port,
                    "amqp",
                    "management");
            assertNobodyIn(
                    out -> KubernetesApi.run(List.of(backend), List.of(backend), trust, out),
                    port,
                    "api",
                    "konnectivity");
        }
    }

    private static void assertNobodyIn(Example example, int port, String... pools) throws Exception {
        List<String> story = storyOf(example);
        assertThat(story).hasSize(pools.length);
        for (int i = 0; i < pools.length; i++) {
            assertThat(story.get(i))
                    .startsWith(pools[i] + "/127.0.0.1:" + port + " is DOWN after 1 failed check (")
                    .containsIgnoringCase("refused");
        }
    }

    @Test
    void accessLogFile_threeConnections_areThreeLinesAndNoneIsLost() throws Exception {
        List<String> story = storyOf(AccessLogFile::run);
        assertThat(story).hasSize(4).last().isEqualTo("Lines that were lost: 0");
        assertThat(story.subList(0, 3))
                .allMatch(
                        line -> line.matches(
                                "\\d{4}-\\d\\d-\\d\\dT[0-9:.]+\\S+ id=\\d+ client=127\\.0\\.0\\.1:\\d+ "
                                        + "frontend=127\\.0\\.0\\.1:any pool=default backend=127\\.0\\.0\\.1:\\d+ .* reason=COMPLETED .*"));
    }

    @Test
    void tcpProxyAlone_oneRequest_listenerSeesItsWholeLife() throws Exception {
        List<String> story = storyOf(TcpProxyAlone::run);
        assertThat(numbersAfter("Answered by backend ", story)).isEqualTo(numbersAfter("leads to port ", story));
        assertThat(story)
                .anyMatch(line -> line.matches("Connection \\d+ opened to 127\\.0\\.0\\.1:\\d+"))
                .anyMatch(line -> line.matches(
                        "Connection \\d+ closed: [1-9]\\d bytes to the backend, \\d+ bytes to the client" + ", .*"))
                .last()
                .isEqualTo("Connections accepted: 1");
    }

    @Test
    @Timeout(180) // each is a JVM of its own, and the machine may have two cores
    void everyExample_asAProgram_endsByItself() throws Exception {
        // All at once: most of their time is the start of a JVM.
        List<ChildJvm> programs = mainClasses().map(ChildJvm::main).toList();
        try {
            assertThat(programs).allSatisfy(program -> {
                assertThat(program.exitCode()).isZero();
                assertThat(program.stdout()).isNotEmpty();
                // A warning is in order where a busy machine makes a listener slow; a stack trace never is.
                assertThat(program.stderr()).allMatch(line -> line.matches("[0-9:.]{12} (INFO|WARN)  [\\w-]+: .*"));
            });
        } finally {
            programs.forEach(ChildJvm::close);
        }
    }

    static Stream<Class<?>> mainClasses() throws Exception {
        List<Class<?>> found = new ArrayList<>();
        try (Stream<Path> sources = Files.list(Path.of("src/main/java/io/lb4j/examples"))) {
            for (Path source : sources.sorted().toList()) {
                if (Files.isRegularFile(source) && Files.readString(source).contains("static void main(")) {
                    String file = source.getFileName().toString();
                    found.add(Class.forName("io.lb4j.examples." + file.replace(".java", "")));
                }
            }
        }
        assertThat(found).contains(HelloLoadBalancer.class);
        return found.stream();
    }

    static List<String> storyOf(Example example) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
            example.run(out);
        }
        return bytes.toString(StandardCharsets.UTF_8).lines().toList();
    }

    private static List<String> numbersAfter(String words, List<String> story) {
        return Pattern.compile(Pattern.quote(words) + "(\\d+)")
                .matcher(String.join("\n", story))
                .results()
                .map((MatchResult match) -> match.group(1))
                .toList();
    }

    private static boolean isInstalled(String program) {
        return Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    private static String outputOf(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
