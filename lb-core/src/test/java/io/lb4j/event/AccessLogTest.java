package io.lb4j.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.LoadBalancer;
import io.lb4j.LoadBalancerBuilder;
import io.lb4j.backend.Backend;
import io.lb4j.testing.EventLog;
import io.lb4j.testing.KernelSockets;
import io.lb4j.testing.LogCapture;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Program;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One line for each connection, in both formats. */
class AccessLogTest {
    private static final Logger LOGGER = LoggerFactory.getLogger("io.lb4j.test.access");
    private static final Pattern FIELD = Pattern.compile("(\\w+)=(\"(?:[^\"\\\\]|\\\\.)*\"|[^ \"=]+)( |$)");
    private static final Pattern TCPLOG = Pattern.compile("(?<client>\\S+):\\d+"
            + " \\[\\d\\d/[A-Z][a-z]{2}/\\d{4}:\\d\\d:\\d\\d:\\d\\d\\.\\d{3}\\]"
            + " (?<frontend>\\S+) (?<backend>[^/ ]+)/(?<server>\\S+)"
            + " (?<queued>-?\\d+)/(?<connect>-?\\d+)/(?<total>\\d+)"
            + " (?<bytes>\\d+) (?<code>..) (?<connections>\\d+/\\d+/\\d+/\\d+/\\d+) (?<queues>0/0)");

    @RegisterExtension
    final Resources resources = new Resources();

    private final LogCapture log = resources.add(LogCapture.open());
    private final EventLog events = new EventLog();

    @Test
    void readable_tellsEveryFieldOfTheSummary() {
        LoadBalancer lb =
                start(AccessLog.to(LOGGER), Backend.of("127.0.0.1", talking().port()));
        exchange(lb.port());
        ConnectionSummary summary = events.await(ConnectionSummary.class);
        Map<String, String> fields = fields(line("client="));
        assertThat(fields.keySet())
                .containsExactly(
                        "id",
                        "client",
                        "frontend",
                        "pool",
                        "backend",
                        "address",
                        "attempts",
                        "queue",
                        "connect",
                        "first_byte",
                        "duration",
                        "to_backend",
                        "to_client",
                        "reason",
                        "phase",
                        "ended_by",
                        "code",
                        "cause");
        assertThat(fields)
                .containsEntry("id", String.valueOf(summary.id()))
                .containsEntry("client", "127.0.0.1:" + summary.clientAddress().getPort())
                .containsEntry("frontend", "127.0.0.1:any")
                .containsEntry("pool", "default")
                .containsEntry("backend", summary.backend().id())
                .containsEntry("address", summary.backend().hostAndPort())
                .containsEntry("attempts", "1")
                .containsEntry("connect", millis(summary.connectTime()))
                .containsEntry("first_byte", millis(summary.timeToFirstByte()))
                .containsEntry("duration", millis(summary.duration()))
                .containsEntry("to_backend", "5")
                .containsEntry("to_client", "9")
                .containsEntry("reason", "COMPLETED")
                .containsEntry("phase", "FINISHED")
                .containsEntry("ended_by", "CLIENT")
                .containsEntry("code", "--")
                .containsEntry("cause", "-");
    }

    @Test
    void readable_ofAConnectionThatWasNeverServed() {
        TestBackend.Refusing refusing = resources.add(TestBackend.refusing());
        LoadBalancer lb = start(AccessLog.to(LOGGER), Backend.of("127.0.0.1", refusing.port()));
        Peer.connect(lb.port()).close();
        assertThat(fields(line("client=")))
                .containsEntry("frontend", "127.0.0.1:any")
                .containsEntry("pool", "-")
                .containsEntry("backend", "-")
                .containsEntry("address", "-")
                .containsEntry("connect", "-")
                .containsEntry("first_byte", "-")
                .containsEntry("code", "SC")
                .containsEntry("cause", "\"Connection refused\"");
    }

    @Test
    void noNameAndNoMessage_canForgeAFieldOrALine() {
        Backend hostile = Backend.of("10.0.0.1", 1).withId("x\"=\\\u202e");
        ConnectionSummary summary = new ConnectionSummary(
                7,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 1000),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 1001),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 2000),
                "f\" pool=\n",
                "name\" pool=\n",
                null,
                hostile,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 3000),
                1,
                Duration.ZERO,
                Duration.ofNanos(1_999_999),
                null,
                Duration.ofSeconds(2),
                0,
                0,
                CloseReason.BACKEND_RESET,
                ConnectionPhase.RELAYING,
                Party.BACKEND,
                new ConnectException("no\" code=-- \\\r\nid=8 client=10.0.0.1:1 \u001b[31m"));
        AccessLog.to(LOGGER).connectionClosed(summary);
        AccessLog.haproxy(LOGGER, "or ders/\n").connectionClosed(summary);
        assertThat(log.messages()).hasSize(2).allSatisfy(line -> assertThat(line)
                .matches("[ -~]+"));
        assertThat(fields(log.messages().get(0)))
                .hasSize(20)
                .containsEntry("peer", "127.0.0.1:1001")
                .containsEntry("server_name", "\"name\\\" pool=\\u000a\"")
                .containsEntry("frontend", "\"f\\\" pool=\\u000a\"")
                .containsEntry("id", "7")
                .containsEntry("backend", "\"x\\\"=\\\\\\u202e\"")
                .containsEntry("connect", "1.999ms")
                .containsEntry("code", "SD")
                .containsEntry("cause", "\"no\\\" code=-- \\\\\\u000d\\u000aid=8 client=10.0.0.1:1 \\u001b[31m\"");
        Matcher tcplog = tcplog(log.messages().get(1));
        assertThat(tcplog.group("frontend")).isEqualTo("or_ders__");
        assertThat(tcplog.group("server")).isEqualTo("x_=\\_");
    }

    /** As HAProxy says of it: its frontend, its backend, which is our pool, and its server; counted each by itself. */
    @Test
    void severalFrontendsAndPools_areToldApart_inBothFormats() {
        LoadBalancer lb = resources.add(LoadBalancer.builder()
                .noHealthCheck()
                .listen("127.0.0.1", 0, frontend -> frontend.name("web"))
                .listen("127.0.0.1", 0, frontend -> frontend.name("api").pool("apis"))
                .listen("127.0.0.1", 0, frontend -> frontend.name("none").route(connection -> null))
                .backend(Backend.of("127.0.0.1", talking().port()).withId("blue"))
                .pool("apis", pool -> pool.noHealthCheck()
                        .backend(Backend.of("127.0.0.1", talking().port()).withId("green")))
                .listener(AccessLog.to(LOGGER))
                .listener(AccessLog.haproxy(LOGGER))
                .listener(AccessLog.haproxy(LOGGER, "all"))
                .start());
        Peer open = resources.add(Peer.connect(lb.frontend("web").port()));
        assertThat(open.send("hello").receiveText(9)).isEqualTo("123456789");

        exchange(lb.frontend("api").port());
        assertThat(fields(line("frontend=api ")))
                .containsEntry("frontend", "api")
                .containsEntry("pool", "apis");
        assertThat(withoutTimes(tcplog(line(" api ")))).isEqualTo("api apis/green 9 -- 2/1/0/0/0 0/0");
        assertThat(withoutTimes(tcplog(line(" all ")))).isEqualTo("all all/green 9 -- 2/2/1/0/0 0/0");

        Peer.connect(lb.frontend("none").port()).close();
        assertThat(withoutTimes(tcplog(line(" none ")))).isEqualTo("none none/<NOSRV> 0 SC 2/1/0/0/0 0/0");
        assertThat(log.messages("frontend=none")).singleElement().asString().contains(" pool=- backend=- ");

        open.fin().receiveToEnd();
        assertThat(withoutTimes(tcplog(line(" web ")))).isEqualTo("web default/blue 9 -- 1/1/0/0/0 0/0");
    }

    /** The same happens to clients of HAProxy and to ours; the lines may differ in times and ports alone. */
    @Test
    void haproxyFormat_isThatOfHaproxy(@TempDir Path folder) {
        String haproxy = Program.require("haproxy", "/usr/sbin");
        TestBackend backend = talking();
        LoadBalancer lb = start(
                AccessLog.haproxy(LOGGER, "orders"),
                Backend.of("127.0.0.1", backend.port()).withId("blue"));
        List<String> ours = experience(lb.port(), () -> log.messages("orders/blue"));
        try (Program.Server theirs = startHaproxy(haproxy, folder, backend.port())) {
            assertThat(experience(theirs.port(), () -> theirs.program()
                            .output()
                            .lines()
                            .filter(line -> line.contains("orders/blue"))
                            .toList()))
                    .isEqualTo(ours);
        }
        assertThat(ours)
                .containsExactly(
                        "orders orders/blue 9 -- 1/1/0/0/0 0/0",
                        "orders orders/blue 9 SD 1/1/0/0/0 0/0",
                        "orders orders/blue 9 CD 1/1/0/0/0 0/0");
    }

    @Test
    void haproxyFormat_ofAConnectionThatWasNeverServed() {
        TestBackend.Refusing refusing = resources.add(TestBackend.refusing());
        LoadBalancer lb = start(AccessLog.haproxy(LOGGER, "orders"), Backend.of("127.0.0.1", refusing.port()));
        Peer.connect(lb.port()).close();
        Matcher line = tcplog(line("orders"));
        assertThat(line.group("queued")).isEqualTo("0");
        assertThat(line.group("connect")).isEqualTo("-1");
        assertThat(withoutTimes(line)).isEqualTo("orders orders/<NOSRV> 0 SC 1/1/0/0/0 0/0");
    }

    /** A client that ends, one whose backend resets, one that resets; and the line that each leaves. */
    private static List<String> experience(int port, Supplier<List<String>> lines) {
        exchange(port);
        await().until(() -> lines.get().size() == 1);
        try (Peer client = Peer.connect(port)) {
            assertThat(client.send("reset").receiveText(9)).isEqualTo("123456789");
            client.send(".").receiveToEnd();
        }
        await().until(() -> lines.get().size() == 2);
        try (Peer client = Peer.connect(port)) {
            assertThat(client.send("hello").receiveText(9)).isEqualTo("123456789");
            client.rst();
        }
        await().until(() -> lines.get().size() == 3);
        return lines.get().stream().map(line -> withoutTimes(tcplog(line))).toList();
    }

    private static String withoutTimes(Matcher line) {
        assertThat(line.group("client")).isEqualTo("127.0.0.1");
        return String.join(
                " ",
                line.group("frontend"),
                line.group("backend") + "/" + line.group("server"),
                line.group("bytes"),
                line.group("code"),
                line.group("connections"),
                line.group("queues"));
    }

    private static Program.Server startHaproxy(String haproxy, Path folder, int backendPort) {
        return Program.startOnFreePort(
                port -> Program.start(haproxy, "-db", "-f", configuration(folder, port, backendPort)),
                (program, port) -> KernelSockets.isListening(port));
    }

    private static String configuration(Path folder, int port, int backendPort) {
        try {
            return Files.writeString(folder.resolve("haproxy.cfg"), """
                    global
                      log stdout format raw local0
                      nbthread 1
                    defaults
                      mode tcp
                      log global
                      option tcplog
                      timeout connect 5s
                      timeout client 30s
                      timeout server 30s
                    frontend orders
                      bind 127.0.0.1:%d
                      default_backend orders
                    backend orders
                      server blue 127.0.0.1:%d
                    """.formatted(port, backendPort))
                    .toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // ---- what they have in common

    /** Takes five bytes, answers nine, and ends after the client has; or resets, if they are that word, after one more. */
    private TestBackend talking() {
        return resources.add(TestBackend.serving(peer -> {
            boolean resets = peer.receiveText(5).equals("reset");
            peer.send("123456789");
            if (resets) {
                peer.receiveText(1);
                peer.rst();
            } else {
                peer.receiveToEnd();
            }
        }));
    }

    private static void exchange(int port) {
        try (Peer client = Peer.connect(port)) {
            client.send("hello");
            assertThat(client.receiveText(9)).isEqualTo("123456789");
            client.fin().receiveToEnd();
        }
    }

    private LoadBalancer start(AccessLog access, Backend backend) {
        LoadBalancerBuilder builder =
                LoadBalancer.builder().listen("127.0.0.1", 0).noHealthCheck();
        return resources.add(
                builder.backend(backend).listener(access).listener(events).start());
    }

    private String line(String part) {
        await().untilAsserted(() -> assertThat(log.messages(part)).hasSize(1));
        return log.messages(part).get(0);
    }

    private static Map<String, String> fields(String line) {
        Map<String, String> fields = new LinkedHashMap<>();
        Matcher field = FIELD.matcher(line);
        int end = 0;
        while (field.lookingAt()) {
            fields.put(field.group(1), field.group(2));
            end = field.end();
            field.region(end, line.length());
        }
        assertThat(end).as(line).isEqualTo(line.length());
        return fields;
    }

    private static Matcher tcplog(String line) {
        Matcher matcher = TCPLOG.matcher(line);
        assertThat(matcher.matches()).as(line).isTrue();
        return matcher;
    }

    private static String millis(Duration duration) {
        return String.format(Locale.ROOT, "%d.%03dms", duration.toMillis(), duration.toNanos() / 1000 % 1000);
    }
}
