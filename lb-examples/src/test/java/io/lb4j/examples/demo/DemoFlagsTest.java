package io.lb4j.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lb4j.LoadBalancer;
import io.lb4j.LoadBalancerConfig;
import io.lb4j.admin.AdminServer;
import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendStatus;
import io.lb4j.health.HealthCheckPolicy;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** What each flag sets, and what is said to flags that cannot work. For {@code --verbose} see DemoProcessTest. */
class DemoFlagsTest {
    /** Nothing listens there; a backend that is only looked at needs no more. */
    private static final String BACKEND = "127.0.0.1:1";

    @Test
    void defaults_ofTheCommand_areThoseOfTheIssueAndTheLibrary() throws IOException {
        assertThat(defaultOf("--listen")).isEqualTo("127.0.0.1:8080");
        assertThat(Demo.BACKEND_PORTS).containsExactly(8081, 8082, 8083);
        LoadBalancerConfig demo = configOf();
        String name = demo.proxy().name(); // of any port: each is another one
        try (LoadBalancer library =
                LoadBalancer.builder().name(name).backend("127.0.0.1", 1).start()) {
            assertThat(demo.proxy()).isEqualTo(library.config().proxy());
            assertThat(demo.defaultPool().backends())
                    .isEqualTo(library.config().defaultPool().backends());
            assertThat(demo.defaultPool().selector())
                    .hasToString(library.config().defaultPool().selector().toString());
            assertThat(demo.defaultPool().healthCheck())
                    .usingRecursiveComparison()
                    .ignoringFields("value.checker")
                    .isEqualTo(library.config().defaultPool().healthCheck());
        }
    }

    @Test
    void listen_hostAndPort_isListenedOn() throws IOException {
        try (RunningDemo running = start(List.of("--listen", "localhost:0", "--no-admin", "--backend", BACKEND))) {
            assertThat(running.balancer().config().proxy().frontends().get(0).host())
                    .isEqualTo("localhost");
            assertThat(running.balancer().address().getAddress().isLoopbackAddress())
                    .isTrue();
        }
    }

    @Test
    void listen_aPortAlone_isOneOfLoopback() throws IOException {
        try (RunningDemo running = start(List.of("--listen", "0", "--no-admin", "--backend", BACKEND))) {
            assertThat(running.balancer().config().proxy().frontends().get(0).host())
                    .isEqualTo("127.0.0.1");
        }
    }

    @Test
    void backend_repeated_keepsTheOrderAndStartsNoEmbeddedOne() throws IOException {
        try (RunningDemo running = start(List.of(
                "--listen=127.0.0.1:0",
                "--backend",
                "127.0.0.1:2,weight=3",
                "--no-admin",
                "--backend=[::1]:1",
                "--backend",
                "127.0.0.1:3"))) {
            assertThat(running.balancer().config().defaultPool().backends())
                    .containsExactly(
                            Backend.of("127.0.0.1", 2).withWeight(3), Backend.of("::1", 1), Backend.of("127.0.0.1", 3));
            assertThat(running.embedded()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "round-robin, roundRobin",
        "least-connections, leastConnections",
        "random, random",
        "two-choices, powerOfTwoChoices",
        "least-connect-time, leastConnectTime",
        "sticky, sticky",
        "first, first",
    })
    void selector_everyName_isIt(String name, String selector) throws IOException {
        assertThat(configOf("--selector", name).defaultPool().selector()).hasToString(selector);
        assertThat(Selectors.names()).contains(name);
    }

    @Test
    void slowStart_given_isSet() throws IOException {
        assertThat(configOf("--slow-start", "90s").defaultPool().slowStart()).contains(Duration.ofSeconds(90));
        assertThat(configOf().defaultPool().slowStart()).isEmpty();
    }

    @Test
    void numbersAndTimeouts_eachFlag_setsItsOwn() throws IOException {
        LoadBalancerConfig config = configOf(
                "--event-loops", "3", "--max-connections", "77", "--connect-timeout", "800ms", "--idle-timeout", "10m");
        assertThat(config.proxy().eventLoops()).isEqualTo(3);
        assertThat(config.proxy().limits().connections()).contains(77);
        assertThat(config.proxy().timeouts().connect()).isEqualTo(Duration.ofMillis(800));
        assertThat(config.proxy().timeouts().idle()).contains(Duration.ofMinutes(10));
    }

    @Test
    void healthCheck_eachFlag_setsItsOwn() throws IOException {
        HealthCheckPolicy policy = configOf("--health-interval", "1h", "--health-timeout", "2s")
                .defaultPool()
                .healthCheck()
                .orElseThrow();
        assertThat(policy.interval()).isEqualTo(Duration.ofHours(1));
        assertThat(policy.timeout()).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void noHealthChecks_given_checksNothing() throws IOException {
        assertThat(configOf("--no-health-checks").defaultPool().healthCheck()).isEmpty();
        assertThat(configOf("--no-queue").defaultPool().queue()).isEmpty();
        assertThat(configOf("--queue-timeout", "3s")
                        .defaultPool()
                        .queue()
                        .orElseThrow()
                        .timeout())
                .contains(Duration.ofSeconds(3));
    }

    @Test
    void admin_given_servesTheStatusPageThere() throws Exception {
        assertThat(Demo.DEFAULT_ADMIN).isEqualTo("127.0.0.1:8404");
        try (RunningDemo running = start(args("--admin", "127.0.0.1:0", "--admin-token", "a-long-token"))) {
            String place = "http://127.0.0.1:" + running.admin().port();
            assertThat(running.description()).contains("See:  " + place + "/\n");
            assertThat(send(HttpRequest.newBuilder(URI.create(place + "/")).build())
                            .body())
                    .contains("<!doctype html>");
            HttpRequest.Builder disable = HttpRequest.newBuilder(URI.create(place + "/backends/127.0.0.1:1/disable"))
                    .POST(HttpRequest.BodyPublishers.noBody());
            assertThat(send(disable.build()).statusCode()).isEqualTo(401);
            assertThat(send(disable.header("Authorization", "Bearer a-long-token")
                                    .build())
                            .statusCode())
                    .isEqualTo(200);
            assertThat(running.balancer().backends().list().get(0).status()).isEqualTo(BackendStatus.DISABLED);
        }
    }

    @Test
    void noAdmin_given_servesNoStatusPage() throws IOException {
        try (RunningDemo running = start(args("--no-admin"))) {
            assertThat(running.admin()).isNull();
            assertThat(running.description()).contains("no status page (--admin HOST:PORT gives one)");
        }
    }

    @Test
    void placeOfTheStatusPage_inUse_isTheNextFreeOneUnlessItWasGiven() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
                RunningDemo running = start(args("--no-admin"))) {
            int port = taken.getLocalPort();
            running.admin(AdminServer.builder(running.balancer()), new HostAndPort("127.0.0.1", port), false);
            assertThat(running.admin().port()).isBetween(port + 1, port + 9);
            assertThat(running.description())
                    .contains("See:  http://127.0.0.1:" + running.admin().port() + "/, because " + port)
                    .contains(" is in use\n");
            String place = "127.0.0.1:" + port;
            assertUsageError(
                    execute("--listen", "127.0.0.1:0", "--admin", place),
                    "admin: cannot listen on " + place + ": Address already in use");
        }
    }

    @Test
    void adminToken_inAFile_isReadFromThere(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("token"), "a-long-token\n");
        try (RunningDemo running = start(args("--admin", "0", "--admin-token-file", file.toString()))) {
            URI disable = URI.create("http://127.0.0.1:" + running.admin().port() + "/backends/127.0.0.1:1/disable");
            HttpRequest request = HttpRequest.newBuilder(disable)
                    .POST(HttpRequest.BodyPublishers.noBody())
                    .header("Authorization", "Bearer a-long-token")
                    .build();
            assertThat(send(request).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void help_asked_namesEveryFlagAndIsHonestAboutWeights() {
        Result result = execute("--help");
        assertThat(result.exitCode()).isZero();
        assertThat(result.err()).isEmpty();
        assertThat(result.out())
                .contains(
                        "--listen=[HOST:]PORT",
                        "--backend=HOST:PORT[,weight=N]...",
                        "--selector=NAME",
                        "--slow-start=DURATION",
                        "--event-loops=N")
                .contains("--health-interval=DURATION", "--health-timeout=DURATION", "--connect-timeout=DURATION")
                .contains("--idle-timeout=DURATION", "--max-connections=N", "--no-health-checks", "--verbose")
                .contains("--admin=[HOST:]PORT", "--admin-token=TOKEN", "--admin-token-file=FILE", "--no-admin")
                .contains("--drain-grace=DURATION", "--lame-duck=DURATION", "LB4J_ADMIN_TOKEN");
        assertThat(result.out().replaceAll("\\s+", " "))
                .contains(",weight=N its share", ",priority=N its tier", ",max-connections=N", ",id=NAME")
                .contains("0 means no new connections, and is all that round-robin and first care for")
                .contains("is chosen: " + Selectors.names() + ". Default: round-robin");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--frobnicate | '--frobnicate'",
                "surplus | 'surplus'",
                "--listen | Missing required parameter for option '--listen'",
                "--listen here | '--listen': \"here\" (expected: HOST:PORT",
                "--listen 65536 | '--listen': listen port: 65536 (expected: 0..65535)",
                "--backends 127.0.0.1:1 | (did you mean --backend? see --help)",
                "--lame-duck soon | '--lame-duck': \"soon\"",
                "--drain-grace 5 | '--drain-grace': \"5\"",
                "--listen 127.0.0.1:65536 | '--listen': listen port: 65536 (expected: 0..65535)",
                "--listen 127.0.0.1:0 --listen 127.0.0.1:0 | only once",
                "--listen 127.0.0.1:7 --backend 127.0.0.1:7 | is the balancer's own listener",
                "--backend 127.0.0.1:1,weight=-1 | '--backend' (HOST:PORT[,weight=N]...): weight: -1 (expected: 0..1000)",
                "--backend ::1:9000 | an IPv6 address in brackets",
                "--backend 127.0.0.1:1 --backend 127.0.0.1:1 | '--backend': backend id: 127.0.0.1:1",
                "--selector fastest | '--selector': \"fastest\" (expected: one of round-robin,",
                "--slow-start 0s | '--slow-start': slowStart: PT0S",
                "--event-loops 0 | '--event-loops': eventLoops: 0 (expected: 1..1024)",
                "--event-loops many | '--event-loops': 'many' is not an int",
                "--max-connections 0 | '--max-connections': limits connections: 0 (expected: 1..2147483647)",
                "--connect-timeout 5 | '--connect-timeout': \"5\" (expected: a duration like 500ms, 5s, 10m or 1h)",
                "--connect-timeout 0s | '--connect-timeout': timeouts connect: PT0S",
                "--idle-timeout 999999999h | '--idle-timeout': timeouts idle: ",
                "--health-interval 0ms | '--health-interval': health check interval: PT0S",
                "--health-timeout soon | '--health-timeout': \"soon\"",
                "--no-queue --queue-timeout 5s | --queue-timeout makes no sense with --no-queue",
                "--no-health-checks --health-timeout 5s | --health-timeout makes no sense with --no-health-checks",
                "--no-health-checks --health-interval 5s | --health-interval makes no sense with --no-health-checks",
                "--admin here | '--admin': \"here\" (expected: HOST:PORT",
                "--admin-token-file /no/such/file | '--admin-token-file': cannot read /no/such/file",
                "--admin-token a-long-token --admin-token-file /x | --admin-token makes no sense with --admin-token-file",
                "--listen 127.0.0.1:0 --admin-token short | '--admin-token': token (expected: 8 or more printable",
                "--no-admin --admin 127.0.0.1:0 | --admin makes no sense with --no-admin",
                "--no-admin --admin-token a-long-token | --admin-token makes no sense with --no-admin",
                "--verbose=perhaps | 'perhaps'",
            })
    void usageError_whatever_isOneLineAndExitCode2(String args, String message) {
        assertUsageError(execute(args.split(" ")), message);
    }

    @Test
    void usageError_withControlCharacters_isStillOneLine() {
        assertUsageError(execute("--selector", "one\ntwo\r\u001b[31m"), "\"one two [31m\"");
    }

    @Test
    void portInUse_byAnother_isAUsageErrorAndLeavesNothingOpen() throws IOException { // the rest checks LeakCheck
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            String place = "127.0.0.1:" + taken.getLocalPort();
            assertUsageError(
                    execute("--listen", place), "cannot listen on " + place + ": Address already in use (see --help)");
        }
    }

    @Test
    void failure_nobodyExpects_isExitCode1WithItsStackTrace() {
        Result result = execute(new Demo(List.of(-1)), "--listen", "127.0.0.1:0");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).startsWith("lb-examples: unexpected failure").contains("\tat io.lb4j.examples.demo");
    }

    @Test
    void start_ofFlagsThatCannotWork_throwsWhatPicocliKnows() {
        assertThatExceptionOfType(ParameterException.class)
                .isThrownBy(() -> start(List.of("--listen", "127.0.0.1:7", "--backend", "127.0.0.1:7")));
    }

    private static void assertUsageError(Result result, String message) {
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).startsWith("lb-examples: ").contains(message);
        assertThat(result.err().lines()).hasSize(1);
    }

    private static List<String> args(String... flags) {
        List<String> args = new ArrayList<>(List.of("--listen", "127.0.0.1:0", "--backend", BACKEND));
        args.addAll(List.of(flags));
        return args;
    }

    private static HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static LoadBalancerConfig configOf(String... flags) throws IOException {
        List<String> args = args(flags);
        args.add("--no-admin");
        try (RunningDemo running = start(args)) {
            return running.balancer().config();
        }
    }

    private static RunningDemo start(List<String> args) throws IOException {
        Demo demo = new Demo(List.of(0));
        DemoCommandLine.of(demo).parseArgs(args.toArray(String[]::new));
        return demo.start();
    }

    private static String defaultOf(String flag) {
        return DemoCommandLine.of(new Demo(List.of(0)))
                .getCommandSpec()
                .findOption(flag)
                .defaultValue();
    }

    private record Result(int exitCode, String out, String err) {}

    /** For flags that do not start anything: a demo that started would go on until its process ends. */
    private static Result execute(String... args) {
        return execute(new Demo(List.of(0)), args);
    }

    private static Result execute(Demo demo, String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine command = DemoCommandLine.of(demo)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
        return new Result(command.execute(args), out.toString(), err.toString());
    }
}
