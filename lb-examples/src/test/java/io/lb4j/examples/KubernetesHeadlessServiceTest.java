package io.lb4j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.LoadBalancer;
import io.lb4j.admin.AdminServer;
import io.lb4j.discovery.BackendDiscovery;
import io.lb4j.examples.testing.Dnsmasq;
import io.lb4j.examples.testing.Health;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Kubernetes example against a real name server that answers as a cluster's does. Skipped without dnsmasq. */
class KubernetesHeadlessServiceTest {
    private static final String SERVICE = "_http._tcp.orders.shop.svc.cluster.local";

    @TempDir
    Path folder;

    @Test
    void rollout_podsComeAndGo_requestsGoToThoseThatAreReady() throws Exception {
        try (EmbeddedBackend one = EmbeddedBackend.start();
                EmbeddedBackend two = EmbeddedBackend.start();
                EmbeddedBackend three = EmbeddedBackend.start();
                Dnsmasq cluster = Dnsmasq.start(folder, ready(one, two));
                LoadBalancer lb = balancer(cluster)) {
            assertThat(answers(lb)).containsOnly("" + one.port(), "" + two.port());
            cluster.answer(ready(two, three));
            await().until(() -> ids(lb).equals(Set.of("127.0.0.1:" + two.port(), "127.0.0.1:" + three.port())));
            await().until(() -> answers(lb).contains("" + three.port()));
            assertThat(answers(lb)).doesNotContain("" + one.port());
        }
    }

    @Test
    void podEnds_theProbeSeesItAndClientsAreServedMeanwhile() throws Exception {
        try (EmbeddedBackend one = EmbeddedBackend.start();
                Dnsmasq cluster = Dnsmasq.start(folder, ready(one));
                LoadBalancer lb = balancer(cluster);
                AdminServer admin = AdminServer.builder(lb).listen("0.0.0.0", 0).start()) {
            assertThat(probe(admin.port())).startsWith("HTTP/1.1 200 ");
            var drained = lb.drain(Duration.ofSeconds(60), Duration.ofSeconds(10));
            assertThat(probe(admin.port())).startsWith("HTTP/1.1 503 ");
            assertThat(Health.status(admin.port())).isEqualTo(503);
            assertThat(Http.get(lb.port())).isEqualTo("" + one.port());
            lb.drain(Duration.ZERO);
            assertThat(drained).succeedsWithin(Duration.ofSeconds(10));
        }
    }

    /** As the kubelet asks, with the header of the example. */
    private static String probe(int port) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            String question = "GET /health HTTP/1.1\r\nHost: 10.1.2.3:" + port
                    + "\r\nUser-Agent: kube-probe/1.34\r\nAccept: */*\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(question.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    private static LoadBalancer balancer(Dnsmasq cluster) {
        return KubernetesHeadlessService.balancer(
                        BackendDiscovery.dnsSrv(SERVICE, "127.0.0.1", cluster.port()), Duration.ofMillis(100))
                .start();
    }

    /** What the name server of a cluster says of a headless service: a record for each ready pod. */
    private static List<String> ready(EmbeddedBackend... pods) {
        List<String> records = new ArrayList<>();
        for (EmbeddedBackend pod : pods) {
            String name = "pod-" + pod.port() + ".orders.shop.svc.cluster.local";
            records.add("--host-record=" + name + ",127.0.0.1");
            records.add("--srv-host=" + SERVICE + "," + name + "," + pod.port() + ",0,33");
        }
        return records;
    }

    private static Set<String> answers(LoadBalancer lb) throws IOException {
        Set<String> answers = new HashSet<>();
        for (int i = 0; i < 60; i++) {
            answers.add(Http.get(lb.port()));
        }
        return answers;
    }

    private static Set<String> ids(LoadBalancer lb) {
        Set<String> ids = new HashSet<>();
        lb.backends().list().forEach(state -> ids.add(state.backend().id()));
        return ids;
    }
}
