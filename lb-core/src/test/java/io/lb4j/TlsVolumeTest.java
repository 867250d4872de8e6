package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.backend.Backend;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.testing.Certificate;
import io.lb4j.testing.EventLog;
import io.lb4j.testing.Resources;
import io.lb4j.testing.SingleBytes;
import io.lb4j.tls.BackendTls;
import io.lb4j.tls.TlsIdentity;
import io.lb4j.tls.Trust;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Much over TLS on both sides and in both directions at once, between sockets of the JDK. {@code -Dtls.mebibytes=5120} makes more
 * of it.
 */
class TlsVolumeTest {
    private static final long SIZE = Integer.getInteger("tls.mebibytes", 32) * 1024L * 1024;
    private static final int FEW = 5000;
    private static final int KEYS_PER_STREAM = 8;
    private static final int TIMEOUT_MILLIS = 60_000;

    /** No power of two, and longer than any buffer: bytes in another place are other bytes. */
    private static final byte[] PATTERN = new byte[1_299_709];

    @TempDir
    static Path folder;

    private static Certificate certificate;

    @RegisterExtension
    final Resources resources = new Resources();

    private final ExecutorService threads = Executors.newFixedThreadPool(3);
    private final EventLog events = new EventLog();
    private SSLServerSocket server;
    private LoadBalancer lb;

    @BeforeAll
    static void prepare() {
        certificate = Certificate.of(folder, "site.example");
        new Random(1).nextBytes(PATTERN);
    }

    @BeforeEach
    void start() throws IOException {
        resources.add((AutoCloseable) threads::shutdownNow);
        server = resources.add((SSLServerSocket) certificate
                .serving()
                .getServerSocketFactory()
                .createServerSocket(0, 1, InetAddress.getLoopbackAddress()));
        lb = resources.add(LoadBalancer.builder()
                .eventLoops(1)
                .noHealthCheck()
                .listener(events)
                .listen(
                        0,
                        frontend -> frontend.tls(
                                tls -> tls.certificate(TlsIdentity.pem(certificate.file(), certificate.key()))))
                .backend(Backend.of("127.0.0.1", server.getLocalPort())
                        .withTls(BackendTls.verified(Trust.pem(certificate.file()))
                                .withServerName("site.example")))
                .start());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void bytes_goBothWaysAtOnce_whateverKeysComeBetween(String protocol) throws Exception {
        int newKeys = protocol.equals("TLSv1.3") ? KEYS_PER_STREAM : 0;
        exchange(client(protocol, new Socket("127.0.0.1", lb.port())), SIZE, newKeys);
    }

    /** In a hello, in the rest of the handshake, in records and in the close_notify. */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void bytesOfAClient_comeOneByOne(String protocol) throws Exception {
        exchange(client(protocol, new SingleBytes("127.0.0.1", lb.port())), FEW, 0);
    }

    private SSLSocket client(String protocol, Socket below) throws IOException {
        SSLSocket client = resources.add((SSLSocket)
                certificate.trusting().getSocketFactory().createSocket(below, "site.example", lb.port(), true));
        client.setEnabledProtocols(new String[] {protocol});
        server.setEnabledProtocols(new String[] {protocol});
        return client;
    }

    private void exchange(SSLSocket client, long size, int newKeys) throws Exception {
        Future<?> sent = run(() -> send(client, size, newKeys));
        server.setSoTimeout(TIMEOUT_MILLIS);
        SSLSocket served = resources.add((SSLSocket) server.accept());
        Future<?> answered = run(() -> send(served, size, newKeys));
        Future<?> heard = run(() -> expect(client, size));
        expect(served, size);
        heard.get();
        sent.get();
        answered.get();
        // In TLS 1.2 who ends his stream ends both; so each does when he has heard all.
        client.shutdownOutput();
        assertThat(served.getInputStream().read()).isEqualTo(-1);
        served.close();
        assertThat(client.getInputStream().read()).isEqualTo(-1);
        client.close();
        ConnectionSummary summary = events.await(ConnectionSummary.class);
        assertThat(summary.reason()).isEqualTo(CloseReason.COMPLETED);
        assertThat(summary.bytesToBackend()).isEqualTo(size);
        assertThat(summary.bytesToClient()).isEqualTo(size);
    }

    private Future<?> run(Callable<?> part) {
        return threads.submit(part);
    }

    private static Void send(SSLSocket socket, long size, int newKeys) throws IOException {
        Random random = new Random(2);
        OutputStream out = socket.getOutputStream();
        long sent = 0;
        for (int part = 1; part <= newKeys + 1; part++) {
            long until = size / (newKeys + 1) * part + (part > newKeys ? size % (newKeys + 1) : 0);
            while (sent < until) {
                int at = (int) (sent % PATTERN.length);
                int most = 1 + random.nextInt(100_000);
                int length = (int) Math.min(Math.min(most, until - sent), PATTERN.length - at);
                out.write(PATTERN, at, length);
                sent += length;
            }
            if (part <= newKeys) {
                // After the first one, the peer is asked for new keys by that.
                socket.startHandshake();
            }
        }
        return null;
    }

    private static Void expect(SSLSocket socket, long size) throws IOException {
        socket.setSoTimeout(TIMEOUT_MILLIS);
        InputStream in = socket.getInputStream();
        byte[] heard = new byte[64 * 1024];
        long count = 0;
        while (count < size) {
            int at = (int) (count % PATTERN.length);
            int most = (int) Math.min(Math.min(heard.length, size - count), PATTERN.length - at);
            int read = in.read(heard, 0, most);
            assertThat(read).as("read, after %s bytes", count).isPositive();
            if (!Arrays.equals(heard, 0, read, PATTERN, at, at + read)) {
                throw new AssertionError("other bytes, after " + count);
            }
            count += read;
        }
        return null;
    }
}
