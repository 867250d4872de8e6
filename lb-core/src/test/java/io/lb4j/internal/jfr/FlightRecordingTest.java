package io.lb4j.internal.jfr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.LoadBalancer;
import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendStatus;
import io.lb4j.event.BackendStatusChanged;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.event.HealthCheckEnded;
import io.lb4j.proxy.TcpProxy;
import io.lb4j.testing.EventLog;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Program;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What a flight recording tells of connections, attempts, checks and backends. */
class FlightRecordingTest {
    private static final Duration NOT_AVAILABLE = Duration.ofSeconds(Long.MIN_VALUE);

    @RegisterExtension
    final Resources resources = new Resources();

    @TempDir
    Path folder;

    private final EventLog events = new EventLog();
    private final AtomicBoolean fails = new AtomicBoolean();
    private final TestBackend.Refusing refusing = resources.add(TestBackend.refusing());
    private final TestBackend echoing = resources.add(TestBackend.echoing());

    @Test
    void recording_tellsWhatHappened() throws IOException {
        LoadBalancer lb;
        try (Recording recording = new Recording()) {
            recording.start();
            lb = start();
            exchange(lb);
            recording.stop();
            recording.dump(folder.resolve("recording.jfr"));
        }
        ConnectionSummary summary = events.await(ConnectionSummary.class);
        List<RecordedEvent> recorded = RecordingFile.readAllEvents(folder.resolve("recording.jfr")).stream()
                .filter(event -> event.getEventType().getName().startsWith("io.lb4j."))
                .filter(event -> event.getString("balancer").equals(lb.name()))
                .toList();

        RecordedEvent connection = only(recorded, "io.lb4j.Connection");
        assertThat(connection.getLong("connection")).isEqualTo(summary.id());
        assertThat(connection.getString("client"))
                .isEqualTo("127.0.0.1:" + summary.clientAddress().getPort());
        assertThat(connection.getString("frontend")).isEqualTo("127.0.0.1:any");
        assertThat(connection.getString("pool")).isEqualTo("default");
        assertThat(connection.getString("backend")).isEqualTo("live");
        assertThat(connection.getString("backendAddress")).isEqualTo("127.0.0.1:" + echoing.port());
        assertThat(connection.getInt("attempts")).isEqualTo(2);
        assertThat(connection.getDuration("connectTime")).isEqualTo(summary.connectTime());
        assertThat(connection.getDuration("timeToFirstByte")).isEqualTo(summary.timeToFirstByte());
        assertThat(connection.getDuration("lifetime")).isEqualTo(summary.duration());
        assertThat(connection.getLong("bytesToBackend")).isEqualTo(3);
        assertThat(connection.getLong("bytesToClient")).isEqualTo(3);
        assertThat(connection.getString("reason")).isEqualTo("COMPLETED");
        assertThat(connection.getString("phase")).isEqualTo("FINISHED");
        assertThat(connection.getString("endedBy")).isEqualTo("CLIENT");
        assertThat(connection.getString("cause")).isNull();

        List<RecordedEvent> attempts = named(recorded, "io.lb4j.ConnectAttempt");
        assertThat(attempts).hasSize(2);
        assertThat(attempts.get(0).getString("backend")).isEqualTo("dead");
        assertThat(attempts.get(0).getInt("attempt")).isEqualTo(1);
        assertThat(attempts.get(0).getBoolean("succeeded")).isFalse();
        assertThat(attempts.get(0).getString("failure")).isEqualTo("REFUSED");
        assertLongText(attempts.get(0), "message", "Connection refused");
        assertThat(attempts.get(0).getDuration("took")).isPositive();
        assertThat(attempts.get(1).getString("backend")).isEqualTo("live");
        assertThat(attempts.get(1).getInt("attempt")).isEqualTo(2);
        assertThat(attempts.get(1).getBoolean("succeeded")).isTrue();
        assertThat(attempts.get(1).getLong("connection")).isEqualTo(summary.id());
        assertThat(attempts.get(1).getDuration("took")).isEqualTo(summary.connectTime());

        List<RecordedEvent> checks = named(recorded, "io.lb4j.HealthCheck");
        assertThat(checks.get(0).getBoolean("passed")).isTrue();
        assertThat(checks.get(0).getString("message")).isEmpty();
        RecordedEvent check = checks.stream()
                .filter(event -> !event.getBoolean("passed"))
                .findFirst()
                .orElseThrow();
        assertThat(check.getString("backend")).isIn("dead", "live");
        assertThat(check.getString("message")).isEqualTo("scripted");
        assertThat(check.getDuration("took")).isPositive();

        RecordedEvent status = named(recorded, "io.lb4j.BackendStatus").get(0);
        assertThat(status.getString("before")).isEqualTo("UP");
        assertThat(status.getString("after")).isEqualTo("DOWN");
        assertLongText(status, "because", "after 2 failed checks (scripted)");
    }

    @Test
    void everyEvent_knowsFrontendAndPool() throws IOException {
        LoadBalancer lb;
        try (Recording recording = new Recording()) {
            recording.start();
            lb = resources.add(LoadBalancer.builder()
                    .name("recorded")
                    .listen("127.0.0.1", 0, frontend -> frontend.name("web"))
                    .listen("127.0.0.1", 0, frontend -> frontend.name("api").pool("apis"))
                    .noHealthCheck()
                    .backend("127.0.0.1", echoing.port())
                    .pool("apis", pool -> pool.backend(
                                    Backend.of("127.0.0.1", refusing.port()).withId("dead"))
                            .backend(Backend.of("127.0.0.1", echoing.port()).withId("live"))
                            .healthCheck(check -> check.interval(Duration.ofMillis(20))
                                    .checker((backend, timeout) -> {
                                        if (fails.get()) {
                                            throw new IllegalStateException("scripted");
                                        }
                                    })))
                    .start());
            lb.addListener(events);
            events.await(HealthCheckEnded.class);
            for (String frontend : List.of("api", "web")) {
                try (Peer client = Peer.connect(lb.frontend(frontend).port())) {
                    assertThat(client.send("abc").receiveText(3)).isEqualTo("abc");
                    client.fin().receiveToEnd();
                }
            }
            await().until(() -> events.of(ConnectionSummary.class).size() == 2);
            fails.set(true);
            awaitDown(2);
            recording.stop();
            recording.dump(folder.resolve("recording.jfr"));
        }
        List<RecordedEvent> recorded = RecordingFile.readAllEvents(folder.resolve("recording.jfr"));
        assertThat(named(recorded, "io.lb4j.Connection"))
                .extracting(event -> event.getString("frontend") + " " + event.getString("pool"))
                .containsExactlyInAnyOrder("api apis", "web default");
        assertThat(named(recorded, "io.lb4j.ConnectAttempt"))
                .extracting(event -> event.getString("frontend") + " " + event.getString("pool") + " "
                        + event.getBoolean("succeeded"))
                // Two loops wrote them, each in its own buffer.
                .containsExactlyInAnyOrder("api apis false", "api apis true", "web default true");
        assertThat(named(recorded, "io.lb4j.HealthCheck"))
                .isNotEmpty()
                .allSatisfy(event -> assertThat(event.getString("pool")).isEqualTo("apis"));
        assertThat(named(recorded, "io.lb4j.BackendStatus"))
                .hasSize(2)
                .allSatisfy(event -> assertThat(event.getString("pool")).isEqualTo("apis"));
    }

    @Test
    void connection_ofAProxyAlone_thatWasNeverServed_hasNoTimeToFirstByte() throws IOException {
        TcpProxy proxy = resources.add(TcpProxy.builder()
                .listen("127.0.0.1", 0)
                .to("127.0.0.1", refusing.port())
                .start());
        proxy.addListener(events);
        try (Recording recording = new Recording()) {
            recording.start();
            Peer.connect(proxy.port()).close();
            events.await(ConnectionSummary.class);
            recording.stop();
            recording.dump(folder.resolve("recording.jfr"));
        }
        RecordedEvent connection =
                only(RecordingFile.readAllEvents(folder.resolve("recording.jfr")), "io.lb4j.Connection");
        assertThat(connection.getDuration("timeToFirstByte")).isEqualTo(NOT_AVAILABLE);
        assertThat(connection.getString("frontend")).isEqualTo("127.0.0.1:any");
        assertThat(connection.getString("pool")).isNull();
        assertThat(connection.getString("backend")).isNull();
        assertLongText(connection, "cause", "java.net.ConnectException: Connection refused");
    }

    /** The way an operator goes. */
    @Test
    void jcmdAndJfr_showTheEvents() {
        String bin = System.getProperty("java.home") + "/bin";
        String jcmd = Program.require("jcmd", bin);
        String jfr = Program.require("jfr", bin);
        String self = String.valueOf(ProcessHandle.current().pid());
        String file = folder.resolve("recording.jfr").toString();
        LoadBalancer lb = start();
        Program.run(jcmd, self, "JFR.start", "name=lb4j-test");
        exchange(lb);
        Program.run(jcmd, self, "JFR.dump", "name=lb4j-test", "filename=" + file);
        Program.run(jcmd, self, "JFR.stop", "name=lb4j-test");
        assertThat(Program.run(jfr, "print", "--events", "io.lb4j.*", file))
                .contains("io.lb4j.Connection {", "io.lb4j.ConnectAttempt {")
                .contains("reason = \"COMPLETED\"", "failure = \"REFUSED\"");
    }

    /** A balancer whose first client is connected to the second backend, since the first refuses it. */
    private LoadBalancer start() {
        LoadBalancer lb = resources.add(LoadBalancer.builder()
                .name("recorded")
                .listen("127.0.0.1", 0)
                .healthCheck(check -> check.interval(Duration.ofMillis(20)).checker((backend, timeout) -> {
                    if (fails.get()) {
                        throw new IllegalStateException("scripted");
                    }
                }))
                .backend(Backend.of("127.0.0.1", refusing.port()).withId("dead"))
                .backend(Backend.of("127.0.0.1", echoing.port()).withId("live"))
                .start());
        // Told after the flight recorder: what is seen here is recorded.
        lb.addListener(events);
        return lb;
    }

    /** A check passes, a client comes and goes, and then all checks fail. */
    private void exchange(LoadBalancer lb) {
        events.await(HealthCheckEnded.class);
        try (Peer client = Peer.connect(lb.port())) {
            assertThat(client.send("abc").receiveText(3)).isEqualTo("abc");
            client.fin().receiveToEnd();
        }
        events.await(ConnectionSummary.class);
        fails.set(true);
        awaitDown(lb.backends().list().size());
    }

    /** So many backends, and it is recorded: these events are told behind that. */
    private void awaitDown(int backends) {
        assertThat(events.await(BackendStatusChanged.class, backends))
                .allSatisfy(event -> assertThat(event.to()).isEqualTo(BackendStatus.DOWN));
    }

    /**
     * Texts of more than 16 characters are kept beside the events, and readers lose them when another type of event was
     * registered meanwhile (JDK-8382242). So nothing that one searches for is that long, but for the longest reasons.
     */
    private static void assertLongText(RecordedEvent event, String field, String expected) {
        assertThat(event.getString(field)).isIn(expected, null);
    }

    private static RecordedEvent only(List<RecordedEvent> recorded, String type) {
        List<RecordedEvent> found = named(recorded, type);
        assertThat(found).hasSize(1);
        return found.get(0);
    }

    private static List<RecordedEvent> named(List<RecordedEvent> recorded, String type) {
        return recorded.stream()
                .filter(event -> event.getEventType().getName().equals(type))
                .toList();
    }
}
