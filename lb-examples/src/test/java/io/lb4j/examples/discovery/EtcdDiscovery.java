package io.lb4j.examples.discovery;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.WatchOption;
import io.lb4j.LoadBalancer;
import io.lb4j.LoadBalancerBuilder;
import io.lb4j.backend.Backend;
import io.lb4j.discovery.BackendDiscovery;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The instances of a service that register themselves in etcd: below a prefix there is one key for each, under a lease that
 * it keeps alive, with {@code host:port} as the value. A watch tells when one comes, goes or lets its lease end; the list
 * itself is read from etcd each time.
 */
public final class EtcdDiscovery implements BackendDiscovery {
    private final Client etcd;
    private final ByteSequence prefix;

    /**
     * Of a client that whoever made it closes.
     *
     * @param prefix what the keys begin with, such as {@code /services/orders/}
     */
    public EtcdDiscovery(Client etcd, String prefix) {
        this.etcd = etcd;
        this.prefix = ByteSequence.from(prefix, StandardCharsets.UTF_8);
    }

    /** A balancer that follows at once: etcd does not forget an instance for a moment, so nothing is damped. */
    static LoadBalancerBuilder balancer(BackendDiscovery discovery) {
        return LoadBalancer.builder().discovery(discovery, policy -> policy.vanishedAfter(Duration.ZERO));
    }

    @Override
    public List<Backend> discover() throws Exception {
        var answer = etcd.getKVClient()
                .get(prefix, GetOption.builder().isPrefix(true).build());
        List<Backend> backends = new ArrayList<>();
        try {
            for (KeyValue instance : answer.get(2, TimeUnit.SECONDS).getKvs()) {
                backends.add(Backend.parse(instance.getValue().toString(StandardCharsets.UTF_8)));
            }
            return backends;
        } catch (TimeoutException lost) {
            throw new IOException("no answer from etcd", lost);
        }
    }

    @Override
    public AutoCloseable watch(Runnable changed) {
        WatchOption all = WatchOption.builder().isPrefix(true).build();
        return etcd.getWatchClient()
                .watch(prefix, all, Watch.listener(events -> changed.run(), lost -> changed.run(), changed));
    }

    @Override
    public String toString() {
        return "etcd(" + prefix + ")";
    }
}
