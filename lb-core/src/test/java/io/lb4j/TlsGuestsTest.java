package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lb4j.backend.Backend;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectAttemptFailed;
import io.lb4j.event.ConnectFailure;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.event.Party;
import io.lb4j.testing.Background;
import io.lb4j.testing.Certificate;
import io.lb4j.testing.EventLog;
import io.lb4j.testing.LogCapture;
import io.lb4j.testing.ManualClock;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import io.lb4j.testing.TlsPeer;
import io.lb4j.tls.BackendTls;
import io.lb4j.tls.TlsEngines;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What key managers and trust managers of users throw, within the tasks of engines. */
class TlsGuestsTest {
    @RegisterExtension
    final Resources resources = new Resources();

    @TempDir
    Path folder;

    private final EventLog events = new EventLog();

    private static SSLContext context(KeyManager keys, TrustManager trust) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {keys}, new TrustManager[] {trust}, null);
            return context;
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private LoadBalancerBuilder balancer() {
        return LoadBalancer.builder()
                .eventLoops(1)
                .noHealthCheck()
                .listener(events)
                .timeouts(timeouts -> timeouts.connect(Duration.ofHours(1)));
    }

    /** Engines of servers whose keys are these. */
    private static TlsEngines engines(KeyManager keys) {
        SSLContext context = context(keys, null);
        return hello -> {
            SSLEngine engine = context.createSSLEngine();
            engine.setUseClientMode(false);
            return engine;
        };
    }

    private TlsPeer client(int port) throws IOException {
        SSLEngine engine = BackendTls.unverified().newEngine("127.0.0.1", 443);
        return resources.add(TlsPeer.over(Peer.connect(port), engine));
    }

    /** A client of a frontend whose keys are these. */
    private TlsPeer client(KeyManager keys) throws IOException {
        TestBackend backend = resources.add(TestBackend.listening());
        LoadBalancer lb = resources.add(balancer()
                .listen(
                        0,
                        frontend -> frontend.tls(
                                tls -> tls.handshakeTimeout(Duration.ofHours(1)).engines(engines(keys))))
                .backend("127.0.0.1", backend.port())
                .start());
        return client(lb.port());
    }

    @Test
    void errorOfATask_endsTheConnectionAtOnce() throws IOException {
        try (LogCapture log = LogCapture.open()) {
            TlsPeer client = client(new GuestKeys(() -> {
                throw new OutOfMemoryError("as if");
            }));
            client.hello();
            assertThat(events.await(ConnectionSummary.class).reason()).isEqualTo(CloseReason.INTERNAL_ERROR);
            assertThat(log.messages("connection failed")).isNotEmpty();
        }
    }

    @Test
    void exceptionOfAKeyManager_failsTheHandshake() throws IOException {
        TlsPeer client = client(new GuestKeys(() -> {
            throw new IllegalStateException("no keys today");
        }));
        assertThatExceptionOfType(SSLException.class).isThrownBy(client::shake);
        assertThat(events.await(ConnectionSummary.class).reason()).isEqualTo(CloseReason.TLS_HANDSHAKE_FAILED);
    }

    @Test
    void exceptionOfATrustManager_isAFailedAttempt_andTheNextBackendIsTried() throws IOException {
        Certificate certificate = Certificate.of(folder, "db.example");
        TestBackend first = resources.add(TestBackend.listening());
        TestBackend second = resources.add(TestBackend.saying("served"));
        SSLContext trusting = context(null, new Trusting(() -> {
            throw new IllegalStateException("no trust today");
        }));
        LoadBalancer lb = resources.add(balancer()
                .listen(0)
                .backend(Backend.of("127.0.0.1", first.port()).withTls(BackendTls.of(trusting)))
                .backend(Backend.of("127.0.0.1", second.port()).withPriority(1))
                .start());
        Peer client = resources.add(Peer.connect(lb.port()));
        TlsPeer served = resources.add(TlsPeer.over(first.accept(), certificate.engine(false)));
        assertThatExceptionOfType(IOException.class).isThrownBy(served::shake);
        assertThat(client.receiveText(6)).isEqualTo("served");
        assertThat(events.await(ConnectAttemptFailed.class).kind()).isEqualTo(ConnectFailure.TLS);
    }

    /** The backend has said what it had to. */
    @Test
    void trustManagerThatTakesTooLong_isNoFaultOfTheBackend() throws Exception {
        ManualClock clock = ManualClock.create();
        CountDownLatch isBusy = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        SSLContext trusting = context(null, new Trusting(() -> {
            clock.advance(Duration.ofHours(1));
            isBusy.countDown();
            awaitUninterrupted(release);
        }));
        TestBackend backend = resources.add(TestBackend.listening());
        LoadBalancer lb = resources.add(balancer()
                .platform(clock.platform())
                .listen(0)
                .backend(Backend.of("127.0.0.1", backend.port()).withTls(BackendTls.of(trusting)))
                .start());
        resources.add(release::countDown);
        resources.add(Peer.connect(lb.port()));
        SSLEngine engine = Certificate.of(folder, "db.example").engine(false);
        TlsPeer served = resources.add(TlsPeer.over(backend.accept(), engine));
        CompletableFuture<Void> handshake = Background.run(served::shake);
        awaitUninterrupted(isBusy);
        // By one who comes, its loop notices the time.
        resources.add(Peer.connect(lb.port()));
        assertThat(events.await(ConnectAttemptFailed.class).kind()).isEqualTo(ConnectFailure.LOCAL_SHORTAGE);
        assertThat(handshake).failsWithin(Duration.ofSeconds(10));
    }

    /** Else, when more come than there is time for, all of it goes to those who have given up. They are not to blame for it. */
    @Test
    void taskOfAClientForWhomThereWasNoTime_isNotRun_andItIsNotHisFault() throws IOException {
        CountDownLatch isBusy = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        resources.add(release::countDown);
        AtomicInteger asked = new AtomicInteger();
        GuestKeys slow = new GuestKeys(() -> {
            isBusy.countDown();
            awaitUninterrupted(release);
            return null;
        });
        GuestKeys counting = new GuestKeys(() -> {
            asked.incrementAndGet();
            return null;
        });
        TestBackend backend = resources.add(TestBackend.listening());
        LoadBalancer lb = resources.add(balancer()
                .listen(0, frontend -> frontend.name("patient")
                        .tls(tls -> tls.handshakeTimeout(Duration.ofHours(1)).engines(engines(slow))))
                .listen(0, frontend -> frontend.name("brief")
                        .tls(tls -> tls.handshakeTimeout(Duration.ofMillis(1)).engines(engines(counting))))
                .backend("127.0.0.1", backend.port())
                .start());
        client(lb.frontend("patient").port()).hello();
        awaitUninterrupted(isBusy);
        client(lb.frontend("brief").port()).hello();
        ConnectionSummary brief = events.await(ConnectionSummary.class);
        assertThat(brief.reason()).isEqualTo(CloseReason.LOCAL_SHORTAGE);
        assertThat(brief.endedBy()).isEqualTo(Party.BALANCER);
        TlsPeer last = client(lb.frontend("patient").port());
        last.hello();
        release.countDown();
        assertThatExceptionOfType(IOException.class).isThrownBy(last::shake);
        assertThat(asked).hasValue(0);
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private static final class Trusting implements X509TrustManager {
        private final Runnable check;

        Trusting(Runnable check) {
            this.check = check;
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {
            check.run();
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
