package io.lb4j.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.examples.EmbeddedBackend;
import io.lb4j.examples.Http;
import io.lb4j.proxy.Frontend;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.ParameterException;

/** What the demo shows. The ports of its embedded backends, 8081 to 8083 for users, are any free ones here. */
class DemoTest {
    @Test
    void embeddedBackends_sixRequests_answerInTurn() throws IOException {
        try (RunningDemo running = start(List.of(0, 0, 0))) {
            List<String> ports = ports(running);
            List<String> twice = new ArrayList<>(ports);
            twice.addAll(ports);
            assertThat(ports).hasSize(3).doesNotHaveDuplicates();
            assertThat(requests(running, 6)).isEqualTo(twice);
        }
    }

    @Test
    void killedBackend_manyRequests_allSucceedOnTheOthers() throws IOException {
        try (RunningDemo running = start(List.of(0, 0, 0))) {
            List<String> ports = ports(running);
            assertThat(requests(running, 3)).isEqualTo(ports);
            running.embedded().get(1).stop();
            assertThat(requests(running, 30)).containsOnly(ports.get(0), ports.get(2));
        }
    }

    @Test
    void stop_askedOfABackend_endsItAndNoRequestFails() throws IOException {
        try (RunningDemo running = start(List.of(0, 0))) {
            List<String> ports = ports(running);
            Http.get(running.embedded().get(0).port(), "/stop");
            await().untilAsserted(() -> assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> Http.get(running.embedded().get(0).port())));
            assertThat(requests(running, 10)).containsOnly(ports.get(1));
        }
    }

    @Test
    void drain_isSaidInWords() throws IOException {
        try (RunningDemo running = start(List.of(0))) {
            assertThat(running.drainDescription(Duration.ZERO, Duration.ofSeconds(10)))
                    .isEqualTo("Draining: waiting up to 10 s for connections, none is open");
            try (Socket client = new Socket("127.0.0.1", running.balancer().port())) {
                await().until(() -> running.balancer().stats().proxy().active() == 1);
                assertThat(running.drainDescription(Duration.ZERO, Duration.ofSeconds(10)))
                        .isEqualTo("Draining: waiting up to 10 s for connections, 1 is open");
                assertThat(running.drainDescription(Duration.ofMillis(1500), Duration.ofMinutes(2)))
                        .isEqualTo(
                                "Draining: accepting for 1500 ms more, then waiting up to 2 min for connections, 1 is open");
                assertThat(client.isConnected()).isTrue();
            }
        }
    }

    @Test
    void port_onWhichSomethingListens_isUsedAsItIs() throws IOException {
        try (EmbeddedBackend other = EmbeddedBackend.start();
                RunningDemo running = start(List.of(other.port(), 0))) {
            assertThat(running.embedded()).hasSize(1);
            assertThat(requests(running, 2))
                    .startsWith(String.valueOf(other.port()))
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void port_takenBySomethingThatDoesNotListen_isLeftToTheHealthCheck() throws IOException {
        try (Socket holder = new Socket()) {
            holder.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
            try (RunningDemo running = start(List.of(holder.getLocalPort(), 0))) {
                assertThat(running.embedded()).hasSize(1);
                assertThat(requests(running, 4)).containsOnly(ports(running).get(0));
            }
        }
    }

    @Test
    void description_ofEmbeddedBackends_saysWhereAndWhatToTry() throws IOException {
        try (RunningDemo running = start(List.of(0, 0), "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0")) {
            int port = running.balancer().port();
            List<String> ports = ports(running);
            assertThat(running.description().lines())
                    .containsExactly(
                            "Listening on 127.0.0.1:" + port + ", backends:",
                            "  127.0.0.1:" + ports.get(0) + ", embedded: answers with its port",
                            "  127.0.0.1:" + ports.get(1) + ", embedded: answers with its port",
                            "Try:  curl 127.0.0.1:" + port + "   (again and again)",
                            "      curl 127.0.0.1:" + ports.get(0)
                                    + "/stop   (a backend ends; go on with the line above, and look at the log)",
                            "See:  http://127.0.0.1:" + running.admin().port() + "/",
                            "More: --verbose logs every connection; with LB4J_ADMIN_TOKEN=(8 characters or more) in the"
                                    + " environment that page can",
                            "      take a backend out and put it back",
                            "Stop: Ctrl-C");
        }
    }

    @Test
    void description_ofAllAddresses_triesLocalhost() throws IOException {
        try (RunningDemo running = start(List.of(), "--listen", "0.0.0.0:0", "--backend", "127.0.0.1:1,weight=0")) {
            int port = running.balancer().port();
            assertThat(running.description().lines())
                    .startsWith("Listening on 0.0.0.0:" + port + ", backends:", "  127.0.0.1:1, weight 0")
                    .contains("Try:  curl localhost:" + port + "   (again and again)");
        }
    }

    @Test
    void description_ofAnIpv6Address_quotesItsBrackets() throws IOException {
        assumeThat(NetworkInterface.getByInetAddress(InetAddress.getByName("::1")))
                .isNotNull();
        try (RunningDemo running = start(List.of(), "--listen", "[::1]:0", "--backend", "[::1]:1")) {
            assertThat(running.description())
                    .contains("Listening on [::1]:" + running.balancer().port(), "  [::1]:1\n", "curl -g '[::1]:");
        }
    }

    @Test
    void configFile_twoPoolsAndARange_leadsEachToItsOwn(@TempDir Path folder) throws IOException {
        try (EmbeddedBackend one = EmbeddedBackend.start();
                EmbeddedBackend two = EmbeddedBackend.start();
                EmbeddedBackend three = EmbeddedBackend.start();
                RunningDemo running =
                        startFrom(folder.resolve("demo.conf"), """
                        # Two pools, one with a range of ports.
                        --listen 127.0.0.1:0=writes        # any free port
                        --listen=127.0.0.1:%%d-%%d=reads

                        --pool "writes=127.0.0.1:%d,weight=3"
                        --pool reads=127.0.0.1:%d
                        --pool 'reads=127.0.0.1:%d'
                        --no-admin
                        """.formatted(one.port(), two.port(), three.port()))) {
            Frontend writes = running.balancer().frontends().get(0);
            Frontend reads = running.balancer().frontends().get(1);
            List<String> readers = List.of("" + two.port(), "" + three.port());
            assertThat(reads.addresses()).hasSize(3);
            for (InetSocketAddress place : reads.addresses()) {
                assertThat(List.of(Http.get(place.getPort()), Http.get(place.getPort())))
                        .containsExactlyInAnyOrderElementsOf(readers);
                assertThat(Http.get(writes.port())).isEqualTo("" + one.port());
            }
            assertThat(running.description().lines())
                    .startsWith(
                            "Listening on 127.0.0.1:" + writes.port() + ", pool writes:",
                            "  127.0.0.1:" + one.port() + ", weight 3",
                            "Listening on 127.0.0.1:" + reads.port() + "-" + (reads.port() + 2) + ", pool reads:",
                            "  127.0.0.1:" + two.port(),
                            "  127.0.0.1:" + three.port(),
                            "Try:  curl 127.0.0.1:" + writes.port() + "   (again and again)");
        }
    }

    @Test
    void description_ofTwoFrontendsOfOnePool_namesBoth() throws IOException {
        try (RunningDemo running = start(
                List.of(0), "--listen=0", "--listen=0", "--listen=0=api", "--pool=api=127.0.0.1:1", "--no-admin")) {
            List<Integer> ports =
                    running.balancer().frontends().stream().map(Frontend::port).toList();
            assertThat(running.description().lines())
                    .startsWith(
                            "Listening on 127.0.0.1:" + ports.get(0) + ", 127.0.0.1:" + ports.get(1) + ", backends:")
                    .contains("Listening on 127.0.0.1:" + ports.get(2) + ", pool api:");
        }
    }

    @Test
    void acceptProxyFrom_aTrustedProxy_saysWhoTheClientIs() throws IOException {
        try (RunningDemo running =
                start(List.of(0), "--listen=0", "--accept-proxy-from=127.0.0.1", "--deny=10.9.0.0/16", "--no-admin")) {
            assertThat(answerTo("10.8.0.1", running)).isEqualTo(ports(running).get(0));
            assertThatExceptionOfType(IOException.class).isThrownBy(() -> answerTo("10.9.0.1", running));
        }
    }

    private static String answerTo(String client, RunningDemo running) throws IOException {
        try (Socket proxy = new Socket("127.0.0.1", running.balancer().port())) {
            String header = "PROXY TCP4 " + client + " 192.168.0.1 50000 80\r\n";
            proxy.getOutputStream().write(header.getBytes(StandardCharsets.US_ASCII));
            return Http.get(proxy);
        }
    }

    @Test
    void description_ofRules_namesWhereTheyLeadAndHowToAsk() throws IOException {
        try (RunningDemo running = start(
                List.of(0),
                "--listen=0",
                "--listen=0=web",
                "--sni=api.example=api",
                "--sni=*.example=web",
                "--pool=api=127.0.0.1:1,proxy=v2",
                "--pool=web=127.0.0.1:2",
                "--accept-proxy-from=127.0.0.1",
                "--no-admin")) {
            List<Integer> ports =
                    running.balancer().frontends().stream().map(Frontend::port).toList();
            assertThat(running.description().lines())
                    .startsWith(
                            "Listening on 127.0.0.1:" + ports.get(0) + ", routes to api, web",
                            "pool api:",
                            "  127.0.0.1:1, proxy v2",
                            "Listening on 127.0.0.1:" + ports.get(1) + ", pool web:",
                            "  127.0.0.1:2",
                            "Try:  curl --haproxy-protocol -k --connect-to '::127.0.0.1:" + ports.get(0)
                                    + "' https://NAME/   (again and again)");
        }
    }

    /** With three ports for the two places in the text: others until nobody has one of them. */
    private static RunningDemo startFrom(Path file, String text) throws IOException {
        while (true) {
            int first = ThreadLocalRandom.current().nextInt(20_000, 30_000);
            Files.writeString(file, text.formatted(first, first + 2));
            try {
                return start(List.of(), "--config", file.toString());
            } catch (ParameterException taken) {
                assertThat(taken).hasMessageContaining("Address already in use");
            }
        }
    }

    static RunningDemo start(List<Integer> ports, String... flags) throws IOException {
        Demo demo = new Demo(ports);
        String[] args = flags.length == 0 ? new String[] {"--listen", "127.0.0.1:0"} : flags;
        DemoCommandLine.of(demo).parseArgs(args);
        return demo.start();
    }

    private static List<String> ports(RunningDemo running) {
        return running.embedded().stream()
                .map(backend -> String.valueOf(backend.port()))
                .toList();
    }

    private static List<String> requests(RunningDemo running, int count) throws IOException {
        List<String> answers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            answers.add(Http.get(running.balancer().port()));
        }
        return answers;
    }
}
