package io.lb4j.examples.discovery;

import io.lb4j.LoadBalancer;
import io.lb4j.LoadBalancerBuilder;
import io.lb4j.backend.Backend;
import io.lb4j.discovery.BackendDiscovery;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.x.discovery.ServiceCache;
import org.apache.curator.x.discovery.ServiceDiscovery;
import org.apache.curator.x.discovery.ServiceDiscoveryBuilder;
import org.apache.curator.x.discovery.ServiceInstance;
import org.apache.curator.x.discovery.details.ServiceCacheListener;

/**
 * The instances of a service that register themselves in ZooKeeper by Apache Curator's service discovery. A cache tells
 * when one comes, goes or loses its session, and when the connection comes or goes; the list itself is read from
 * ZooKeeper each time.
 *
 * <p>An instance that dies without a word is listed until its session ends, which is what a health check is for.
 */
public final class ZooKeeperDiscovery implements BackendDiscovery {
    private final CuratorFramework zooKeeper;
    private final ServiceDiscovery<Void> services;
    private final String service;

    /**
     * Of a client that is started, and that whoever started it closes.
     *
     * @param basePath where the services are, such as {@code /services}
     */
    public ZooKeeperDiscovery(CuratorFramework zooKeeper, String basePath, String service) {
        this.zooKeeper = zooKeeper;
        this.service = service;
        services = ServiceDiscoveryBuilder.builder(Void.class)
                .client(zooKeeper)
                .basePath(basePath)
                .build();
    }

    /** A balancer that follows at once: ZooKeeper does not forget an instance for a moment, so nothing is damped. */
    static LoadBalancerBuilder balancer(BackendDiscovery discovery) {
        return LoadBalancer.builder().discovery(discovery, policy -> policy.vanishedAfter(Duration.ZERO));
    }

    @Override
    public List<Backend> discover() throws Exception {
        if (!zooKeeper.blockUntilConnected(2, TimeUnit.SECONDS)) {
            throw new IOException("no connection to ZooKeeper");
        }
        List<Backend> backends = new ArrayList<>();
        for (ServiceInstance<Void> instance : services.queryForInstances(service)) {
            backends.add(Backend.of(instance.getAddress(), instance.getPort()));
        }
        return backends;
    }

    @Override
    public AutoCloseable watch(Runnable changed) throws Exception {
        ServiceCache<Void> cache = services.serviceCacheBuilder().name(service).build();
        cache.addListener(new ServiceCacheListener() {
            @Override
            public void cacheChanged() {
                changed.run();
            }

            @Override
            public void stateChanged(CuratorFramework client, ConnectionState state) {
                changed.run();
            }
        });
        var unused = cache.startImmediate();
        return cache;
    }

    @Override
    public String toString() {
        return "zookeeper(" + service + ")";
    }
}
