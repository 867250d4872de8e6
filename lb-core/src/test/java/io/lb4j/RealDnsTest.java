package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.backend.Backend;
import io.lb4j.discovery.BackendDiscovery;
import io.lb4j.testing.LogCapture;
import io.lb4j.testing.Program;
import io.lb4j.testing.Resources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A real name server whose answers change, and that goes away. Skipped where dnsmasq is missing. */
@Timeout(120)
class RealDnsTest {
    @RegisterExtension
    final Resources resources = new Resources();

    @TempDir
    Path folder;

    private int port;
    private Program server;

    @BeforeEach
    void startServer() throws IOException {
        String program = Program.require("dnsmasq", "/usr/sbin");
        do {
            port = ThreadLocalRandom.current().nextInt(20_000, 30_000);
            server = serve(program);
        } while (!server.isAlive());
    }

    @AfterEach
    void endServer() {
        if (server != null) {
            server.close();
        }
    }

    @Test
    void addresses_ofBothFamiliesChange_areFollowed() throws IOException {
        answer(List.of("10.0.0.1 orders.test", "10.0.0.2 orders.test", "fd00::1 orders.test"), "");
        LoadBalancer lb = start(BackendDiscovery.dns("orders.test", 9000, "127.0.0.1", port));
        assertThat(ids(lb)).containsExactlyInAnyOrder("10.0.0.1:9000", "10.0.0.2:9000", "[fd00::1]:9000");
        answer(List.of("10.0.0.2 orders.test", "10.0.0.3 orders.test"), "");
        await().until(() -> ids(lb).size() == 2 && ids(lb).contains("10.0.0.3:9000"));
        assertThat(ids(lb)).containsExactlyInAnyOrder("10.0.0.2:9000", "10.0.0.3:9000");
    }

    @Test
    void srvRecordsChange_portWeightAndPriorityAreFollowed() throws IOException {
        List<String> hosts = List.of("10.0.0.1 one.test", "10.0.0.2 two.test");
        answer(
                hosts,
                "srv-host=_http._tcp.orders.test,one.test,9001,0,5\nsrv-host=_http._tcp.orders.test,two.test,9002,1,0");
        LoadBalancer lb = start(BackendDiscovery.dnsSrv("_http._tcp.orders.test", "127.0.0.1", port));
        Backend one = lb.backends().get("10.0.0.1:9001").backend();
        Backend two = lb.backends().get("10.0.0.2:9002").backend();
        assertThat(List.of(one.weight(), one.priority(), two.weight(), two.priority()))
                .containsExactly(5, 0, 1, 1);
        answer(hosts, "srv-host=_http._tcp.orders.test,two.test,9003,0,7");
        await().until(() -> ids(lb).equals(List.of("10.0.0.2:9003")));
        assertThat(lb.backends().get("10.0.0.2:9003").backend().weight()).isEqualTo(7);
    }

    @Test
    void serverIsKilledOrForgets_theLastGoodListStaysAndItIsSaidOnce() throws IOException {
        answer(List.of("10.0.0.1 orders.test"), "");
        try (LogCapture log = LogCapture.open()) {
            LoadBalancer lb = start(BackendDiscovery.dns("orders.test", 9000, "127.0.0.1", port));
            answer(List.of(), "");
            await().until(() -> !log.messages("answered without a backend").isEmpty());
            server.process().destroyForcibly();
            await().until(() -> log.messages("discovery").size() >= 2);
            assertThat(ids(lb)).containsExactly("10.0.0.1:9000");
            assertThat(log.messages("answered without a backend")).hasSize(1);
        }
    }

    private LoadBalancer start(BackendDiscovery discovery) {
        return resources.add(LoadBalancer.builder()
                .noHealthCheck()
                .discovery(discovery, policy -> policy.interval(Duration.ofMillis(50))
                        .timeout(Duration.ofSeconds(2))
                        .vanishedAfter(Duration.ZERO))
                .start());
    }

    private static List<String> ids(LoadBalancer lb) {
        return lb.backends().list().stream().map(state -> state.backend().id()).toList();
    }

    /** The server knows this and nothing else from now on: it is started anew on the same port. */
    private void answer(List<String> hosts, String records) throws IOException {
        server.close();
        Files.write(folder.resolve("hosts"), hosts);
        Files.writeString(folder.resolve("records"), records);
        server = serve(Program.require("dnsmasq", "/usr/sbin"));
    }

    private Program serve(String program) throws IOException {
        for (String name : List.of("hosts", "records")) {
            if (!Files.exists(folder.resolve(name))) {
                Files.createFile(folder.resolve(name));
            }
        }
        Program started = Program.start(
                program,
                "--keep-in-foreground",
                "--log-facility=-",
                "--log-debug",
                "--no-resolv",
                "--no-hosts",
                "--user=root",
                "--pid-file",
                "--port=" + port,
                "--listen-address=127.0.0.1",
                "--bind-interfaces",
                "--local=/test/",
                "--addn-hosts=" + folder.resolve("hosts"),
                "--conf-file=" + folder.resolve("records"));
        await().until(() -> !started.isAlive() || started.output().contains("started, version"));
        return started;
    }
}
