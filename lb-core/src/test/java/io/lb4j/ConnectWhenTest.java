package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.event.Party;
import io.lb4j.preface.Hellos;
import io.lb4j.proxy.ConnectWhen;
import io.lb4j.testing.Peer;
import io.lb4j.testing.RecordingListener;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** When a backend is connected for a client: at once, or when he has said what it takes. */
class ConnectWhenTest {
    private static final Duration SHORT = Duration.ofMillis(50);

    @RegisterExtension
    final Resources resources = new Resources();

    private final RecordingListener listener = new RecordingListener();
    private final AtomicInteger routed = new AtomicInteger();
    private final TestBackend backend = resources.add(TestBackend.echoing());

    private LoadBalancer start(ConnectWhen when, Duration preface) {
        return resources.add(LoadBalancer.builder()
                .listen("127.0.0.1", 0, frontend -> frontend.connectWhen(when))
                .timeouts(timeouts -> timeouts.preface(preface))
                .noHealthCheck()
                .backend("127.0.0.1", backend.port())
                .selector((candidates, connection) -> {
                    routed.incrementAndGet();
                    return candidates.get(0);
                })
                .listener(listener)
                .start());
    }

    @Test
    void firstByte_probesAndSilentClients_costNoBackendAConnection() {
        LoadBalancer lb = start(ConnectWhen.FIRST_BYTE, SHORT);
        Peer.connect(lb.port()).close();
        assertThat(listener.awaitClosed())
                .returns(CloseReason.COMPLETED, ConnectionSummary::reason)
                .returns(0, ConnectionSummary::attempts)
                .returns(Party.CLIENT, ConnectionSummary::endedBy)
                .returns("--", ConnectionSummary::terminationCode);
        Peer silent = resources.add(Peer.connect(lb.port()));
        assertThat(silent.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        await().until(() -> listener.closed().size() == 2);
        assertThat(listener.closed().get(1).reason()).isEqualTo(CloseReason.PREFACE_TIMEOUT);
        assertThat(lb.stats().proxy().closed(CloseReason.PREFACE_TIMEOUT)).isEqualTo(1);
        assertThat(routed).hasValue(0);
        haveTime(lb);
        assertThat(resources.add(Peer.connect(lb.port())).send("hello").receiveText(5))
                .isEqualTo("hello");
        assertThat(routed).hasValue(1);
    }

    @Test
    void accepted_aSilentClient_hasABackendAtOnce() {
        LoadBalancer lb = start(ConnectWhen.ACCEPTED, SHORT);
        resources.add(Peer.connect(lb.port()));
        await().until(() -> listener.opened().size() == 1);
    }

    @Test
    void clientHello_inPieces_goesToTheBackendUnchanged() {
        LoadBalancer lb = start(ConnectWhen.CLIENT_HELLO, Duration.ofSeconds(20));
        byte[] hello = Hellos.inRecordsOf(60, Hellos.message(Hellos.serverName("a.example.com")));
        Peer client = resources.add(Peer.connect(lb.port()));
        for (byte piece : hello) {
            client.send(new byte[] {piece});
        }
        assertThat(client.receive(hello.length)).isEqualTo(hello);
        client.fin().receiveToEnd();
        assertThat(listener.awaitClosed())
                .returns("a.example.com", ConnectionSummary::serverName)
                .returns((long) hello.length, ConnectionSummary::bytesToBackend);
    }

    @Test
    void clientHello_thatIsNone_isReset_andOneOfAnotherProtocolIsNot() {
        LoadBalancer lb = start(ConnectWhen.CLIENT_HELLO, Duration.ofSeconds(20));
        Peer wrong = resources.add(Peer.connect(lb.port())).send(new byte[] {22, 9, 9, 9, 9, 9});
        assertThat(wrong.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        assertThat(listener.awaitClosed().reason()).isEqualTo(CloseReason.PREFACE_INVALID);
        assertThat(resources.add(Peer.connect(lb.port())).send("GET /").receiveText(5))
                .isEqualTo("GET /");
    }

    @Test
    void clientHelloOrSilence_aClientWhoSaysNothing_isServedAfterHisTime() {
        LoadBalancer lb = start(ConnectWhen.CLIENT_HELLO_OR_SILENCE, SHORT);
        Peer silent = resources.add(Peer.connect(lb.port()));
        await().until(() -> listener.opened().size() == 1);
        assertThat(silent.send("late").receiveText(4)).isEqualTo("late");
        // Who ends his stream without a word may still want to hear what the server says.
        resources.add(Peer.connect(lb.port())).fin().receiveToEnd();
        await().until(() -> listener.opened().size() == 2);
        await().until(() -> listener.closed().size() == 1);
        assertThat(listener.closed().get(0).reason()).isEqualTo(CloseReason.COMPLETED);
    }

    @Test
    void clientHelloOrSilence_aClientWhoHasBegunAHello_isNotSilent() {
        // Long enough for whoever says something to have said it.
        LoadBalancer lb = start(ConnectWhen.CLIENT_HELLO_OR_SILENCE, Duration.ofSeconds(2));
        Peer half = resources.add(Peer.connect(lb.port())).send(new byte[] {22, 3, 1});
        assertThat(half.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        assertThat(listener.awaitClosed().reason()).isEqualTo(CloseReason.PREFACE_TIMEOUT);
    }

    /** For clients who come from now on and do say something: none of them is to be too late on a busy machine. */
    private static void haveTime(LoadBalancer lb) {
        lb.reconfigure(change -> change.timeouts(timeouts -> timeouts.preface(Duration.ofMinutes(1))));
    }

    @Test
    void frontend_isReconfigured_forClientsWhoComeThen() {
        LoadBalancer lb = start(ConnectWhen.FIRST_BYTE, Duration.ofMinutes(1));
        Peer before = resources.add(Peer.connect(lb.port()));
        await().until(() -> lb.stats().proxy().active() == 1);
        lb.frontends().get(0).reconfigure(change -> change.connectWhen(ConnectWhen.ACCEPTED));
        resources.add(Peer.connect(lb.port()));
        await().until(() -> listener.opened().size() == 1);
        assertThat(before.send("x").receiveText(1)).isEqualTo("x");
    }

    /** What clients say first does not take what the bytes of others need. */
    @Test
    void halfHellos_moreThanTheBudgetHasRoomFor_areReset() {
        LoadBalancer lb = start(ConnectWhen.CLIENT_HELLO, Duration.ofMinutes(1));
        lb.reconfigure(change -> change.limits(limits -> limits.bufferedBytes(65_536)));
        byte[] hello = Hellos.inRecordsOf(1, Hellos.large());
        for (int i = 0; i < 20; i++) {
            resources.add(Peer.connect(lb.port())).send(Arrays.copyOf(hello, hello.length - 1));
        }
        await().until(() -> lb.stats().proxy().closed(CloseReason.LOCAL_SHORTAGE) > 0);
        assertThat(resources.add(Peer.connect(lb.port())).send("others go on").receiveText(12))
                .isEqualTo("others go on");
    }
}
