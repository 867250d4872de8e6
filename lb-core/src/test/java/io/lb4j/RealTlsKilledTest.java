package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.backend.Backend;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.testing.Authority;
import io.lb4j.testing.Certificate;
import io.lb4j.testing.EventLog;
import io.lb4j.testing.Nginx;
import io.lb4j.testing.OpenSslClient;
import io.lb4j.testing.Program;
import io.lb4j.testing.Program.Outcome;
import io.lb4j.testing.Resources;
import io.lb4j.tls.BackendTls;
import io.lb4j.tls.TlsIdentity;
import io.lb4j.tls.Trust;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Processes that are killed in the middle of a stream: at the other end nobody takes what he has heard for all of it. */
class RealTlsKilledTest {
    private static final String SITE = "site.example.test";
    private static final String REQUEST = "GET /much HTTP/1.0\r\n\r\n";

    @TempDir
    static Path folder;

    private static Authority authority;
    private static Certificate certificate;

    @RegisterExtension
    final Resources resources = new Resources();

    private final EventLog log = new EventLog();
    private final Path heard = folder.resolve("heard");
    private Program.Server nginx;
    private Program client;

    @BeforeAll
    static void makeCertificates() throws IOException {
        authority = Authority.in(folder);
        certificate = authority.sign(SITE);
        try (RandomAccessFile much = new RandomAccessFile(folder.resolve("much").toFile(), "rw")) {
            // A file with a hole in it: more than anybody hears here.
            much.setLength(10_000_000_000L);
        }
    }

    private static BackendTls verified() {
        return BackendTls.verified(Trust.pem(authority.file())).withServerName(SITE);
    }

    private LoadBalancer start(Backend backend) {
        TlsIdentity identity = TlsIdentity.pem(certificate.file(), certificate.key());
        return resources.add(LoadBalancer.builder()
                .listen("127.0.0.1", 0, frontend -> frontend.tls(tls -> tls.certificate(identity)))
                .noHealthCheck()
                .backend(backend)
                .listener(log)
                .start());
    }

    /** A client has begun to hear a lot. */
    private LoadBalancer download(String clients, String backends) {
        boolean isTls = !backends.isEmpty();
        nginx = resources.add(Nginx.startHttp(folder, port -> """
                server { listen 127.0.0.1:%d %s; ssl_certificate %s; ssl_certificate_key %s; root %s; limit_rate 20m; %s }
                """.formatted(
                        port,
                        isTls ? "ssl" : "",
                        certificate.file(),
                        certificate.key(),
                        folder,
                        isTls ? "ssl_protocols " + backends + ";" : "")));
        Backend backend = Backend.of("127.0.0.1", nginx.port());
        LoadBalancer lb = start(isTls ? backend.withTls(verified()) : backend);
        client = resources.add(OpenSslClient.startInto(heard, lb.port(), clients));
        client.say(REQUEST);
        await().pollInterval(Duration.ofMillis(5)).until(() -> heard.toFile().length() > 1_000_000);
        return lb;
    }

    private void hearsAReset() {
        Outcome outcome = client.outcome();
        assertThat(outcome.output()).endsWith("read:errno=104");
        assertThat(outcome.status()).isNotZero();
    }

    @ParameterizedTest
    @CsvSource({"-tls1_2, TLSv1.2", "-tls1_2, TLSv1.3", "-tls1_3, TLSv1.2", "-tls1_3, TLSv1.3"})
    void backendOverTls_killed_isAReset(String clients, String backends) {
        download(clients, backends);
        nginx.program().process().destroyForcibly();

        hearsAReset();
        assertThat(log.await(ConnectionSummary.class).reason())
                .isIn(CloseReason.BACKEND_TRUNCATED, CloseReason.BACKEND_RESET);
    }

    /** The kernel ends the stream of a dead process, unless there was something for it to read: then it resets it. */
    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void plainBackend_killed_withSomethingToRead_isAReset(String clients) {
        LoadBalancer lb = download(clients, "");
        Program.run("kill", "-STOP", "" + nginx.program().process().pid());
        client.say(REQUEST);
        await().until(() -> lb.stats().proxy().bytesToBackend() == 2 * REQUEST.length());
        nginx.program().process().destroyForcibly();

        hearsAReset();
        assertThat(log.await(ConnectionSummary.class).reason()).isEqualTo(CloseReason.BACKEND_RESET);
    }

    /** A server of openssl's says how it lost him. */
    @ParameterizedTest
    @CsvSource({"-tls1_2, -tls1_2", "-tls1_3, -tls1_3"})
    void client_killed_isAReset(String clients, String backends) {
        Program.Server server = resources.add(certificate.serve(folder, backends));
        LoadBalancer lb = start(Backend.of("127.0.0.1", server.port()).withTls(verified()));
        Program killed = resources.add(OpenSslClient.start(lb.port(), clients));
        killed.say("the first half\n");
        await().until(() -> server.program().output().contains("the first half"));
        killed.process().destroyForcibly();

        assertThat(log.await(ConnectionSummary.class).reason()).isEqualTo(CloseReason.CLIENT_TRUNCATED);
        await().untilAsserted(() -> assertThat(server.program().output()).endsWith("the first half\nERROR"));
    }
}
