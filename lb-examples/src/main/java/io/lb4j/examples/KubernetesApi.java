package io.lb4j.examples;

import io.lb4j.LoadBalancer;
import io.lb4j.Pool;
import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendState;
import io.lb4j.health.HealthChecker;
import io.lb4j.tls.BackendTls;
import io.lb4j.tls.Trust;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * The control plane of a Kubernetes cluster behind one address: port 6443 for the API, port 8132 for the agents of
 * Konnectivity, which a cluster has whose nodes the API server cannot reach. Takes the file with the cluster's authority
 * ({@code /etc/kubernetes/pki/ca.crt}) and the hosts of the control plane as arguments; with none, this machine and the
 * JVM's authorities; and tells how they are. It listens on any free ports here; elsewhere they would be the same two.
 *
 * <p>An API server that is told to end says so at {@code /readyz} at once, and goes on serving for its
 * {@code --shutdown-delay-duration} (Kubernetes' documentation, "Kubernetes API health endpoints"). So {@code /readyz} is
 * asked, neither {@code /healthz} nor the port; every 5 s, two good answers bring a server in and three bad ones take it
 * out, as OpenShift's documentation has it for this load balancer; and connections that are open stay, because the server
 * ends them itself. Nobody has to log in for it unless {@code --anonymous-auth=false} is set.
 *
 * <p>The check trusts who the clients trust, and the certificate has to be for the host by which a node is known here. A
 * Konnectivity server speaks gRPC with TLS: a handshake is what can be asked of it from outside. Its agents stay connected,
 * and may be silent; each of them connects anew until it has a connection to every server (package {@code agent} of
 * apiserver-network-proxy), so they are sent round in turn.
 */
public final class KubernetesApi {
    /** Of a check. A node that is busy is not a dead one. */
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private KubernetesApi() {}

    public static void main(String[] args) {
        BackendTls tls = args.length == 0 ? BackendTls.verified() : BackendTls.verified(Trust.pem(Path.of(args[0])));
        List<String> hosts =
                args.length < 2 ? List.of("127.0.0.1") : Stream.of(args).skip(1).toList();
        run(at(hosts, 6443), at(hosts, 8132), tls, System.out);
    }

    private static List<Backend> at(List<String> hosts, int port) {
        return hosts.stream().map(host -> Backend.of(host, port)).toList();
    }

    static void run(List<Backend> api, List<Backend> konnectivity, BackendTls tls, PrintStream out) {
        try (LoadBalancer lb = balancer(api, konnectivity, tls, Duration.ofSeconds(5))) {
            for (Pool pool : lb.pools()) {
                for (BackendState state : pool.backends().list()) {
                    out.println(state.backend() + " is " + state.status() + " " + state.reason());
                }
            }
        }
    }

    static LoadBalancer balancer(List<Backend> api, List<Backend> konnectivity, BackendTls tls, Duration checkEvery) {
        return LoadBalancer.builder()
                .name("kube")
                .listen("127.0.0.1", 0, frontend -> frontend.name("api").pool("api"))
                .listen("127.0.0.1", 0, frontend -> frontend.name("konnectivity")
                        .pool("konnectivity")
                        .timeouts(timeouts -> timeouts.noIdle()))
                .pool("api", pool -> {
                    api.forEach(pool::backend);
                    pool.healthCheck(check -> check.checker(answers("/readyz", tls))
                            .interval(checkEvery)
                            .timeout(TIMEOUT)
                            .healthyAfter(2)
                            .unhealthyAfter(3)
                            .awaitFirstChecks(Duration.ofSeconds(10)));
                })
                .pool("konnectivity", pool -> {
                    konnectivity.forEach(pool::backend);
                    pool.healthCheck(check -> check.checker(HealthChecker.tls(tls, Duration.ZERO))
                            .interval(checkEvery)
                            .timeout(TIMEOUT)
                            .awaitFirstChecks(Duration.ofSeconds(10)));
                })
                .start();
    }

    /** Healthy when a GET over TLS is answered with 200. */
    static HealthChecker answers(String path, BackendTls tls) {
        return HealthChecker.overTls(tls, HealthChecker.http(path).expectStatus(200, 200));
    }
}
