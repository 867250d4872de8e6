package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.backend.Backend;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.testing.Certificate;
import io.lb4j.testing.EventLog;
import io.lb4j.testing.Resources;
import io.lb4j.testing.SingleBytes;
import io.lb4j.testing.TestBackend;
import io.lb4j.testing.TlsPeer;
import io.lb4j.tls.BackendTls;
import io.lb4j.tls.TlsIdentity;
import io.lb4j.tls.Trust;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Much over TLS on both sides and in both directions at once. {@code -Dtls.mebibytes=5120} makes more of it. The peers are engines: a
 * socket of the JDK that is asked for new keys does not read on while it cannot write.
 */
class TlsVolumeTest {
    private static final long SIZE = Integer.getInteger("tls.mebibytes", 32) * 1024L * 1024;
    private static final int FEW = 5000;
    private static final int KEYS_PER_STREAM = 8;
    private static final int MOST = 100_000;
    private static final int LARGEST_RECORD = 16_384;

    /** Longer than any buffer, and no power of two: bytes in another place are other bytes. */
    private static final byte[] PATTERN = new byte[1_299_709];

    @TempDir
    static Path folder;

    private static Certificate certificate;

    @RegisterExtension
    final Resources resources = new Resources();

    private final TestBackend backend = resources.add(TestBackend.listening());
    private final ExecutorService threads = Executors.newFixedThreadPool(4);
    private final EventLog events = new EventLog();
    private LoadBalancer lb;

    @BeforeAll
    static void prepare() {
        certificate = Certificate.of(folder, "site.example");
        new Random(1).nextBytes(PATTERN);
    }

    @BeforeEach
    void start() {
        resources.add((AutoCloseable) threads::shutdownNow);
        lb = resources.add(LoadBalancer.builder()
                .eventLoops(1)
                .noHealthCheck()
                .listener(events)
                .listen(
                        0,
                        frontend -> frontend.tls(
                                tls -> tls.certificate(TlsIdentity.pem(certificate.file(), certificate.key()))))
                .backend(Backend.of("127.0.0.1", backend.port())
                        .withTls(BackendTls.verified(Trust.pem(certificate.file()))
                                .withServerName("site.example")))
                .start());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void bytes_goBothWaysAtOnce_whateverKeysComeBetween(String protocol) throws Exception {
        int newKeys = protocol.equals("TLSv1.3") ? KEYS_PER_STREAM : 0;
        exchange(protocol, new Socket("127.0.0.1", lb.port()), SIZE, newKeys);
    }

    /** In a hello, in the rest of the handshake, in records and in the close_notify. */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void bytesOfAClient_comeOneByOne(String protocol) throws Exception {
        exchange(protocol, new SingleBytes("127.0.0.1", lb.port()), FEW, 0);
    }

    private void exchange(String protocol, Socket below, long size, int newKeys) throws Exception {
        TlsPeer client = resources.add(TlsPeer.over(below, engine(true, protocol)));
        Future<TlsPeer> shaken = threads.submit(client::shake);
        TlsPeer served = resources
                .add(TlsPeer.over(backend.accept(), engine(false, protocol)))
                .shake();
        shaken.get();
        for (Future<?> part : Arrays.asList(
                threads.submit(() -> say(client, size, newKeys)),
                threads.submit(() -> say(served, size, newKeys)),
                threads.submit(() -> hear(client, size)),
                threads.submit(() -> hear(served, size)))) {
            part.get();
        }

        client.closeNotify();
        assertThat(served.hearToEnd()).isZero();
        served.closeNotify();
        assertThat(client.hearToEnd()).isZero();
        assertThat(served.end()).isEqualTo(TlsPeer.End.CLOSE_NOTIFY);
        assertThat(client.end()).isEqualTo(TlsPeer.End.CLOSE_NOTIFY);
        ConnectionSummary summary = events.await(ConnectionSummary.class);
        assertThat(summary.reason()).isEqualTo(CloseReason.COMPLETED);
        assertThat(summary.bytesToBackend()).isEqualTo(size);
        assertThat(summary.bytesToClient()).isEqualTo(size);
    }

    private static SSLEngine engine(boolean isClient, String protocol) throws IOException {
        SSLEngine engine = certificate.engine(isClient);
        engine.setEnabledProtocols(new String[] {protocol});
        return engine;
    }

    private static byte[] part(long at, int length) {
        int from = (int) (at % PATTERN.length);
        return Arrays.copyOfRange(PATTERN, from, Math.min(PATTERN.length, from + length));
    }

    private static Void say(TlsPeer peer, long size, int newKeys) throws IOException {
        Random random = new Random(2);
        long said = 0;
        for (int asked = 0; said < size; ) {
            byte[] part = part(said, (int) Math.min(1 + random.nextInt(MOST), size - said));
            peer.say(part, 1 + random.nextInt(LARGEST_RECORD));
            said += part.length;
            if (said > size / (newKeys + 1) * (asked + 1) && asked < newKeys) {
                asked++;
                peer.newKeys();
            }
        }
        return null;
    }

    private static Void hear(TlsPeer peer, long size) throws IOException {
        for (long heard = 0; heard < size; ) {
            byte[] expected = part(heard, (int) Math.min(MOST, size - heard));
            int wrong = Arrays.mismatch(peer.hear(expected.length), expected);
            assertThat(wrong).as("after %s bytes", heard).isNegative();
            heard += expected.length;
        }
        return null;
    }
}
