package io.lb4j.benchmarks.compare;

import io.lb4j.FrontendBuilder;
import io.lb4j.LoadBalancer;
import io.lb4j.LoadBalancerBuilder;
import io.lb4j.backend.Backend;
import io.lb4j.preface.ProxyVersion;
import io.lb4j.tls.TlsIdentity;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The program {@link Lb4j} runs: a balancer before some ports. Arguments: the number of event loops, the ports. It
 * prints the port it listens on, and then what it is asked for. With the system property {@code checked} it also checks
 * that many backends every 2 s, which no connection ever goes to; with {@code seeing} it is looked at meanwhile; with
 * {@code bandwidth} each connection is held to so many bytes a second, each way; with {@code proxied} it takes headers of the
 * PROXY protocol from this machine, and sends them; with {@code sni} it serves only clients of TLS who ask for this host.
 */
final class Lb4jProxy {
    private static final boolean PROXIED = Boolean.getBoolean("proxied");

    private Lb4jProxy() {}

    /**
     * The option of the JVM by which it does TLS with its clients.
     *
     * @param pem its certificate and key
     */
    static String tls(Path pem) {
        return "-Dtls=" + pem;
    }

    private static void setUp(FrontendBuilder frontend) {
        int bandwidth = Integer.getInteger("bandwidth", 0);
        if (bandwidth > 0) {
            frontend.bandwidth(each -> each.toBackend(bandwidth).toClient(bandwidth));
        }
        if (PROXIED) {
            frontend.proxyProtocol(proxies -> proxies.trust("127.0.0.0/8"));
        }
        String pem = System.getProperty("tls");
        if (pem != null) {
            frontend.tls(tls -> tls.certificate(TlsIdentity.pem(Path.of(pem), Path.of(pem))));
        }
        String host = System.getProperty("sni");
        if (host != null) {
            frontend.routes(routes -> routes.serverName(host, Backend.DEFAULT_POOL));
        }
    }

    public static void main(String[] arguments) throws IOException {
        LoadBalancerBuilder builder = LoadBalancer.builder()
                .listen("127.0.0.1", 0, Lb4jProxy::setUp)
                .eventLoops(Integer.parseInt(arguments[0]))
                .noHealthCheck();
        if (PROXIED) {
            builder.eachBackend(backend -> backend.withProxyProtocol(ProxyVersion.V2));
        }
        int checked = Integer.getInteger("checked", 0);
        if (checked > 0) {
            builder.healthCheck(check -> check.interval(Duration.ofSeconds(2)));
        }
        for (int i = 0; i < checked; i++) {
            builder.backend(Backend.of("127.0.0.1", Integer.parseInt(arguments[1]))
                    .withId("checked-" + i)
                    .withPriority(1));
        }
        for (int i = 1; i < arguments.length; i++) {
            builder.backend("127.0.0.1", Integer.parseInt(arguments[i]));
        }
        String seeing = System.getProperty("seeing");
        if (seeing != null) {
            Seeing.of(seeing).begin(builder);
        }
        try (LoadBalancer balancer = builder.start()) {
            System.out.println(balancer.port());
            new Answers(name -> name.contains("-io-") || name.contains("-tls-"), () -> 0).serve();
        }
    }
}
