package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lb4j.backend.Backend;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.health.HealthChecker;
import io.lb4j.preface.Parsed;
import io.lb4j.preface.ProxyHeader;
import io.lb4j.preface.ProxyTlv;
import io.lb4j.preface.ProxyVersion;
import io.lb4j.proxy.ProxyProtocolPolicy.Untrusted;
import io.lb4j.testing.Peer;
import io.lb4j.testing.RecordingListener;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who a client is, as a proxy before this one says and as backends are told. */
class ProxyProtocolTest {
    private static final InetSocketAddress CLIENT = new InetSocketAddress("192.0.2.1", 5000);
    private static final InetSocketAddress EDGE = new InetSocketAddress("192.0.2.9", 443);
    private static final String REQUEST = "hello";

    @RegisterExtension
    final Resources resources = new Resources();

    private final RecordingListener listener = new RecordingListener();
    private final BlockingQueue<ProxyHeader> told = new LinkedBlockingQueue<>();

    /** Expects a header, and echoes what is behind it. */
    private final TestBackend backend = resources.add(TestBackend.serving(peer -> {
        byte[] begin = new byte[0];
        while (!(ProxyHeader.parse(begin, 0, begin.length) instanceof Parsed.Complete<ProxyHeader> complete)) {
            byte[] more = java.util.Arrays.copyOf(begin, begin.length + 1);
            more[begin.length] = peer.receive(1)[0];
            begin = more;
        }
        told.add(complete.value());
        if (!complete.value().isLocal()) {
            peer.send(peer.receiveText(REQUEST.length())).receiveToEnd();
        }
    }));

    private LoadBalancer start(Consumer<FrontendBuilder> frontend, UnaryOperator<LoadBalancerBuilder> settings) {
        return resources.add(settings.apply(LoadBalancer.builder()
                        .listen("127.0.0.1", 0, frontend)
                        .noHealthCheck()
                        .listener(listener))
                .start());
    }

    private LoadBalancer start(ProxyVersion version, Consumer<FrontendBuilder> frontend) {
        return start(frontend, builder -> builder.eachBackend(each -> each.withProxyProtocol(version))
                .backend("127.0.0.1", backend.port()));
    }

    private ProxyHeader tells(LoadBalancer lb, byte[]... first) {
        Peer client = resources.add(Peer.connect(lb.port()));
        for (byte[] said : first) {
            client.send(said);
        }
        assertThat(client.send(REQUEST).receiveText(REQUEST.length())).isEqualTo(REQUEST);
        client.fin().receiveToEnd();
        return awaited();
    }

    private ProxyHeader awaited() {
        await().until(() -> !told.isEmpty());
        return told.remove();
    }

    @ParameterizedTest
    @EnumSource
    void backend_isToldWhoItsClientIs(ProxyVersion version) {
        LoadBalancer lb = start(version, frontend -> {});
        ProxyHeader header = tells(lb);
        ConnectionSummary summary = listener.awaitClosed();
        assertThat(header.version()).isEqualTo(version);
        assertThat(header.source()).contains(summary.clientAddress());
        assertThat(header.destination()).contains(lb.address());
        assertThat(summary.bytesToBackend()).isEqualTo(REQUEST.length());
    }

    @Test
    void backend_isToldBeforeTheClientHasSpoken() {
        LoadBalancer lb = start(ProxyVersion.V2, frontend -> {});
        resources.add(Peer.connect(lb.port()));
        assertThat(awaited().source()).isPresent();
    }

    @ParameterizedTest
    @EnumSource
    void client_isWhomTheProxyBeforeNames_everywhere(ProxyVersion version) {
        LoadBalancer lb =
                start(ProxyVersion.V2, frontend -> frontend.proxyProtocol(proxies -> proxies.trust("127.0.0.0/8")));
        ProxyHeader header = tells(lb, ProxyHeader.of(version, CLIENT, EDGE).toBytes());
        assertThat(header.source()).contains(CLIENT);
        assertThat(header.destination()).contains(EDGE);
        ConnectionSummary summary = listener.awaitClosed();
        assertThat(summary.clientAddress()).isEqualTo(CLIENT);
        assertThat(summary.peerAddress().getAddress().isLoopbackAddress()).isTrue();
        assertThat(listener.opened()).singleElement().satisfies(opened -> assertThat(opened.clientAddress())
                .isEqualTo(CLIENT));
    }

    @Test
    void accessRulesAndLimits_areForTheClientThatIsNamed() {
        LoadBalancer lb = start(
                frontend -> frontend.proxyProtocol(proxies -> proxies.trust("127.0.0.0/8"))
                        .access(rules -> rules.deny("192.0.2.0/24")
                                .allow("203.0.113.0/24")
                                .otherwiseDeny())
                        .clientLimits(limits -> limits.maxConnections(1)),
                builder -> builder.backend(
                        "127.0.0.1", resources.add(TestBackend.echoing()).port()));
        InetSocketAddress allowed = new InetSocketAddress("203.0.113.7", 1);
        Peer denied = resources.add(Peer.connect(lb.port()));
        denied.send(ProxyHeader.of(ProxyVersion.V2, CLIENT, EDGE).toBytes());
        assertThat(denied.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        assertThat(listener.awaitClosed())
                .returns(CloseReason.ACCESS_DENIED, ConnectionSummary::reason)
                .returns(CLIENT, ConnectionSummary::clientAddress);
        byte[] header = ProxyHeader.of(ProxyVersion.V1, allowed, EDGE).toBytes();
        Peer one = resources.add(Peer.connect(lb.port()));
        assertThat(one.send(header).send("x").receiveText(1)).isEqualTo("x");
        Peer second = resources.add(Peer.connect(lb.port())).send(header);
        assertThat(second.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        await().until(() -> listener.closed().size() == 2);
        assertThat(listener.closed().get(1).reason()).isEqualTo(CloseReason.CLIENT_LIMIT);
        one.fin().receiveToEnd();
        await().until(() -> listener.closed().size() == 3);
        assertThat(resources.add(Peer.connect(lb.port())).send(header).send("y").receiveText(1))
                .isEqualTo("y");
    }

    @Test
    void stranger_isRefused_orAClientLikeAnyOther() {
        TestBackend plain = resources.add(TestBackend.echoing());
        for (Untrusted untrusted : Untrusted.values()) {
            LoadBalancer lb = start(
                    frontend -> frontend.proxyProtocol(
                            proxies -> proxies.trust("127.0.0.2").untrusted(untrusted)),
                    builder -> builder.backend("127.0.0.1", plain.port()));
            byte[] header = ProxyHeader.of(ProxyVersion.V1, CLIENT, EDGE).toBytes();
            Peer stranger = resources.add(Peer.connectFrom("127.0.0.3", lb.port()));
            if (untrusted == Untrusted.REFUSE) {
                assertThat(stranger.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
                assertThat(listener.awaitClosed().reason()).isEqualTo(CloseReason.PEER_NOT_TRUSTED);
            } else {
                // What he says of himself is for the backend, and nobody believes it.
                assertThat(stranger.send(header).receive(header.length)).isEqualTo(header);
                assertThat(listener.opened()).last().satisfies(opened -> assertThat(
                                opened.clientAddress().getAddress().getHostAddress())
                        .isEqualTo("127.0.0.3"));
            }
        }
    }

    @Test
    void headerOfAHealthCheck_leavesTheClientHisAddress() {
        LoadBalancer lb =
                start(ProxyVersion.V1, frontend -> frontend.proxyProtocol(proxies -> proxies.trust("127.0.0.0/8")));
        ProxyHeader header = tells(lb, ProxyHeader.local(ProxyVersion.V2).toBytes());
        assertThat(header.source().orElseThrow().getAddress().isLoopbackAddress())
                .isTrue();
    }

    @Test
    void tlvs_areTold_asTheFrontendSays() {
        LoadBalancer lb =
                start(ProxyVersion.V2, frontend -> frontend.proxyProtocol(proxies -> proxies.trust("127.0.0.0/8"))
                        .proxyTlvs(tlvs -> tlvs.forward(0xE0, 0xEF)
                                .uniqueId()
                                .add(0xF0, connection -> connection.frontend().getBytes(StandardCharsets.US_ASCII))
                                .add(0xF1, connection -> null)
                                .add(0xF2, connection -> {
                                    throw new IllegalStateException("scripted");
                                })
                                .checksum()));
        ProxyTlv own = ProxyTlv.of(0xE1, new byte[] {1, 2, 3});
        ProxyHeader came = ProxyHeader.of(ProxyVersion.V2, CLIENT, EDGE)
                .with(own)
                .with(ProxyTlv.of(0x07, new byte[9]))
                .with(ProxyTlv.of(ProxyTlv.UNIQUE_ID, "seven".getBytes(StandardCharsets.US_ASCII)));
        ProxyHeader header = tells(lb, came.toBytesWithChecksum());
        assertThat(header.tlvs())
                .containsExactly(
                        own,
                        ProxyTlv.of(ProxyTlv.UNIQUE_ID, "seven".getBytes(StandardCharsets.US_ASCII)),
                        ProxyTlv.of(0xF0, "127.0.0.1:any".getBytes(StandardCharsets.US_ASCII)));
        assertThat(lb.stats().proxy().guestFailures()).isEqualTo(1);
        String first = tlv(tells(lb, ProxyHeader.local(ProxyVersion.V2).toBytes()));
        String second = tlv(tells(lb, ProxyHeader.local(ProxyVersion.V2).toBytes()));
        assertThat(first).matches("[0-9a-f]{16}-[0-9]+").isNotEqualTo(second);
        assertThat(first.substring(0, 16)).isEqualTo(second.substring(0, 16));
    }

    private static String tlv(ProxyHeader header) {
        return new String(header.uniqueId().orElseThrow(), StandardCharsets.US_ASCII);
    }

    @Test
    void tlvs_inVersionOne_haveNoRoom_andHarmNobody() {
        LoadBalancer lb = start(
                ProxyVersion.V1,
                frontend -> frontend.proxyTlvs(tlvs -> tlvs.uniqueId().checksum()));
        assertThat(tells(lb).tlvs()).isEmpty();
        assertThat(lb.stats().proxy().guestFailures()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void healthChecks_sendAHeaderOfTheirOwn(ProxyVersion version) throws Exception {
        Backend expecting = Backend.of("127.0.0.1", backend.port()).withProxyProtocol(version);
        HealthChecker check = HealthChecker.sendExpect(REQUEST, REQUEST);
        if (version == ProxyVersion.V1) {
            check.check(expecting, Duration.ofSeconds(10));
            ProxyHeader header = awaited();
            assertThat(header.source().orElseThrow().getAddress().isLoopbackAddress())
                    .isTrue();
            assertThat(header.destination()).contains(new InetSocketAddress("127.0.0.1", backend.port()));
        } else {
            // This backend has nothing to say to a check.
            assertThatThrownBy(() -> check.check(expecting, Duration.ofSeconds(10)))
                    .hasMessageContaining("closed without an answer");
            assertThat(awaited().isLocal()).isTrue();
        }
    }

    @Test
    void settings_thatAreWrong_areRefusedOnTheirLine() {
        assertThatThrownBy(() -> start(frontend -> frontend.proxyProtocol(proxies -> {}), builder -> builder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("proxyProtocol trust: none (expected: the addresses of those who send headers)");
        assertThatThrownBy(() -> start(
                        frontend -> frontend.proxyProtocol(proxies -> proxies.trust("10.1.0.0/8")), builder -> builder))
                .hasMessageStartingWith("proxyProtocol trust: ");
        assertThatThrownBy(() ->
                        start(frontend -> frontend.proxyTlvs(tlvs -> tlvs.forward(0xE0, 0xDF)), builder -> builder))
                .hasMessage("proxyTlvs forward: 223 (expected: 224..255)");
        assertThatThrownBy(() -> start(
                        frontend -> frontend.proxyTlvs(tlvs -> tlvs.add(256, connection -> null)), builder -> builder))
                .hasMessage("proxyTlvs type: 256 (expected: 0..255)");
        assertThatThrownBy(() -> start(
                        frontend -> frontend.proxyTlvs(tlvs -> tlvs.add(3, connection -> null)), builder -> builder))
                .hasMessage("proxyTlvs type: 3 (expected: another one; checksum() adds this one)");
    }
}
