package io.lb4j.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import io.lb4j.LoadBalancer;
import io.lb4j.LoadBalancerConfig;
import io.lb4j.PoolConfig;
import io.lb4j.access.Bandwidth;
import io.lb4j.access.Cidr;
import io.lb4j.access.ClientLimits;
import io.lb4j.admin.AdminServer;
import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendStatus;
import io.lb4j.health.HealthCheckPolicy;
import io.lb4j.preface.ProxyVersion;
import io.lb4j.proxy.ConnectWhen;
import io.lb4j.proxy.EntryPolicy;
import io.lb4j.proxy.Frontend;
import io.lb4j.proxy.FrontendConfig;
import io.lb4j.proxy.ProxyProtocolPolicy;
import io.lb4j.proxy.ProxyProtocolPolicy.Untrusted;
import io.lb4j.selection.QueuePolicy;
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
import java.util.Optional;
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

    @Test
    void listen_repeated_isAFrontendEach() throws IOException {
        try (RunningDemo running =
                start(List.of("--listen=0", "--listen", "localhost:0", "--no-admin", "--listen=0"))) {
            assertThat(running.balancer().frontends())
                    .extracting(Frontend::name)
                    .containsExactly("127.0.0.1:any", "localhost:any-2", "127.0.0.1:any-3");
        }
    }

    @Test
    void entryFlags_inTheirOrder_areTheRulesAndLimitsOfEachPort() throws IOException {
        LoadBalancerConfig config = configOf(
                "--listen=0",
                "--listen=0",
                "--deny",
                "10.9.0.0/16",
                "--allow=10.0.0.0/8",
                "--deny=10.10.0.0/16",
                "--allow=::1",
                "--deny=all",
                "--max-connections-per-client=50",
                "--connect-rate-per-client=20/500ms",
                "--accept-rate=2000",
                "--bandwidth-per-connection=500k");
        assertThat(config.proxy().frontends()).extracting(FrontendConfig::entry).allSatisfy(entry -> {
            assertThat(entry.access().lines())
                    .containsExactly(
                            "deny 10.9.0.0/16",
                            "allow 10.0.0.0/8",
                            "deny 10.10.0.0/16",
                            "allow ::1/128",
                            "deny 0.0.0.0/0",
                            "deny ::/0",
                            "otherwise allow");
            assertThat(entry.acceptRate()).hasValue(2000);
            assertThat(entry.bandwidth())
                    .contains(Bandwidth.of(each -> each.toBackend(500_000).toClient(500_000)));
            ClientLimits limits = entry.clientLimits().orElseThrow();
            assertThat(limits.maxConnections()).hasValue(50);
            assertThat(limits.connectRate()).contains(new ClientLimits.Rate(20, Duration.ofMillis(500)));
        });
    }

    @Test
    void prefaceFlags_given_areThoseOfEachPort() throws IOException {
        LoadBalancerConfig config = configOf(
                "--listen=[::1]:0",
                "--accept-proxy-from",
                "10.0.0.0/8",
                "--accept-proxy-from=fd00::/8",
                "--connect-when=first-byte",
                "--preface-timeout=9s");
        assertThat(config.proxy().frontends()).hasSize(2).allSatisfy(frontend -> {
            EntryPolicy entry = frontend.entry();
            assertThat(entry.proxyProtocol())
                    .contains(new ProxyProtocolPolicy(
                            List.of(Cidr.parse("10.0.0.0/8"), Cidr.parse("fd00::/8")), Untrusted.REFUSE));
            assertThat(entry.connectWhen()).isEqualTo(ConnectWhen.FIRST_BYTE);
            assertThat(frontend.timeouts().preface()).isEqualTo(Duration.ofSeconds(9));
        });
    }

    @Test
    void tlsRules_given_areForEveryListenWithoutAPool() throws IOException {
        LoadBalancerConfig config = configOf(
                "--listen=0=web",
                "--listen=0=default",
                "--connect-when=first-byte",
                "--sni=api.example.com=api",
                "--sni",
                "*.example.com=web",
                "--alpn=acme-tls/1=acme",
                "--pool=api=127.0.0.1:2",
                "--pool=web=127.0.0.1:3,proxy=v2",
                "--pool=acme=127.0.0.1:4");
        assertThat(config.proxy().frontends())
                .extracting(FrontendConfig::destination, frontend -> frontend.entry()
                        .connectWhen())
                .containsExactly(
                        tuple("routes to acme, api, web", ConnectWhen.CLIENT_HELLO),
                        tuple("pool web", ConnectWhen.FIRST_BYTE),
                        tuple("pool default", ConnectWhen.FIRST_BYTE));
        assertThat(config.pools().get("web").backends().get(0).proxyProtocol()).contains(ProxyVersion.V2);
    }

    @Test
    void tlsRules_toTheDefaultPool_leadToWhatBackendGives() throws IOException {
        FrontendConfig frontend = configOf("--tls-otherwise=default", "--not-tls=ssh", "--pool=ssh=127.0.0.1:22")
                .proxy()
                .frontends()
                .get(0);
        assertThat(frontend.destination()).isEqualTo("routes to default, ssh");
        assertThat(frontend.entry().connectWhen()).isEqualTo(ConnectWhen.CLIENT_HELLO_OR_SILENCE);
        assertEmbedded(0, "--sni=a=api", "--pool=api=127.0.0.1:1");
        assertEmbedded(1, "--sni=a=api", "--pool=api=127.0.0.1:1", "--not-tls=default");
    }

    private static void assertEmbedded(int count, String... flags) throws IOException {
        List<String> args = new ArrayList<>(List.of("--no-admin", "--listen=0"));
        args.addAll(List.of(flags));
        try (RunningDemo running = start(args)) {
            assertThat(running.embedded()).hasSize(count);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--accept-proxy-from=10.1.0.0/8 | cidr: 10.1.0.0/8 (expected: 10.0.0.0/8)",
                "--accept-proxy-from=all | cidr: all (expected: an address and a prefix",
                "--deny=10.1.0.0/8 | cidr: 10.1.0.0/8 (expected: 10.0.0.0/8)",
                "--allow=example.org | cidr: example.org (expected: an address",
                "--accept-rate=0 | Invalid value for option '--accept-rate': acceptRate: 0 (expected: 1..1000000)",
                "--max-connections-per-client=0 | Invalid value for option '--max-connections-per-client': clientLimits"
                        + " maxConnections: 0 (expected: 1..10000000)",
                "--bandwidth-per-connection=0 | bandwidth toBackend: 0 (expected: 1..1000000000000)",
                "--bandwidth-per-connection=9999999999999g | (expected: 1..1000000000000)",
                "--bandwidth-per-connection=5x | \"5x\" (expected: bytes a second, as 500000, 500k, 10m or 1g)",
                "--queue=,5s | \",5s\" (expected: a duration like 500ms, 5s, 10m or 1h)",
                "--queue=5,s | \"s\" (expected: a duration like 500ms, 5s, 10m or 1h)",
                "--queue=0,5s | queue maxWaiting: 0 (expected: 1..2147483647)",
                "--connect-rate-per-client=20 | Invalid value for option '--connect-rate-per-client': \"20\" (expected: a"
                        + " number and a duration, as 20/1s)",
                "--connect-rate-per-client=0/1s | Invalid value for option '--connect-rate-per-client': clientLimits"
                        + " connectRate: 0 (expected: 1..1000000)",
            })
    void entryFlags_thatCannotWork_areTold(String flag, String message) {
        assertThatExceptionOfType(ParameterException.class)
                .isThrownBy(() -> configOf(flag))
                .withMessageContaining(flag.split("=", -1)[0])
                .withMessageContaining(message);
    }

    @Test
    void pool_severalTimes_isAPoolForEachNameWithAllItsBackends() throws IOException {
        LoadBalancerConfig config = configOf(
                "--listen=0=a",
                "--listen=0=b",
                "--pool=a=127.0.0.1:2,weight=3,[::1]:1,id=x,priority=1",
                "--pool",
                "b=127.0.0.1:2",
                "--pool=a=127.0.0.1:4,max-connections=7");
        assertThat(config.pools().keySet()).containsExactly("default", "a", "b");
        assertThat(config.pools().get("a").backends())
                .extracting(Backend::id, Backend::weight, Backend::priority)
                .containsExactly(tuple("a/127.0.0.1:2", 3, 0), tuple("x", 1, 1), tuple("a/127.0.0.1:4", 1, 0));
        assertThat(config.pools().get("a").backends().get(2).maxConnections()).hasValue(7);
        assertThat(config.pools().get("b").backends()).extracting(Backend::id).containsExactly("b/127.0.0.1:2");
        assertThat(config.proxy().frontends())
                .extracting(FrontendConfig::destination)
                .containsExactly("pool default", "pool a", "pool b");
    }

    @Test
    void pools_allOfThem_haveWhatTheFlagsSayAndASelectorEach() throws IOException {
        LoadBalancerConfig config = configOf(
                "--listen=0=a",
                "--pool=a=127.0.0.1:2",
                "--selector=sticky",
                "--slow-start=9s",
                "--queue=3s",
                "--health-interval=1h",
                "--health-timeout=2s");
        PoolConfig pool = config.pools().get("a");
        assertThat(pool.selector())
                .hasToString("sticky")
                .isNotSameAs(config.defaultPool().selector());
        assertThat(pool.slowStart()).contains(Duration.ofSeconds(9));
        assertThat(pool.queue().orElseThrow().timeout()).contains(Duration.ofSeconds(3));
        assertThat(pool.healthCheck().orElseThrow().interval()).isEqualTo(Duration.ofHours(1));
        assertThat(pool.healthCheck().orElseThrow().timeout()).isEqualTo(Duration.ofSeconds(2));
        PoolConfig unchecked = configOf("--listen=0=a", "--pool=a=127.0.0.1:2", "--no-queue", "--no-health-checks")
                .pools()
                .get("a");
        assertThat(unchecked.queue()).isEmpty();
        assertThat(unchecked.healthCheck()).isEmpty();
    }

    @Test
    void embeddedBackends_whenEveryListenLeadsToAPool_areNone() throws IOException {
        try (RunningDemo running = start(List.of("--no-admin", "--listen=0=a", "--pool=a=127.0.0.1:1"))) {
            assertThat(running.embedded()).isEmpty();
            assertThat(running.balancer().config().pools().keySet()).containsExactly("a");
        }
        try (RunningDemo running = start(List.of("--no-admin", "--listen=0=a", "--pool=a=127.0.0.1:1", "--listen=0"))) {
            assertThat(running.embedded()).hasSize(1);
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
        assertThat(configOf("--queue", "3s").defaultPool().queue().orElseThrow().timeout())
                .contains(Duration.ofSeconds(3));
        assertThat(configOf("--queue=100").defaultPool().queue()).contains(new QueuePolicy(100, Optional.empty()));
        assertThat(configOf("--queue=100,500ms").defaultPool().queue())
                .contains(new QueuePolicy(100, Optional.of(Duration.ofMillis(500))));
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
                        "--listen=[HOST:]PORT[-PORT][=POOL]",
                        "--pool=NAME=HOST:PORT[,weight=N]...[,HOST:PORT...]",
                        "--config=FILE",
                        "--backend=HOST:PORT[,weight=N]...",
                        "--selector=NAME",
                        "--slow-start=DURATION",
                        "--event-loops=N",
                        "--transport=TRANSPORT")
                .contains("--health-interval=DURATION", "--health-timeout=DURATION", "--connect-timeout=DURATION")
                .contains("--idle-timeout=DURATION", "--max-connections=N", "--no-health-checks", "--verbose")
                .contains("--admin=[HOST:]PORT", "--admin-token=TOKEN", "--admin-token-file=FILE", "--no-admin")
                .contains("--accept-proxy-from=CIDR", "--connect-when=WHEN", "--preface-timeout=DURATION")
                .contains("--sni=NAME=POOL", "--alpn=NAME=POOL", "--tls-otherwise=POOL", "--not-tls=POOL")
                .contains("--drain-grace=DURATION", "--lame-duck=DURATION", "LB4J_ADMIN_TOKEN");
        assertThat(result.out().replaceAll("\\s+", " "))
                .contains(
                        ",weight=N its share",
                        ",priority=N its tier",
                        ",max-connections=N",
                        ",proxy=v1 or ,proxy=v2",
                        ",id=NAME")
                .contains("0 means no new connections, and is all that round-robin and first care for")
                .contains("is chosen: " + Selectors.names()
                        + ". This and all flags from here to --no-health-checks hold for"
                        + " every pool. Default: round-robin");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--frobnicate | '--frobnicate'",
                "surplus | 'surplus'",
                "--listen | Missing required parameter for option '--listen'",
                "--listen here | '--listen' ([HOST:]PORT[-PORT][=POOL]): \"here\" (expected: [HOST:]PORT[-PORT][=POOL]",
                "--listen 65536 | '--listen' ([HOST:]PORT[-PORT][=POOL]): listen port: 65536 (expected: 0..65535)",
                "--listen 7010-7000 | listen ports: 7010-7000 (expected: from the lowest, 1 or more, to the highest)",
                "--listen 7000- | \"7000-\" (expected: [HOST:]PORT[-PORT][=POOL]",
                "--listen 7= | \"7=\" (expected: [HOST:]PORT[-PORT][=POOL]",
                "--listen 7=api | '--listen': pool: api (expected: a --pool, there is none)",
                "--listen 7=a --listen 8=b --pool b=127.0.0.1:1 | '--listen': pool: a (expected: a --pool, one of b)",
                "--pool api | '--pool' (NAME=HOST:PORT[,weight=N]...[,HOST:PORT...]): \"api\" (expected: NAME=HOST:PORT",
                "--pool api= | \"api=\" (expected: NAME=HOST:PORT",
                "--pool =127.0.0.1:1 | \"=127.0.0.1:1\" (expected: NAME=HOST:PORT",
                "--pool api=127.0.0.1:1, | \"\" (expected: HOST:PORT",
                "--pool api=127.0.0.1:1,weight=-1 | '--pool' (NAME=HOST:PORT[,weight=N]...[,HOST:PORT...]): weight: -1",
                "--pool api=127.0.0.1:1,wieght=1 | \"127.0.0.1:1,wieght=1\" (expected: HOST:PORT[,weight=N]",
                "--pool api=weight=1 | \"weight=1\" (expected: HOST:PORT",
                "--pool api=127.0.0.1:1 --pool api=127.0.0.1:1 | '--pool': backend id: 127.0.0.1:1 (expected: one not added",
                "--pool a=127.0.0.1:1,id=x --pool b=127.0.0.1:2,id=x | '--pool': backend id: x (expected: one that no",
                "--pool default=127.0.0.1:1 | \"default\" (expected: another name; those of --backend are that pool)",
                "--listen 7 --listen 8=a --backend a:1,id=x --pool a=a:2,id=x | backend id: x (expected: one that no backend",
                "--pool api=127.0.0.1:1 | '--pool': api (expected: one that a --listen leads to, as in --listen 8080=api)",
                "--listen 7=api --pool api=127.0.0.1:1 --backend 127.0.0.1:2 | '--backend': 127.0.0.1:2 (expected: a --listen",
                "--sni a.example=api | '--sni': pool: api (expected: a --pool, there is none)",
                "--alpn h2=api --pool=a=b:1 | '--alpn': pool: api (expected: a --pool, one of a)",
                "--not-tls ssh --tls-otherwise a --pool=a=b:1 | '--not-tls': pool: ssh (expected: a --pool, one of a)",
                "--sni api | '--sni' (NAME=POOL): \"api\" (expected: NAME=POOL)",
                "--sni a=x --sni a=y --pool=x=b:1 | '--sni': serverName a: y (expected: one rule; it leads to x already)",
                "--alpn a=x --alpn a=y --pool=x=b:1 | '--alpn': alpn a: y (expected: one rule; it leads to x already)",
                "--sni 10.0.0.1:7=x --pool=x=b:1 | '--sni': serverName: 10.0.0.1:7 (expected: a host name in ASCII",
                "--listen 7=x --sni a=x --pool=x=b:1 | '--sni': x (expected: a --listen without =POOL, whose clients get it)",
                "--sni a=x --pool=x=b:1 --backend c:1 | '--backend': c:1 (expected: a --listen that leads there, as --listen",
                "--sni a=x --pool=x=b:1 --pool=y=b:2 | '--pool': y (expected: one that a --listen leads to",
                "--connect-when client-hello | '--connect-when': \"client-hello\" (expected: accepted or first-byte)",
                "--preface-timeout 0s | '--preface-timeout': timeouts preface: PT0S",
                "--listen 127.0.0.1:7-9=api --pool api=127.0.0.1:8 | is the balancer's own listener",
                "--config | Missing required parameter for option '--config' (FILE)",
                "--config= | '--config': cannot read",
                "--config /no/such/file | '--config': cannot read /no/such/file",
                "@/no/such/file | '@/no/such/file'",
                "--backends 127.0.0.1:1 | (did you mean --backend? see --help)",
                "--lame-duck soon | '--lame-duck': \"soon\"",
                "--drain-grace 5 | '--drain-grace': \"5\"",
                "--listen 127.0.0.1:65536 | '--listen' ([HOST:]PORT[-PORT][=POOL]): listen port: 65536 (expected: 0..65535)",
                "--listen 127.0.0.1:7 --listen 127.0.0.1:7 | '--listen': ",
                "--listen 127.0.0.1:7-9 --listen 127.0.0.1:9 | '--listen': ",
                "--selector random --selector first | '--selector' (NAME) should be specified only once",
                "--listen 127.0.0.1:7 --backend 127.0.0.1:7 | is the balancer's own listener",
                "--backend 127.0.0.1:1,weight=-1 | '--backend' (HOST:PORT[,weight=N]...): weight: -1 (expected: 0..1000)",
                "--backend ::1:9000 | an IPv6 address in brackets",
                "--backend 127.0.0.1:1 --backend 127.0.0.1:1 | '--backend': backend id: 127.0.0.1:1",
                "--selector fastest | '--selector': \"fastest\" (expected: one of round-robin,",
                "--slow-start 0s | '--slow-start': slowStart: PT0S",
                "--event-loops 0 | '--event-loops': eventLoops: 0 (expected: 1..1024)",
                "--event-loops many | '--event-loops': 'many' is not an int",
                "--transport epoll | '--transport': \"epoll\" (expected: auto, jdk or native)",
                "--max-connections 0 | '--max-connections': limits connections: 0 (expected: 1..2147483647)",
                "--connect-timeout 5 | '--connect-timeout': \"5\" (expected: a duration like 500ms, 5s, 10m or 1h)",
                "--connect-timeout 0s | '--connect-timeout': timeouts connect: PT0S",
                "--idle-timeout 999999999h | '--idle-timeout': timeouts idle: ",
                "--health-interval 0ms | '--health-interval': health check interval: PT0S",
                "--health-timeout soon | '--health-timeout': \"soon\"",
                "--no-queue --queue 5s | --queue makes no sense with --no-queue",
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
