package io.lb4j.examples;

import io.lb4j.LoadBalancer;
import io.lb4j.LoadBalancerBuilder;
import io.lb4j.admin.AdminServer;
import io.lb4j.backend.Backend;
import io.lb4j.discovery.BackendDiscovery;
import io.lb4j.selection.BackendSelector;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * Pods as backends: the SRV records of a headless service name those that are ready, and follow a rollout.
 *
 * <pre>
 * apiVersion: v1
 * kind: Service
 * metadata: {name: orders, namespace: shop}
 * spec:
 *   clusterIP: None                       # headless: DNS tells the pods, not one address for all of them
 *   selector: {app: orders}
 *   ports: [{name: http, port: 9000}]     # has a name, so there is _http._tcp.orders.shop.svc.cluster.local
 * ---
 * apiVersion: apps/v1
 * kind: Deployment                        # the program with lb4j in it, behind a Service of its own
 * metadata: {name: edge, namespace: shop}
 * spec:
 *   replicas: 2
 *   selector: {matchLabels: {app: edge}}
 *   template:
 *     metadata: {labels: {app: edge}}
 *     spec:
 *       terminationGracePeriodSeconds: 45 # longer than lame duck and grace together
 *       containers:
 *         - name: edge
 *           image: registry.example.com/edge
 *           ports: [{containerPort: 8080}]
 *           readinessProbe:               # sees 503 as soon as the drain begins
 *             httpGet: {path: /health, port: 8404}
 *             periodSeconds: 5            # shorter than the lame duck time
 *             failureThreshold: 1
 * </pre>
 *
 * <p>The probe comes from outside of the pod, so the admin server listens on all addresses. Without arguments the program has two backends of its own instead of pods; with the name of a service
 * it serves that on port 8080 until it is stopped.
 */
public final class KubernetesHeadlessService {
    /** Longer than the probe's period, and the time until every node knows of it. */
    private static final Duration LAME_DUCK = Duration.ofSeconds(10);

    private static final Duration GRACE = Duration.ofSeconds(30);

    private KubernetesHeadlessService() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length == 0) {
            run(System.out);
            return;
        }
        try (LoadBalancer lb = balancer(BackendDiscovery.dnsSrv(args[0]), Duration.ofSeconds(5))
                        .listen(8080)
                        .drainOnShutdown(LAME_DUCK, GRACE)
                        .start();
                AdminServer admin =
                        AdminServer.builder(lb).listen("0.0.0.0", 8404).start()) {
            System.out.println("Listening on port " + lb.port() + ", /health on port " + admin.port());
            new CountDownLatch(1).await();
        }
    }

    static void run(PrintStream out) throws IOException {
        try (EmbeddedBackend one = EmbeddedBackend.start();
                EmbeddedBackend two = EmbeddedBackend.start();
                LoadBalancer lb = balancer(
                                BackendDiscovery.fixed(List.of(
                                        Backend.of("127.0.0.1", one.port()), Backend.of("127.0.0.1", two.port()))),
                                Duration.ofSeconds(5))
                        .start();
                AdminServer admin =
                        AdminServer.builder(lb).listen("127.0.0.1", 0).start()) {
            out.println("Answered by pod " + Http.get(lb.port()));
            out.println("Answered by pod " + Http.get(lb.port()));
            out.println("/health: " + Http.get(admin.port(), "/health"));
        }
    }

    /** @param every how often the records are asked for; Kubernetes gives them a TTL of 5 s */
    static LoadBalancerBuilder balancer(BackendDiscovery pods, Duration every) {
        return LoadBalancer.builder()
                .name("edge")
                .discovery(pods, policy -> policy.interval(every)
                        // A pod that is not ready is not in the answer: it is gone at once,
                        .vanishedAfter(Duration.ZERO)
                        // and ends in its own time, its connections with it, but for those that it forgets.
                        .removeWithin(Duration.ofMinutes(2)))
                // Several of these balancers do not all begin with the same pod.
                .selector(BackendSelector.powerOfTwoChoices())
                .slowStart(Duration.ofSeconds(30));
    }
}
