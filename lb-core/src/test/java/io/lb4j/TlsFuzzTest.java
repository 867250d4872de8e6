package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.backend.Backend;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.event.LoadBalancerListener;
import io.lb4j.internal.util.Polling;
import io.lb4j.testing.Certificate;
import io.lb4j.testing.FuzzedTlsPeer;
import io.lb4j.testing.FuzzedTlsPeer.Outcome;
import io.lb4j.testing.Insides;
import io.lb4j.testing.LogCapture;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import io.lb4j.tls.BackendTls;
import io.lb4j.tls.TlsIdentity;
import io.lb4j.tls.Trust;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients and backends whose records are changed on their way: what is changed never looks complete, nor like something else that
 * was said. {@code -Dtls.fuzz=20000} makes more of them; {@code -Dtls.fuzz=1 -Dtls.fuzz.seed=N} makes one again.
 */
@Timeout(TlsFuzzTest.TIMEOUT_SECONDS)
class TlsFuzzTest {
    /** For as many as somebody asks for. */
    static final int TIMEOUT_SECONDS = 1200;

    private static final int CASES = Integer.getInteger("tls.fuzz", 150);
    private static final long SEED = Long.getLong("tls.fuzz.seed", 1);
    private static final int MOST_BYTES = 20_000;
    private static final byte[] OURS = new byte[MOST_BYTES];
    private static final byte[] THEIRS = new byte[MOST_BYTES];

    /** What a plain peer has heard, and whether it looked complete. */
    private record Heard(byte[] bytes, boolean isComplete) {}

    /** What is said in one case, and by whom. */
    private record Case(long seed, boolean isHonest, boolean isTls13, int ours, int theirs) {
        /** The last one of a test is honest: others are still served. */
        static Case of(int number) {
            long seed = SEED + number;
            Random random = new Random(seed);
            int ours = 1 + random.nextInt(MOST_BYTES);
            return new Case(seed, number == CASES, random.nextBoolean(), ours, 1 + random.nextInt(MOST_BYTES));
        }
    }

    @TempDir
    static Path folder;

    private static Certificate certificate;
    private static SSLContext trusting;

    /** A session of one is none of the other. */
    private static SSLContext[] serving;

    @RegisterExtension
    final Resources resources = new Resources();

    private final BlockingQueue<ConnectionSummary> ended = new LinkedBlockingQueue<>();
    private final BlockingQueue<Heard> heard = new LinkedBlockingQueue<>();
    private final BlockingQueue<Object> outcomes = new LinkedBlockingQueue<>();
    private volatile Case current = Case.of(0);
    private LogCapture log;
    private LoadBalancer lb;

    @BeforeAll
    static void prepare() throws IOException {
        certificate = Certificate.of(folder, "site.example");
        serving = new SSLContext[] {certificate.serving(), certificate.serving()};
        trusting = certificate.trusting();
        new Random(1).nextBytes(OURS);
        new Random(2).nextBytes(THEIRS);
    }

    @BeforeEach
    void capture() {
        log = resources.add(LogCapture.open());
    }

    private void start(boolean tlsFrontend, Backend backend) {
        lb = resources.add(LoadBalancer.builder()
                .eventLoops(1)
                .noHealthCheck()
                .limits(limits -> limits.connectAttempts(1))
                .listener(new LoadBalancerListener() {
                    @Override
                    public void connectionClosed(ConnectionSummary event) {
                        ended.add(event);
                    }
                })
                .listen(0, frontend -> {
                    if (tlsFrontend) {
                        frontend.tls(tls -> tls.certificate(TlsIdentity.pem(certificate.file(), certificate.key())));
                    }
                })
                .backend(backend)
                .start());
    }

    @Test
    void recordsOfClients_changed_neverLookLikeOthers() throws Exception {
        TestBackend backend = resources.add(TestBackend.serving(peer -> heard.add(converse(peer))));
        start(true, Backend.of("127.0.0.1", backend.port()));
        for (int i = 0; i <= CASES; i++) {
            current = Case.of(i);
            Outcome outcome = lie(Peer.connect(lb.port()), client());
            ConnectionSummary summary = next(ended);
            judge(outcome, summary.backend() == null ? null : next(heard), summary);
        }
        assertNothingLeft();
    }

    @Test
    void recordsOfBackends_changed_neverLookLikeOthers() throws Exception {
        TestBackend backend = resources.add(TestBackend.serving(peer -> outcomes.add(lieOrFail(peer))));
        BackendTls tls = BackendTls.verified(Trust.pem(certificate.file())).withServerName("site.example");
        start(false, Backend.of("127.0.0.1", backend.port()).withTls(tls));
        for (int i = 0; i <= CASES; i++) {
            current = Case.of(i);
            Heard byClient = converse(Peer.connect(lb.port()));
            Object told = next(outcomes);
            if (told instanceof Throwable failure) {
                throw new AssertionError("seed " + current.seed, failure);
            }
            judge((Outcome) told, byClient, next(ended));
        }
        assertNothingLeft();
    }

    private <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        T next = queue.poll(Peer.PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        assertThat(next).as("seed %d: what has to come", current.seed).isNotNull();
        return next;
    }

    private SSLEngine client() {
        boolean resumes = (current.seed & 1) == 0;
        SSLEngine engine = resumes ? trusting.createSSLEngine("site.example", 443) : trusting.createSSLEngine();
        engine.setUseClientMode(true);
        return engine;
    }

    private Outcome lie(Peer peer, SSLEngine engine) {
        Case now = current;
        try {
            engine.setEnabledProtocols(new String[] {now.isTls13 ? "TLSv1.3" : "TLSv1.2"});
            return FuzzedTlsPeer.talk(
                    peer, engine, new Random(now.seed), now.isHonest, Arrays.copyOf(OURS, now.ours), now.theirs);
        } catch (Exception | AssertionError failure) {
            throw new AssertionError("seed " + now.seed, failure);
        }
    }

    private Object lieOrFail(Peer peer) {
        try {
            SSLEngine engine = serving[(int) (current.seed & 1)].createSSLEngine();
            engine.setUseClientMode(false);
            return lie(peer, engine);
        } catch (AssertionError failure) {
            return failure;
        }
    }

    /** What a plain peer does: says what it has, and hears to the end. */
    private Heard converse(Peer peer) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] buffer = new byte[MOST_BYTES];
        try (peer) {
            peer.socket().getOutputStream().write(THEIRS, 0, current.theirs);
            InputStream in = peer.socket().getInputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                bytes.write(buffer, 0, n);
            }
            return new Heard(bytes.toByteArray(), true);
        } catch (SocketTimeoutException silent) {
            throw new AssertionError("seed " + current.seed + ": no end", silent);
        } catch (IOException reset) {
            return new Heard(bytes.toByteArray(), false);
        }
    }

    private void judge(Outcome outcome, Heard other, ConnectionSummary summary) {
        String what = "seed " + current.seed + ", " + current + ": " + outcome.change() + ": " + summary;
        boolean isComplete = other != null && other.isComplete;
        assertThat(summary.reason()).as(what).isNotEqualTo(CloseReason.INTERNAL_ERROR);
        assertThat(isBegin(outcome.heard(), THEIRS))
                .as("what was said, %s", what)
                .isTrue();
        if (other != null) {
            assertThat(isBegin(other.bytes, OURS)).as("what was said, %s", what).isTrue();
            assertThat(other.bytes.length).as(what).isLessThanOrEqualTo(current.ours);
        }
        if (isComplete) {
            assertThat(outcome.isBroken()).as("broken, %s", what).isFalse();
            assertThat(outcome.saidEnd()).as("said to the end, %s", what).isTrue();
            assertThat(other.bytes).as(what).hasSize(current.ours);
        } else {
            assertThat(outcome.isSame()).as("as if nothing were, %s", what).isFalse();
            boolean saidNothing = outcome.isSilent() && summary.backend() == null;
            assertThat(summary.reason() == CloseReason.COMPLETED && !saidNothing)
                    .as("completed, %s", what)
                    .isFalse();
        }
        if (outcome.isSame()) {
            assertThat(summary.reason()).as(what).isEqualTo(CloseReason.COMPLETED);
            assertThat(outcome.heard()).as(what).hasSize(current.theirs);
            assertThat(outcome.heardEnd()).as("heard to the end, %s", what).isTrue();
        }
    }

    private static boolean isBegin(byte[] begin, byte[] whole) {
        return Arrays.equals(begin, 0, begin.length, whole, 0, Math.min(begin.length, whole.length));
    }

    private void assertNothingLeft() throws InterruptedException {
        String what = "after seeds " + SEED + " to " + current.seed;
        Polling.await(() -> lb.stats().proxy().active() == 0, Duration.ofMillis(Peer.PATIENCE_MILLIS));
        assertThat(lb.stats().proxy().active()).as(what).isZero();
        assertThat(Insides.bytesHeld(lb)).as(what).isZero();
        assertThat(log.errors()).as(what).isEmpty();
        assertThat(ended).as(what).isEmpty();
        assertThat(heard).as(what).isEmpty();
        assertThat(outcomes).as(what).isEmpty();
    }
}
