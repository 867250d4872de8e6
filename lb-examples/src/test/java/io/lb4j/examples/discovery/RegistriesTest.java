package io.lb4j.examples.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.support.CloseableClient;
import io.etcd.jetcd.support.Observers;
import io.lb4j.LoadBalancer;
import io.lb4j.LoadBalancerBuilder;
import io.lb4j.examples.EmbeddedBackend;
import io.lb4j.examples.Http;
import io.lb4j.examples.testing.DiscoveryLines;
import io.lb4j.examples.testing.Registry;
import io.lb4j.proxy.TcpProxy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryForever;
import org.apache.curator.x.discovery.ServiceDiscovery;
import org.apache.curator.x.discovery.ServiceDiscoveryBuilder;
import org.apache.curator.x.discovery.ServiceInstance;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The recipes for registries against real ones: what comes, goes and dies there, and what becomes of their own death. */
class RegistriesTest {
    /** An instance that cannot be reached for this long is gone: of the one whose cable is pulled, and of all others. */
    private static final int SHORT_SESSION = 1;

    private static final int SESSION = 10;

    @TempDir
    Path folder;

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final DiscoveryLines log = add(new DiscoveryLines());

    /** An instance of a service, registered by a client of its own. */
    private interface Instance extends AutoCloseable {
        /** Takes its entry back. */
        void unregister() throws Exception;

        @Override
        void close();
    }

    /** Registers an instance at a registry that is reached on a port. */
    @FunctionalInterface
    private interface Registrar {
        Instance register(int registryPort, int sessionSeconds, EmbeddedBackend backend) throws Exception;
    }

    @AfterEach
    void close() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }

    @Test
    void zooKeeper_whatHappensThere_isFollowed() throws Exception {
        Registry registry = add(Registry.zooKeeper(folder));
        CuratorFramework client = add(curator(registry.port(), SESSION));
        live(
                registry,
                ZooKeeperDiscovery.balancer(new ZooKeeperDiscovery(client, "/services", "orders")),
                this::registerInZooKeeper);
    }

    @Test
    void etcd_whatHappensThere_isFollowed() throws Exception {
        Registry registry = add(Registry.etcd(folder));
        Client client = add(etcd(registry.port()));
        live(registry, EtcdDiscovery.balancer(new EtcdDiscovery(client, "/services/orders/")), this::registerInEtcd);
    }

    private void live(Registry registry, LoadBalancerBuilder builder, Registrar registrar) throws Exception {
        EmbeddedBackend one = add(EmbeddedBackend.start());
        EmbeddedBackend two = add(EmbeddedBackend.start());
        EmbeddedBackend three = add(EmbeddedBackend.start());
        EmbeddedBackend four = add(EmbeddedBackend.start());
        Instance first = add(registrar.register(registry.port(), SESSION, one));
        add(registrar.register(registry.port(), SESSION, two));
        TcpProxy cable = add(TcpProxy.builder().to("127.0.0.1", registry.port()).start());
        add(registrar.register(cable.port(), SHORT_SESSION, three));

        LoadBalancer lb = add(builder.name("edge").noHealthCheck().start());
        assertThat(ids(lb)).isEqualTo(idsOf(one, two, three));

        first.unregister();
        awaitFollowed("one is taken back", lb, two, three);
        first = add(registrar.register(registry.port(), SESSION, one));
        awaitFollowed("one is registered", lb, one, two, three);
        cable.close();
        awaitFollowed("the cable of one is pulled, its session " + SHORT_SESSION + " s long", lb, one, two);
        assertThat(log.lines()).isEmpty();

        registry.kill();
        long killed = System.nanoTime();
        await().until(() -> !log.lines().isEmpty());
        print("the registry is killed, and it is said", killed);
        assertThat(log.lines())
                .singleElement()
                .asString()
                .contains("failed (", "; kept the last good list, 2 backends");
        assertThat(answers(lb)).isEqualTo(idsOf(one, two));

        assertThat(registry.startAgain()).isTrue();
        add(registrar.register(registry.port(), SESSION, four));
        awaitFollowed("it is back, and one is registered", lb, one, two, four);
        await().until(() -> log.lines().size() > 1);
        assertThat(log.lines().get(0)).contains("failed (", "; kept the last good list, 2 backends");
        assertThat(log.lines().get(1)).contains("works again");
        assertThat(log.lines()).hasSize(2);
        first.unregister();
        awaitFollowed("one is taken back", lb, two, four);
        assertThat(answers(lb)).isEqualTo(idsOf(two, four));
    }

    private Instance registerInZooKeeper(int port, int sessionSeconds, EmbeddedBackend backend) throws Exception {
        CuratorFramework client = curator(port, sessionSeconds);
        ServiceInstance<Void> instance = ServiceInstance.<Void>builder()
                .name("orders")
                .address("127.0.0.1")
                .port(backend.port())
                .build();
        ServiceDiscovery<Void> services = ServiceDiscoveryBuilder.builder(Void.class)
                .client(client)
                .basePath("/services")
                .build();
        services.start();
        services.registerService(instance);
        return new Instance() {
            @Override
            public void unregister() throws Exception {
                services.unregisterService(instance);
            }

            @Override
            public void close() {
                client.close();
            }
        };
    }

    private static CuratorFramework curator(int port, int sessionSeconds) {
        CuratorFramework client = CuratorFrameworkFactory.newClient(
                "127.0.0.1:" + port, sessionSeconds * 1000, 1000, new RetryForever(50));
        client.start();
        return client;
    }

    private Instance registerInEtcd(int port, int sessionSeconds, EmbeddedBackend backend) throws Exception {
        Client client = etcd(port);
        ByteSequence key = bytes("/services/orders/" + backend.port());
        long lease = client.getLeaseClient().grant(sessionSeconds).get().getID();
        CloseableClient heartbeat = client.getLeaseClient().keepAlive(lease, Observers.observer(alive -> {}));
        client.getKVClient()
                .put(
                        key,
                        bytes("127.0.0.1:" + backend.port()),
                        PutOption.builder().withLeaseId(lease).build())
                .get();
        return new Instance() {
            @Override
            public void unregister() throws Exception {
                client.getKVClient().delete(key).get();
            }

            @Override
            public void close() {
                heartbeat.close();
                client.close();
            }
        };
    }

    private static Client etcd(int port) {
        return Client.builder().endpoints("http://127.0.0.1:" + port).build();
    }

    private static ByteSequence bytes(String text) {
        return ByteSequence.from(text, StandardCharsets.UTF_8);
    }

    private static void awaitFollowed(String what, LoadBalancer lb, EmbeddedBackend... backends) {
        long began = System.nanoTime();
        await().pollInterval(Duration.ofMillis(5)).until(() -> ids(lb).equals(idsOf(backends)));
        print(what, began);
    }

    private static void print(String what, long began) {
        System.out.println(what + ": followed after "
                + Duration.ofNanos(System.nanoTime() - began).toMillis() + " ms");
    }

    private static Set<String> idsOf(EmbeddedBackend... backends) {
        return Arrays.stream(backends)
                .map(backend -> "127.0.0.1:" + backend.port())
                .collect(Collectors.toSet());
    }

    private static Set<String> ids(LoadBalancer lb) {
        return lb.backends().list().stream().map(state -> state.backend().id()).collect(Collectors.toSet());
    }

    private static Set<String> answers(LoadBalancer lb) throws IOException {
        Set<String> answers = new HashSet<>();
        for (int i = 0; i < 4; i++) {
            answers.add("127.0.0.1:" + Http.get(lb.port()));
        }
        return answers;
    }

    private <T extends AutoCloseable> T add(T resource) {
        open.push(resource);
        return resource;
    }
}
