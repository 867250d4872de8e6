package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.event.CloseReason;
import io.lb4j.testing.Authority;
import io.lb4j.testing.Background;
import io.lb4j.testing.Certificate;
import io.lb4j.testing.OpenSslClient;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import io.lb4j.tls.TlsIdentity;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A certificate is replaced again and again, and clients come all the time. */
class TlsReplacementTest {
    private static final String SITE = "site.example.test";
    private static final String WELCOME = "220 welcome\n";
    private static final int REPLACEMENTS = 1000;

    /** After so many the clients have to have come once more. */
    private static final int BETWEEN = 10;

    @TempDir
    Path folder;

    @RegisterExtension
    final Resources resources = new Resources();

    private final AtomicBoolean isOver = new AtomicBoolean();
    private final AtomicInteger handshakes = new AtomicInteger();
    private Authority authority;
    private LoadBalancer lb;

    @Test
    void certificate_replacedUnderLoad_failsNoHandshake_andSessionsAreResumed() throws Exception {
        authority = Authority.in(folder);
        List<TlsIdentity> some = IntStream.range(0, 4).mapToObj(i -> identity()).toList();
        TlsIdentity last = identity();
        TestBackend backend = resources.add(TestBackend.saying(WELCOME));
        lb = resources.add(LoadBalancer.builder()
                .listen("127.0.0.1", 0, frontend -> frontend.name("site").tls(tls -> tls.certificate(some.get(0))))
                .noHealthCheck()
                .backend("127.0.0.1", backend.port())
                .start());
        assertThat(openssl("-tls1_2 -sess_out " + folder.resolve("session-1.2")))
                .contains("New, TLSv1.2");
        assertThat(openssl("-tls1_3 -sess_out " + folder.resolve("session-1.3")))
                .contains("New, TLSv1.3");

        List<CompletableFuture<Void>> clients = Stream.of("TLSv1.2", "TLSv1.3")
                .map(version -> Background.run(() -> shakeHands(version)))
                .toList();
        for (int i = 1; i < REPLACEMENTS; i++) {
            replace(some.get(i % some.size()));
            if (i % BETWEEN == 0) {
                int before = handshakes.get();
                await().pollInterval(Duration.ofMillis(2))
                        .until(() ->
                                handshakes.get() > before || clients.stream().anyMatch(CompletableFuture::isDone));
            }
        }
        replace(last);
        isOver.set(true);
        clients.forEach(CompletableFuture::join);

        assertThat(connect(trusting(), "TLSv1.3").getPeerCertificates()).containsExactly(last.certificate());
        // Those of JDK 25 stand for one certificate (JDK-8357033); who has one of another makes a whole handshake.
        resume(Runtime.version().feature() < 25);
        replace(some.get(0));
        resume(true);
        assertThat(handshakes.get()).isGreaterThanOrEqualTo(REPLACEMENTS / BETWEEN - 1);
        assertThat(lb.stats().proxy().closed(CloseReason.TLS_HANDSHAKE_FAILED)).isZero();
    }

    private TlsIdentity identity() {
        Certificate made = authority.sign(SITE);
        return TlsIdentity.pem(made.file(), made.key());
    }

    private void replace(TlsIdentity identity) {
        lb.frontend("site").reconfigure(change -> change.tls(tls -> tls.replace(identity)));
    }

    /** Sessions of the begin. */
    private void resume(boolean goesOn) {
        String kind = goesOn ? "Reused, " : "New, ";
        assertThat(openssl("-tls1_2 -sess_in " + folder.resolve("session-1.2"))).contains(kind + "TLSv1.2", WELCOME);
        assertThat(openssl("-tls1_3 -sess_in " + folder.resolve("session-1.3"))).contains(kind + "TLSv1.3", WELCOME);
    }

    private String openssl(String options) {
        String trusting = " -verify_return_error -CAfile " + authority.file();
        return OpenSslClient.ask(lb.port(), "", options + trusting).output();
    }

    /** Every other time with a session of before. */
    private void shakeHands(String version) throws Exception {
        SSLContext context = trusting();
        for (int i = 0; !isOver.get(); i++) {
            SSLSession session = connect(context, version);
            if (i % 2 == 1) {
                session.invalidate();
            }
            handshakes.incrementAndGet();
        }
    }

    private SSLContext trusting() throws IOException {
        return new Certificate(SITE, authority.file(), authority.key()).trusting();
    }

    private SSLSession connect(SSLContext context, String version) throws IOException {
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", lb.port())) {
            socket.setSoTimeout(Peer.PATIENCE_MILLIS);
            socket.setEnabledProtocols(new String[] {version});
            byte[] said = socket.getInputStream().readAllBytes();
            assertThat(said).asString().isEqualTo(WELCOME);
            return socket.getSession();
        }
    }
}
