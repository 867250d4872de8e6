package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.backend.Backend;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionPhase;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.event.Party;
import io.lb4j.testing.Certificate;
import io.lb4j.testing.EventLog;
import io.lb4j.testing.IdleProbe;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import io.lb4j.testing.TlsPeer;
import io.lb4j.testing.TlsPeer.End;
import io.lb4j.tls.BackendTls;
import io.lb4j.tls.TlsIdentity;
import io.lb4j.tls.Trust;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * How connections end over TLS, and what the other side sees of it: each end of one side, on the left and on the right of the
 * balancer, over each kind of stream on both sides. What is cut off never looks complete.
 */
class TlsEndingsTest {
    private static final String HOST = "site.example";

    /** What a side speaks. */
    enum Leg {
        PLAIN(""),
        TLS_1_2("TLSv1.2"),
        TLS_1_3("TLSv1.3");

        final String protocol;

        Leg(String protocol) {
            this.protocol = protocol;
        }

        boolean isTls() {
            return this != PLAIN;
        }
    }

    @TempDir
    static Path folder;

    private static Certificate certificate;
    private static SSLContext serving;

    @RegisterExtension
    final Resources resources = new Resources();

    private final TestBackend backend = resources.add(TestBackend.listening());
    private final EventLog events = new EventLog();
    private LoadBalancer lb;
    private Side client;
    private Side served;

    @BeforeAll
    static void makeCertificate() {
        certificate = Certificate.of(folder, HOST);
        serving = certificate.serving();
    }

    static Stream<Arguments> legs() {
        return Stream.of(Leg.values()).flatMap(left -> Stream.of(Leg.values()).map(right -> Arguments.of(left, right)));
    }

    /** Each kind of stream on both sides, seen from a client and from a backend. */
    static Stream<Arguments> legsAndSides() {
        return legs().flatMap(each ->
                Stream.of(true, false).map(ofClient -> Arguments.of(each.get()[0], each.get()[1], ofClient)));
    }

    /** Those in which that side speaks TLS. */
    static Stream<Arguments> legsAndTlsSides() {
        return legsAndSides().filter(each -> ((Leg) each.get()[(boolean) each.get()[2] ? 0 : 1]).isTls());
    }

    private void connect(Leg left, Leg right) throws IOException {
        Backend place = Backend.of("127.0.0.1", backend.port());
        if (right.isTls()) {
            place = place.withTls(
                    BackendTls.verified(Trust.pem(certificate.file())).withServerName(HOST));
        }
        lb = resources.add(LoadBalancer.builder()
                .eventLoops(1)
                .noHealthCheck()
                .listener(events)
                .listen(0, frontend -> {
                    if (left.isTls()) {
                        frontend.tls(tls -> tls.certificate(TlsIdentity.pem(certificate.file(), certificate.key())));
                    }
                })
                .backend(place)
                .start());
        Peer connected = resources.add(Peer.connect(lb.port()));
        if (left.isTls()) {
            client = new Side(
                    connected,
                    resources.add(TlsPeer.over(connected, clientEngine(left)).shake()));
        } else {
            client = new Side(connected, null);
        }
        Peer accepted = backend.accept();
        if (right.isTls()) {
            SSLEngine engine = serving.createSSLEngine();
            engine.setUseClientMode(false);
            engine.setEnabledProtocols(new String[] {right.protocol});
            served = new Side(
                    accepted, resources.add(TlsPeer.over(accepted, engine).shake()));
        } else {
            served = new Side(accepted, null);
        }
    }

    private static SSLEngine clientEngine(Leg leg) throws IOException {
        SSLEngine engine = certificate.trusting().createSSLEngine(HOST, 443);
        engine.setUseClientMode(true);
        engine.setEnabledProtocols(new String[] {leg.protocol});
        return engine;
    }

    private void awaitClosed(CloseReason reason) {
        assertThat(events.await(ConnectionSummary.class).reason()).isEqualTo(reason);
    }

    private void awaitCutOff(boolean ofClient, CloseReason reason) {
        assertThat(events.await(ConnectionSummary.class))
                .returns(reason, ConnectionSummary::reason)
                .returns(ConnectionPhase.RELAYING, ConnectionSummary::phase)
                .returns(ofClient ? Party.CLIENT : Party.BACKEND, ConnectionSummary::endedBy)
                .returns(ofClient ? "CD" : "SD", ConnectionSummary::terminationCode);
        ToLongFunction<ConnectionSummary> heard =
                ofClient ? ConnectionSummary::bytesToBackend : ConnectionSummary::bytesToClient;
        assertThat(heard.applyAsLong(events.await(ConnectionSummary.class))).isEqualTo(1000);
    }

    /** A peer, whatever it speaks. */
    private record Side(Peer plain, TlsPeer secure) {
        void say(byte[] bytes) throws IOException {
            if (secure == null) {
                plain.send(bytes);
            } else {
                secure.say(bytes, 16_000);
            }
        }

        byte[] hear(int count) throws IOException {
            return secure == null ? plain.receive(count) : secure.hear(count);
        }

        /** Ends its stream as it has to. */
        void end() throws IOException {
            if (secure == null) {
                plain.fin();
            } else {
                secure.closeNotify();
            }
        }

        void reset() throws IOException {
            if (secure == null) {
                plain.rst();
            } else {
                secure.reset();
            }
        }

        /** Hears nothing more but this. */
        void hearsNothingBut(boolean cleanEnd) throws IOException {
            if (secure == null) {
                Peer.Received rest = plain.receiveToEnd();
                assertThat(rest.end()).isEqualTo(cleanEnd ? Peer.End.EOF : Peer.End.RESET);
                assertThat(rest.count()).isZero();
            } else {
                assertThat(secure.hearToEnd()).isZero();
                assertThat(secure.end()).isEqualTo(cleanEnd ? End.CLOSE_NOTIFY : End.RESET);
            }
        }
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @MethodSource("legs")
    void bytes_goBothWays(Leg left, Leg right) throws IOException {
        connect(left, right);
        byte[] up = bytes(2_000_000);
        byte[] down = bytes(3_000_001);

        CompletableFuture<Void> answered = CompletableFuture.runAsync(() -> unchecked(() -> served.say(down)));
        assertThat(client.hear(down.length)).isEqualTo(down);
        answered.join();
        CompletableFuture<Void> asked = CompletableFuture.runAsync(() -> unchecked(() -> client.say(up)));
        assertThat(served.hear(up.length)).isEqualTo(up);
        asked.join();
        IdleProbe.assertIdle(() -> lb.stats().proxy());
    }

    private interface Step {
        void run() throws IOException;
    }

    private static void unchecked(Step step) {
        try {
            step.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Side one(boolean ofClient) {
        return ofClient ? client : served;
    }

    @ParameterizedTest
    @MethodSource("legsAndSides")
    void end_isTheSameOnTheOtherSide_andTheOtherDirectionGoesOn(Leg left, Leg right, boolean ofClient)
            throws IOException {
        connect(left, right);
        Side first = one(ofClient);
        Side second = one(!ofClient);
        first.say(bytes(70_000));
        first.end();

        assertThat(second.hear(70_000)).isEqualTo(bytes(70_000));
        second.hearsNothingBut(true);
        IdleProbe.assertIdle(() -> lb.stats().proxy());
        boolean canGoOn = left != Leg.TLS_1_2 && right != Leg.TLS_1_2;
        if (canGoOn) {
            second.say(bytes(50_000));
        }
        second.end();
        if (canGoOn) {
            assertThat(first.hear(50_000)).isEqualTo(bytes(50_000));
        }
        first.hearsNothingBut(true);
        awaitClosed(CloseReason.COMPLETED);
    }

    @ParameterizedTest
    @MethodSource("legsAndSides")
    void reset_isAResetOnTheOtherSide_afterTheLastByte(Leg left, Leg right, boolean ofClient) throws IOException {
        connect(left, right);
        one(ofClient).say(bytes(1000));
        assertThat(one(!ofClient).hear(1000)).isEqualTo(bytes(1000));
        one(ofClient).reset();

        one(!ofClient).hearsNothingBut(false);
        awaitClosed(ofClient ? CloseReason.CLIENT_RESET : CloseReason.BACKEND_RESET);
    }

    @ParameterizedTest
    @MethodSource("legsAndTlsSides")
    void endWithoutCloseNotify_isAReset_afterTheLastByte(Leg left, Leg right, boolean ofClient) throws IOException {
        connect(left, right);
        one(ofClient).say(bytes(1000));
        one(ofClient).plain().fin();

        assertThat(one(!ofClient).hear(1000)).isEqualTo(bytes(1000));
        one(!ofClient).hearsNothingBut(false);
        awaitCutOff(ofClient, ofClient ? CloseReason.CLIENT_TRUNCATED : CloseReason.BACKEND_TRUNCATED);
    }

    @ParameterizedTest
    @MethodSource("legsAndTlsSides")
    void recordThatIsNone_isAReset(Leg left, Leg right, boolean ofClient) throws IOException {
        connect(left, right);
        one(ofClient).say(bytes(1000));
        byte[] forged = bytes(5 + 64);
        System.arraycopy(new byte[] {23, 3, 3, 0, 64}, 0, forged, 0, 5);
        one(ofClient).plain().send(forged);

        assertThat(one(!ofClient).hear(1000)).isEqualTo(bytes(1000));
        one(!ofClient).hearsNothingBut(false);
        awaitCutOff(ofClient, ofClient ? CloseReason.CLIENT_TLS_FAILED : CloseReason.BACKEND_TLS_FAILED);
    }
}
