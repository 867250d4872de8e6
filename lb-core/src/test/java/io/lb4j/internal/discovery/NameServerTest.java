package io.lb4j.internal.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.backend.Backend;
import io.lb4j.discovery.BackendDiscovery;
import io.lb4j.testing.DnsServer;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Discovery against a real name server (catalogue, C12), asked in virtual time. Skipped where dnsmasq is missing. */
@Timeout(60)
class NameServerTest {
    private static final String A = "--host-record=a.test,10.0.0.1,fd00::1";
    private static final String B = "--host-record=b.test,10.0.0.2";

    private final DiscoveryStage stage = new DiscoveryStage();
    private DnsServer server;

    @AfterEach
    void close() {
        stage.close();
        if (server != null) {
            server.close();
        }
    }

    // ---- addresses

    @Test
    void dns_ofAName_isEachOfItsAddresses() throws Exception {
        server = DnsServer.start(A, B, "--cname=c.test,a.test");
        assertThat(dns("a.test").discover()).containsExactly(Backend.of("10.0.0.1", 9000), Backend.of("fd00::1", 9000));
        assertThat(dns("b.test").discover()).containsExactly(Backend.of("10.0.0.2", 9000));
        assertThat(dns("c.test").discover()).isEqualTo(dns("a.test").discover());
        assertThat(dns("nobody.test").discover()).isEmpty();
    }

    @Test
    void dns_withMoreAddressesThanADatagramHolds_isAllOfThem() throws Exception {
        String[] many = new String[80];
        List<Backend> expected = new ArrayList<>();
        for (int i = 0; i < many.length; i++) {
            many[i] = "--host-record=many.test,10.1.0." + (i + 1);
            expected.add(Backend.of("10.1.0." + (i + 1), 9000));
        }
        server = DnsServer.start(many);
        // The server begins each answer with another of them.
        for (int i = 0; i < 3; i++) {
            assertThat(dns("many.test").discover()).isEqualTo(expected);
        }
    }

    @Test
    void dns_ofANameTheServerCannotTell_isAFailure() {
        server = DnsServer.start(A);
        assertThatThrownBy(dns("a.elsewhere.example")::discover)
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("cannot ask name server 127.0.0.1:" + server.port()
                        + " for A of a.elsewhere.example: DNS service refused");
    }

    // ---- SRV

    @Test
    void srv_ofAName_isHostsPortsAndWeights() throws Exception {
        server = DnsServer.start(A, B, srv("a.test,9001,1,5"), srv("b.test,9002,2,0"), srv("gone.test,9003,1,1"));
        assertThat(srv().discover())
                .containsExactly(
                        Backend.of("10.0.0.1", 9001)
                                .withWeight(5)
                                .withPriority(1)
                                .withLabel("host", "a.test"),
                        Backend.of("fd00::1", 9001)
                                .withWeight(5)
                                .withPriority(1)
                                .withLabel("host", "a.test"),
                        Backend.of("10.0.0.2", 9002)
                                .withWeight(1)
                                .withPriority(2)
                                .withLabel("host", "b.test"));
    }

    @Test
    void srv_ofAServiceThatIsNotOffered_isEmpty() throws Exception {
        server = DnsServer.start(A, "--srv-host=_x._tcp.test");
        assertThat(srv().discover()).isEmpty();
        assertThat(BackendDiscovery.dnsSrv("_other._tcp.test", DnsServer.ADDRESS, server.port())
                        .discover())
                .isEmpty();
    }

    @Test
    void srv_thatChanges_isFollowed() {
        server = DnsServer.start(A, B, srv("b.test,9000,0,1"));
        stage.make(srv()).start();
        stage.settle();
        stage.assertToldLast(b(1));

        server.change("--host-record=c.test,10.0.0.3", B, srv("b.test,9000,0,7"), srv("c.test,9000,0,1"));
        stage.advance(DiscoveryStage.INTERVAL);
        Backend c = Backend.of("10.0.0.3", 9000).withLabel("host", "c.test");
        stage.assertToldLast(b(7), c);

        server.change("--host-record=c.test,10.0.0.3", srv("c.test,9000,0,1"));
        stage.advance(DiscoveryStage.INTERVAL);
        stage.assertToldLast(b(7), c);
        stage.advance(Duration.ofSeconds(30));
        stage.assertToldLast(c);
        assertThat(stage.log.messages()).isEmpty();
    }

    // ---- trouble

    @Test
    void nameServer_thatIsKilled_leavesTheLastGoodListAndIsSaidOnce() {
        server = DnsServer.start(B, srv("b.test,9000,0,1"));
        stage.make(srv()).start();
        stage.settle();
        server.kill();
        for (int i = 0; i < 3; i++) {
            stage.advance(DiscoveryStage.INTERVAL);
        }
        assertThat(stage.told).containsExactly(List.of(b(1)));
        assertThat(stage.log.messages())
                .hasSize(1)
                .first()
                .asString()
                .startsWith("orders: discovery dnsSrv(_x._tcp.test at 127.0.0.1:" + server.port()
                        + ") failed (cannot ask name server 127.0.0.1:" + server.port()
                        + " for SRV of _x._tcp.test: DNS error (")
                .endsWith("); kept the last good list, 1 backend");

        server.change(B, srv("b.test,9000,0,2"));
        stage.advance(DiscoveryStage.INTERVAL);
        stage.assertToldLast(b(2));
        assertThat(stage.log.messages("works again, 1 backend")).hasSize(1);
    }

    @Test
    void nameServer_thatForgetsTheName_leavesTheLastGoodListAndIsSaidOnce() {
        server = DnsServer.start(B, srv("b.test,9000,0,1"));
        stage.make(srv()).start();
        stage.settle();
        server.change(B);
        for (int i = 0; i < 5; i++) {
            stage.advance(DiscoveryStage.INTERVAL);
        }
        assertThat(stage.told).containsExactly(List.of(b(1)));
        assertThat(stage.log.messages())
                .containsExactly("orders: discovery dnsSrv(_x._tcp.test at 127.0.0.1:" + server.port()
                        + ") answered without a backend; kept the last good list, 1 backend");
    }

    @Test
    void nameServer_thatSaysNothing_isGivenUp() throws IOException {
        try (DatagramSocket deaf = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            BackendDiscovery discovery = BackendDiscovery.dns("a.test", 9000, DnsServer.ADDRESS, deaf.getLocalPort());
            assertThatThrownBy(discovery::discover)
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("cannot ask name server 127.0.0.1:" + deaf.getLocalPort())
                    .hasMessageContaining("for A of a.test");
        }
    }

    @Test
    void call_thatIsInterruptedBetweenTwoQuestions_ends() {
        BackendDiscovery discovery = BackendDiscovery.dnsSrv("_x._tcp.test", DnsServer.ADDRESS, 1);
        Thread.currentThread().interrupt();
        assertThatThrownBy(discovery::discover).isInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isFalse();
    }

    private BackendDiscovery dns(String host) {
        return BackendDiscovery.dns(host, 9000, DnsServer.ADDRESS, server.port());
    }

    private BackendDiscovery srv() {
        return BackendDiscovery.dnsSrv("_x._tcp.test", DnsServer.ADDRESS, server.port());
    }

    private static String srv(String record) {
        return "--srv-host=_x._tcp.test," + record;
    }

    private static Backend b(int weight) {
        return Backend.of("10.0.0.2", 9000).withWeight(weight).withLabel("host", "b.test");
    }
}
