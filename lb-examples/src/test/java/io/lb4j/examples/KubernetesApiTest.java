package io.lb4j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.lb4j.LoadBalancer;
import io.lb4j.Pool;
import io.lb4j.backend.Backend;
import io.lb4j.backend.BackendState;
import io.lb4j.backend.BackendStatus;
import io.lb4j.tls.BackendTls;
import io.lb4j.tls.Trust;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes of a control plane that answer at {@code /readyz} as API servers do, with certificates of this test. */
class KubernetesApiTest {
    private static final Duration CHECK_EVERY = Duration.ofMillis(50);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    static Path folder;

    /** Of the nodes: its certificate is for 127.0.0.1. */
    private static SSLContext own;

    private static BackendTls trust;

    /** Has the name of another machine. */
    private static SSLContext others;

    private static ExecutorService threads;

    private final List<Server> servers = new ArrayList<>();

    @BeforeAll
    static void makeCertificates() throws Exception {
        own = certificate("own", "ip:127.0.0.1");
        trust = BackendTls.verified(Trust.pem(folder.resolve("own.pem")));
        others = certificate("others", "dns:elsewhere.example.org");
        // So that a server need not wait for a handshake that never comes.
        threads = Executors.newCachedThreadPool();
    }

    @AfterAll
    static void endThreads() throws InterruptedException {
        threads.shutdownNow();
        assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }

    @AfterEach
    void endServers() {
        servers.forEach(server -> server.https.stop(0));
    }

    @Test
    void serverThatIsToldToEnd_getsNobodyNew_keepsWhoIsThere_andComesBack() throws Exception {
        Server one = server(own);
        Server two = server(own);
        Server agents = server(own);
        try (LoadBalancer lb = start(List.of(one, two), List.of(agents));
                SSLSocket before = connect(lb, "api")) {
            Server ending = one.open(lb) == 1 ? one : two;
            Server other = ending == one ? two : one;
            ending.readiness = 500;
            await().atMost(PATIENCE).until(() -> ending.state(lb).status() == BackendStatus.DOWN);
            // Three of them, and those that were made since.
            assertThat(ending.state(lb).reason()).matches("after ([3-9]|\\d\\d+) failed checks \\(status 500\\)");
            assertThat(ask(before)).startsWith("HTTP/1.1 500");
            for (int i = 0; i < 4; i++) {
                try (SSLSocket client = connect(lb, "api")) {
                    assertThat(ask(client)).startsWith("HTTP/1.1 200");
                }
            }
            assertThat(other.state(lb).status()).isEqualTo(BackendStatus.UP);

            ending.readiness = 200;
            await().atMost(PATIENCE).until(() -> ending.state(lb).status() == BackendStatus.UP);
            assertThat(ending.state(lb).reason()).matches("after ([2-9]|\\d\\d+) passed checks");
        }
    }

    @Test
    void konnectivity_isAskedForAHandshakeAlone() throws Exception {
        Server api = server(own);
        Server agents = server(own);
        agents.readiness = 500;
        try (LoadBalancer lb = start(List.of(api), List.of(agents));
                SSLSocket agent = connect(lb, "konnectivity")) {
            assertThat(all(lb)).containsExactly(BackendStatus.UP, BackendStatus.UP);
            assertThat(agent.getSession().isValid()).isTrue();
            assertThat(lb.frontend("konnectivity").config().timeouts().idle()).isEmpty();
            assertThat(lb.frontend("api").config().timeouts().idle()).isPresent();
        }
    }

    @Test
    void certificate_forAnotherMachine_isNotTrusted() throws Exception {
        Server wrong = server(others);
        try (LoadBalancer lb = KubernetesApi.balancer(
                List.of(wrong.backend()),
                List.of(wrong.backend()),
                BackendTls.verified(Trust.pem(folder.resolve("others.pem"))),
                CHECK_EVERY)) {
            await().atMost(PATIENCE).until(() -> all(lb).equals(List.of(BackendStatus.DOWN, BackendStatus.DOWN)));
        }
    }

    /** Returns when all of them are UP: the first handshake of a JVM takes a while. */
    private static LoadBalancer start(List<Server> api, List<Server> konnectivity) {
        LoadBalancer lb = KubernetesApi.balancer(
                api.stream().map(Server::backend).toList(),
                konnectivity.stream().map(Server::backend).toList(),
                trust,
                CHECK_EVERY);
        try {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(all(lb)).isNotEmpty().containsOnly(BackendStatus.UP));
            return lb;
        } catch (RuntimeException notUp) {
            lb.close();
            throw notUp;
        }
    }

    private static List<BackendStatus> all(LoadBalancer lb) {
        return lb.pools().stream()
                .map(Pool::backends)
                .flatMap(backends -> backends.list().stream())
                .map(BackendState::status)
                .toList();
    }

    /** A client that has shaken hands, so that its backend has it. */
    private static SSLSocket connect(LoadBalancer lb, String frontend) throws Exception {
        Socket tcp = new Socket("127.0.0.1", lb.frontend(frontend).port());
        tcp.setSoTimeout(20_000);
        SSLSocket client = (SSLSocket) trusting(folder.resolve("own.pem"))
                .getSocketFactory()
                .createSocket(tcp, "127.0.0.1", tcp.getPort(), true);
        client.startHandshake();
        return client;
    }

    private static String ask(SSLSocket client) throws IOException {
        client.getOutputStream().write("GET /readyz HTTP/1.1\r\nHost: api\r\n\r\n".getBytes());
        byte[] status = client.getInputStream().readNBytes(12);
        return new String(status);
    }

    private Server server(SSLContext certificate) throws IOException {
        Server server = new Server(certificate);
        servers.add(server);
        return server;
    }

    /** For a client who trusts the certificate in this file. */
    private static SSLContext trusting(Path authorities) throws IOException, GeneralSecurityException {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        try (InputStream pem = Files.newInputStream(authorities)) {
            for (var certificate : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                trusted.setCertificateEntry("authority-" + trusted.size(), certificate);
            }
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    /** A key and a certificate that it signed itself, in a file for those who trust it. */
    private static SSLContext certificate(String name, String host) throws Exception {
        Path store = folder.resolve(name + ".p12");
        keytool(store, "-genkeypair", "-keyalg", "EC", "-dname", "CN=" + name, "-ext", "san=" + host);
        keytool(
                store,
                "-exportcert",
                "-rfc",
                "-file",
                folder.resolve(name + ".pem").toString());
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream stored = Files.newInputStream(store)) {
            keys.load(stored, "changeit".toCharArray());
        }
        KeyManagerFactory key = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        key.init(keys, "changeit".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(key.getKeyManagers(), null, null);
        return context;
    }

    private static void keytool(Path store, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/keytool"));
        command.addAll(List.of(arguments));
        command.addAll(List.of("-alias", "own", "-keystore", store.toString(), "-storepass", "changeit"));
        Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(keytool.getInputStream().readAllBytes());
        assertThat(keytool.waitFor()).as(output).isZero();
    }

    /** What a balancer sees of a node. */
    private static final class Server {
        private final HttpsServer https =
                HttpsServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        private volatile int readiness = 200;

        Server(SSLContext certificate) throws IOException {
            https.setHttpsConfigurator(new HttpsConfigurator(certificate));
            https.setExecutor(threads);
            https.createContext("/readyz", exchange -> {
                try (exchange) {
                    exchange.sendResponseHeaders(readiness, -1);
                }
            });
            https.start();
        }

        Backend backend() {
            return Backend.of("127.0.0.1", https.getAddress().getPort());
        }

        BackendState state(LoadBalancer lb) {
            return lb.pool("api").backends().get("api/" + backend().hostAndPort());
        }

        int open(LoadBalancer lb) {
            return state(lb).activeConnections();
        }
    }
}
