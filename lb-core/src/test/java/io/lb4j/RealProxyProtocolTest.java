package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.lb4j.backend.Backend;
import io.lb4j.event.CloseReason;
import io.lb4j.event.ConnectionSummary;
import io.lb4j.preface.Parsed;
import io.lb4j.preface.ProxyHeader;
import io.lb4j.preface.ProxyTlv;
import io.lb4j.preface.ProxyVersion;
import io.lb4j.proxy.ConnectWhen;
import io.lb4j.proxy.ProxyProtocolPolicy.Untrusted;
import io.lb4j.testing.Certificate;
import io.lb4j.testing.EventLog;
import io.lb4j.testing.HaProxy;
import io.lb4j.testing.MariaDb;
import io.lb4j.testing.Nginx;
import io.lb4j.testing.Peer;
import io.lb4j.testing.Program;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The PROXY protocol between lb4j and those who speak it, too: HAProxy, nginx, curl and MariaDB. Skipped where one of them is
 * missing.
 */
class RealProxyProtocolTest {
    private static final String CLIENT = "127.0.0.7";
    private static final String TRUSTED = "127.0.0.2";
    private static final String ID = "[0-9a-f]{16}-";
    private static final long MUCH = 300_000;

    @RegisterExtension
    final Resources resources = new Resources();

    @TempDir
    private Path folder;

    /** What is known of a connection when its backend is chosen. */
    private record Seen(InetSocketAddress client, InetSocketAddress peer, Optional<ProxyHeader> header) {}

    private final List<Seen> seen = new CopyOnWriteArrayList<>();
    private final EventLog log = new EventLog();

    // ---- somebody before lb4j

    @ParameterizedTest
    @CsvSource({"send-proxy, V1", "send-proxy-v2, V2"})
    void haProxyBefore_says_whoTheClientIs(String option, ProxyVersion version) throws IOException {
        LoadBalancer lb = behindProxies(echo());
        Program.Server haproxy = resources.add(HaProxy.start(folder, port -> listen(port, "", lb.port(), option)));
        Peer client = connect(haproxy.port());

        exchangeMuch(client);

        assertClientIsKnown(client, haproxy.port());
        assertThat(header().version()).isEqualTo(version);
        assertThat(header().tlvs()).isEmpty();
    }

    @Test
    void haProxyBefore_says_moreThanAddresses() throws IOException {
        LoadBalancer lb = behindProxies(echo());
        Program.Server haproxy = resources.add(HaProxy.start(
                folder,
                port -> listen(port, "", lb.port(), "send-proxy-v2 proxy-v2-options crc32c,unique-id")
                        + "  unique-id-format from-%ci-%cp\n"));
        Peer client = connect(haproxy.port());

        exchangeMuch(client);

        assertClientIsKnown(client, haproxy.port());
        assertThat(header().tlvs()).hasSize(1);
        assertThat(header().uniqueId().map(RealProxyProtocolTest::text))
                .contains("from-" + CLIENT + "-" + port(client));
    }

    /** TLS ends at HAProxy, which tells what it was. */
    @Test
    void haProxyBefore_says_whatTheClientSaidByTls() throws IOException {
        Certificate certificate = Certificate.of(folder, "a.example.test");
        LoadBalancer lb = behindProxies(echo());
        String options = "send-proxy-v2 proxy-v2-options ssl,ssl-cipher,authority,crc32c";
        Program.Server haproxy = resources.add(HaProxy.start(
                folder, port -> listen(port, "ssl crt " + certificate.withKey() + " alpn h2", lb.port(), options)));
        Peer client = resources.add(certificate.connect(haproxy.port(), List.of(certificate.host()), "h2"));

        assertThat(client.send("in the clear behind it").receiveText(22)).isEqualTo("in the clear behind it");

        assertThat(header().source())
                .contains((InetSocketAddress) client.socket().getLocalSocketAddress());
        assertThat(header().serverName()).contains("a.example.test");
        assertThat(header().applicationProtocol()).contains("h2");
        assertThat(header().tlv(ProxyTlv.SSL)).isPresent();
        assertThat(text(header().tlv(ProxyTlv.SSL).orElseThrow().value())).contains("TLSv1.3", "TLS_AES_");
    }

    /** What it is told is of IPv6, though it is connected to by IPv4, and so is what it tells. */
    @ParameterizedTest
    @CsvSource({"send-proxy, V1", "send-proxy, V2", "send-proxy-v2, V1", "send-proxy-v2, V2"})
    void client_ofIpv6_staysOne_alongTheWay(String option, ProxyVersion version) {
        Program.Server last = receivingHaProxy(echo().port());
        LoadBalancer lb = behindProxies(Backend.of("127.0.0.1", last.port()).withProxyProtocol(version));
        Program.Server first = resources.add(HaProxy.start(
                folder, port -> listen(port, "", lb.port(), option).replace("127.0.0.1:" + port, "::1:" + port)));
        Peer client = resources.add(Peer.connectFrom("::1", first.port()));

        exchangeMuch(client);

        String told = "src=::1:" + port(client) + " dst=::1:" + first.port() + " ";
        await().untilAsserted(() -> assertThat(last.program().output()).contains(told));
        assertThat(log.await(ConnectionSummary.class).clientAddress())
                .isEqualTo(client.socket().getLocalSocketAddress());
    }

    /** Who connects for him is let in, and he is not. */
    @Test
    void client_isLetInOrNot_byTheAddressThatHaProxySays() {
        Backend backend = echo();
        LoadBalancer lb = start(frontend -> trustingProxies(frontend).access(rules -> rules.deny(CLIENT)), backend);
        Program.Server haproxy =
                resources.add(HaProxy.start(folder, port -> listen(port, "", lb.port(), "send-proxy-v2")));

        assertThat(echoed(CLIENT, haproxy.port(), "payload")).isEmpty();
        assertThat(echoed(TRUSTED, haproxy.port(), "payload")).isEqualTo("payload");

        // HAProxy may try again for him, as its connection was reset at once.
        await().untilAsserted(() -> assertThat(log.await(ConnectionSummary.class, 2))
                .extracting(summary -> summary.clientAddress().getHostString(), ConnectionSummary::reason)
                .containsOnly(tuple(CLIENT, CloseReason.ACCESS_DENIED), tuple(TRUSTED, CloseReason.COMPLETED)));
    }

    /** They are LOCAL, and end behind the header. Where a first byte is waited for, no backend hears of them. */
    @ParameterizedTest
    @EnumSource(names = {"ACCEPTED", "FIRST_BYTE"})
    void haProxyBefore_checks_withoutAClient(ConnectWhen when) {
        LoadBalancer lb = start(frontend -> trustingProxies(frontend).connectWhen(when), echo());
        Program.Server haproxy = resources.add(
                HaProxy.start(folder, port -> listen(port, "", lb.port(), "send-proxy-v2 check inter 100ms fall 5")));

        log.await(ConnectionSummary.class, 12);
        List<Seen> checks = List.copyOf(seen);
        exchangeMuch(connect(haproxy.port()));

        assertThat(checks.isEmpty()).isEqualTo(when == ConnectWhen.FIRST_BYTE);
        assertThat(checks).allSatisfy(check -> {
            assertThat(check.header().orElseThrow().isLocal()).isTrue();
            assertThat(check.client()).isEqualTo(check.peer());
        });
        assertThat(seen)
                .filteredOn(each -> !each.header().orElseThrow().isLocal())
                .hasSize(1);
        assertThat(log.of(ConnectionSummary.class))
                .extracting(ConnectionSummary::reason)
                .isSubsetOf(CloseReason.COMPLETED, CloseReason.CLIENT_RESET);
    }

    @Test
    void nginxBefore_says_whoTheClientIs() throws IOException {
        LoadBalancer lb = behindProxies(echo());
        Program.Server nginx = resources.add(Nginx.startStream(
                folder,
                1,
                port -> "server { listen 127.0.0.1:" + port
                        + "; proxy_protocol on; proxy_half_close on; proxy_pass 127.0.0.1:" + lb.port() + "; }"));
        Peer client = connect(nginx.port());

        exchangeMuch(client);

        assertClientIsKnown(client, nginx.port());
        assertThat(header().version()).isEqualTo(ProxyVersion.V1);
    }

    @Test
    void curl_sendsTheHeaderItself_andIsAnswered() {
        String curl = Program.require("curl");
        Program.Server nginx = resources.add(Nginx.startHttp(
                folder, port -> "server { listen 127.0.0.1:" + port + "; return 200 \"asked for $request_uri\"; }"));
        LoadBalancer lb = behindProxies(Backend.of("127.0.0.1", nginx.port()));

        String answer = Program.run(
                curl, "-sS", "--interface", CLIENT, "--haproxy-protocol", "http://127.0.0.1:" + lb.port() + "/it");

        assertThat(answer).isEqualTo("asked for /it");
        assertThat(header().version()).isEqualTo(ProxyVersion.V1);
        assertThat(header().source()).contains(seen.get(0).peer());
        assertThat(seen.get(0).client().getHostString()).isEqualTo(CLIENT);
        assertThat(header().destination()).contains(lb.address());
    }

    // ---- lb4j before somebody

    @ParameterizedTest
    @EnumSource
    void haProxyBehind_isTold_whoTheClientIs(ProxyVersion version) throws IOException {
        Program.Server haproxy = receivingHaProxy(echo().port());
        LoadBalancer lb = direct(Backend.of("127.0.0.1", haproxy.port()).withProxyProtocol(version));
        Peer client = connect(lb.port());

        exchangeMuch(client);

        String told = "src=" + CLIENT + ":" + port(client) + " dst=127.0.0.1:" + lb.port() + " ";
        await().until(() -> haproxy.program().output().contains(told));
        ConnectionSummary summary = log.await(ConnectionSummary.class);
        assertThat(summary.reason()).isEqualTo(CloseReason.COMPLETED);
        assertThat(summary.bytesToBackend()).isEqualTo(MUCH);
    }

    /** A frontend for both families has clients of IPv4 nevertheless. */
    @ParameterizedTest
    @EnumSource
    void haProxyBehind_isTold_ofIpv4_whereBothFamiliesComeIn(ProxyVersion version) {
        Program.Server haproxy = receivingHaProxy(echo().port());
        LoadBalancer lb = resources.add(LoadBalancer.builder()
                .listen("::", 0, frontend -> {})
                .backend(Backend.of("127.0.0.1", haproxy.port()).withProxyProtocol(version))
                .noHealthCheck()
                .start());
        Peer client = connect(lb.port());

        exchangeMuch(client);

        String told = "src=" + CLIENT + ":" + port(client) + " dst=127.0.0.1:" + lb.port() + " ";
        await().untilAsserted(() -> assertThat(haproxy.program().output()).contains(told));
    }

    @Test
    void haProxyBehind_isTold_moreThanAddresses() throws IOException {
        Program.Server haproxy = receivingHaProxy(echo().port());
        LoadBalancer lb = start(
                frontend -> frontend.proxyTlvs(
                        tlvs -> tlvs.uniqueId().checksum().add(0xe4, connection -> new byte[16_000])),
                Backend.of("127.0.0.1", haproxy.port()).withProxyProtocol(ProxyVersion.V2));
        Peer client = connect(lb.port());

        exchangeMuch(client);

        long id = log.await(ConnectionSummary.class).id();
        String told = "src=" + CLIENT + ":" + port(client) + " .* authority=- id=" + ID + id + " ";
        await().untilAsserted(() -> assertThat(haproxy.program().output()).containsPattern(told));
    }

    /** HAProxy reads the header before TLS, and its client talks TLS with it through lb4j. */
    @Test
    void haProxyBehind_isTold_whatTheClientSaysByTls() {
        String curl = Program.require("curl");
        Certificate certificate = Certificate.of(folder, "a.example.test");
        Program.Server haproxy = resources.add(HaProxy.start(folder, port -> """
                frontend it
                  mode http
                  bind 127.0.0.1:%d accept-proxy ssl crt %s
                  http-request return status 200 content-type text/plain lf-string "%s"
                """.formatted(
                        port,
                        certificate.withKey(),
                        "%[src] %[dst_port] %[fc_pp_authority] %[fc_pp_unique_id] %[ssl_fc_sni]")));
        LoadBalancer lb = start(
                frontend -> frontend.connectWhen(ConnectWhen.CLIENT_HELLO).proxyTlvs(tlvs -> tlvs.serverName()
                        .applicationProtocol()
                        .uniqueId()
                        .checksum()),
                Backend.of("127.0.0.1", haproxy.port()).withProxyProtocol(ProxyVersion.V2));

        String authority = "a.example.test:" + lb.port();
        String told = Program.run(
                curl,
                "-sS",
                "--interface",
                CLIENT,
                "--http1.1",
                "--cacert",
                certificate.file().toString(),
                "--resolve",
                authority + ":127.0.0.1",
                "https://" + authority + "/");

        ConnectionSummary summary = log.await(ConnectionSummary.class);
        assertThat(told).matches(CLIENT + " " + lb.port() + " a.example.test " + ID + summary.id() + " a.example.test");
        assertThat(summary.serverName()).isEqualTo("a.example.test");
    }

    @ParameterizedTest
    @EnumSource
    void nginxBehind_isTold_whoTheClientIs(ProxyVersion version) {
        Program.Server nginx = resources.add(Nginx.startStream(
                folder,
                1,
                port -> "server { listen 127.0.0.1:" + port + " proxy_protocol; return \"$proxy_protocol_addr"
                        + " $proxy_protocol_port $proxy_protocol_server_addr $proxy_protocol_server_port\"; }"));
        LoadBalancer lb = start(
                frontend -> frontend.proxyTlvs(tlvs -> tlvs.uniqueId().checksum()),
                Backend.of("127.0.0.1", nginx.port()).withProxyProtocol(version));
        Peer client = connect(lb.port());
        String told = CLIENT + " " + port(client) + " 127.0.0.1 " + lb.port();

        assertThat(client.receiveText(told.length())).isEqualTo(told);
        assertThat(client.receiveToEnd().count()).isZero();
    }

    /** Its server speaks first, and lets this user in from this address alone. */
    @ParameterizedTest
    @EnumSource
    void mariaDbBehind_isTold_whoTheClientIs(ProxyVersion version) {
        MariaDb server =
                resources.add(MariaDb.start(folder, "--proxy-protocol-networks=127.0.0.1", "--skip-name-resolve"));
        server.query("create user guest@'" + CLIENT + "'");
        LoadBalancer lb = direct(Backend.of("127.0.0.1", server.port()).withProxyProtocol(version));
        // The client has no option for the address that it connects from.
        Program.Server haproxy =
                resources.add(HaProxy.start(folder, port -> listen(port, "", lb.port(), "source " + CLIENT)));

        String told = Program.run(
                Program.require("mariadb"),
                "--no-defaults",
                "-uguest",
                "-h127.0.0.1",
                "-P" + haproxy.port(),
                "-N",
                "-e",
                "select user(), repeat('x', 100000); select host from information_schema.processlist");

        ConnectionSummary summary = log.await(ConnectionSummary.class);
        assertThat(told)
                .contains("guest@" + CLIENT, "x".repeat(100_000))
                .endsWith(CLIENT + ":" + summary.clientAddress().getPort());
        assertThat(summary.reason()).isEqualTo(CloseReason.COMPLETED);
    }

    /** Who has nothing to say is told of as well: his backend may have. */
    @ParameterizedTest
    @EnumSource
    void nginxBehind_isTold_ofAClientWhoEndsAtOnce(ProxyVersion version) {
        Program.Server nginx = resources.add(Nginx.startStream(
                folder,
                1,
                port -> "server { listen 127.0.0.1:" + port + " proxy_protocol; return $proxy_protocol_addr; }"));
        LoadBalancer lb = direct(Backend.of("127.0.0.1", nginx.port()).withProxyProtocol(version));

        assertThat(echoed(CLIENT, lb.port(), "")).isEqualTo(CLIENT);
    }

    // ---- one behind the other

    @Test
    void chain_ofLb4jHaProxyAndLb4j_keepsAddressAndUniqueId() throws IOException {
        TestBackend last = resources.add(TestBackend.listening());
        LoadBalancer inner = start(
                frontend -> trustingProxies(frontend)
                        .proxyTlvs(tlvs -> tlvs.uniqueId().checksum()),
                Backend.of("127.0.0.1", last.port()).withProxyProtocol(ProxyVersion.V2));
        Program.Server haproxy = resources.add(HaProxy.start(
                folder,
                port -> listen(port, "accept-proxy", inner.port(), "send-proxy-v2 proxy-v2-options crc32c,unique-id")
                        + "  unique-id-format %[fc_pp_unique_id]\n"));
        EventLog outerLog = new EventLog();
        LoadBalancer outer = resources.add(LoadBalancer.builder()
                .listen(
                        "127.0.0.1",
                        0,
                        frontend -> frontend.proxyTlvs(tlvs -> tlvs.uniqueId().checksum()))
                .backend(Backend.of("127.0.0.1", haproxy.port()).withProxyProtocol(ProxyVersion.V2))
                .noHealthCheck()
                .listener(outerLog)
                .start());
        Peer client = connect(outer.port()).send("payload");

        Peer server = last.accept();
        ProxyHeader told = receiveHeader(server);
        assertThat(server.receiveText(7)).isEqualTo("payload");
        server.send("answer").fin();
        assertThat(client.receiveText(6)).isEqualTo("answer");
        client.fin();
        assertThat(client.receiveToEnd().count()).isZero();

        long id = outerLog.await(ConnectionSummary.class).id();
        assertThat(told.source()).contains((InetSocketAddress) client.socket().getLocalSocketAddress());
        assertThat(told.destination()).contains(outer.address());
        assertThat(told.uniqueId().map(RealProxyProtocolTest::text))
                .hasValueSatisfying(name -> assertThat(name).matches(ID + id));
        assertClientIsKnown(client, outer.port());
        assertThat(header().tlv(ProxyTlv.UNIQUE_ID)).isEqualTo(told.tlv(ProxyTlv.UNIQUE_ID));
    }

    /** Headers in and out, a connection for each request. */
    @Test
    void requests_underLoad_areAllAnswered() {
        String wrk = Program.require("wrk");
        Program.Server nginx = resources.add(Nginx.startHttp(
                folder,
                port -> "server { listen 127.0.0.1:" + port + " proxy_protocol; return 200 $proxy_protocol_addr; }"));
        LoadBalancer lb = resources.add(LoadBalancer.builder()
                .listen("127.0.0.1", 0, frontend -> trustingProxies(frontend)
                        .proxyTlvs(tlvs -> tlvs.uniqueId().checksum()))
                .backend(Backend.of("127.0.0.1", nginx.port()).withProxyProtocol(ProxyVersion.V2))
                .noHealthCheck()
                .start());
        Program.Server haproxy = resources.add(
                HaProxy.start(folder, port -> listen(port, "", lb.port(), "send-proxy-v2 proxy-v2-options crc32c")));

        String report = Program.run(
                wrk, "-t1", "-c20", "-d2s", "-H", "Connection: close", "http://127.0.0.1:" + haproxy.port() + "/");

        assertThat(report).contains("requests in").doesNotContain("Non-2xx", "Socket errors");
        await().untilAsserted(() -> assertThat(lb.stats().proxy().active()).isZero());
        assertThat(lb.stats().proxy().accepted()).isGreaterThan(100);
        assertThat(lb.stats().proxy().refusedTotal()).isZero();
        assertThat(lb.stats().proxy().closed(CloseReason.INTERNAL_ERROR)).isZero();
    }

    // ---- whom to believe

    /** HAProxy's expect-proxy for those who are trusted, with and without a rule that rejects everybody else. */
    @ParameterizedTest
    @EnumSource
    void header_ofOneWhoIsNotTrusted_isNotBelieved(Untrusted untrusted) {
        boolean isRefused = untrusted == Untrusted.REFUSE;
        Backend backend = echo();
        LoadBalancer lb = start(
                frontend ->
                        frontend.proxyProtocol(proxies -> proxies.trust(TRUSTED).untrusted(untrusted)),
                backend);
        Program.Server haproxy = resources.add(HaProxy.start(
                folder,
                port -> listen(port, "", backend.port(), "")
                        + (isRefused ? "  tcp-request connection reject unless { src " + TRUSTED + " }\n" : "")
                        + "  tcp-request connection expect-proxy layer4 if { src " + TRUSTED + " }\n"));
        String header = "PROXY TCP4 192.0.2.9 192.0.2.1 1000 2000\r\n";

        for (int port : List.of(lb.port(), haproxy.port())) {
            assertThat(echoed(TRUSTED, port, header + "payload")).isEqualTo("payload");
            assertThat(echoed(CLIENT, port, header + "payload")).isEqualTo(isRefused ? "" : header + "payload");
        }

        assertThat(summaryOf(TRUSTED).clientAddress()).isEqualTo(new InetSocketAddress("192.0.2.9", 1000));
        ConnectionSummary other = summaryOf(CLIENT);
        assertThat(other.clientAddress()).isEqualTo(other.peerAddress());
        assertThat(other.reason()).isEqualTo(isRefused ? CloseReason.PEER_NOT_TRUSTED : CloseReason.COMPLETED);
        assertThat(other.attempts()).isEqualTo(isRefused ? 0 : 1);
        assertThat(seen).hasSize(isRefused ? 1 : 2);
    }

    private ConnectionSummary summaryOf(String peer) {
        return log.await(ConnectionSummary.class, 2).stream()
                .filter(summary -> summary.peerAddress().getHostString().equals(peer))
                .findAny()
                .orElseThrow();
    }

    /** What comes back until the end, whatever end it is. */
    private static String echoed(String from, int port, String text) {
        try (Peer client = Peer.connectFrom(from, port)) {
            return text(client.send(text).fin().socket().getInputStream().readAllBytes());
        } catch (IOException | UncheckedIOException reset) {
            return "";
        }
    }

    // ---- programs

    /** One that passes on what comes to this port. */
    private static String listen(int port, String bindOptions, int toPort, String serverOptions) {
        return """
                listen it
                  bind 127.0.0.1:%d %s
                  server one 127.0.0.1:%d %s
                """.formatted(port, bindOptions, toPort, serverOptions);
    }

    /** One that logs what it was told. */
    private Program.Server receivingHaProxy(int toPort) {
        return resources.add(HaProxy.start(
                folder,
                port -> listen(port, "accept-proxy", toPort, "")
                        + """
                          log global
                          log-format "%s"
                        """.formatted("src=%[src]:%[src_port] dst=%[dst]:%[dst_port] authority=%[fc_pp_authority]"
                                + " id=%[fc_pp_unique_id] end=%ts")));
    }

    private Backend echo() {
        return Backend.of("127.0.0.1", resources.add(TestBackend.echoing()).port());
    }

    // ---- lb4j

    private LoadBalancer behindProxies(Backend backend) {
        return start(RealProxyProtocolTest::trustingProxies, backend);
    }

    private LoadBalancer direct(Backend backend) {
        return start(frontend -> {}, backend);
    }

    private static FrontendBuilder trustingProxies(FrontendBuilder frontend) {
        return frontend.proxyProtocol(proxies -> proxies.trust("127.0.0.0/8"));
    }

    private LoadBalancer start(Consumer<FrontendBuilder> settings, Backend backend) {
        return resources.add(LoadBalancer.builder()
                .listen(
                        "127.0.0.1",
                        0,
                        frontend -> settings.accept(frontend.route(connection -> {
                            seen.add(new Seen(
                                    connection.clientAddress(), connection.peerAddress(), connection.proxyHeader()));
                            return Backend.DEFAULT_POOL;
                        })))
                .backend(backend)
                .noHealthCheck()
                .listener(log)
                .start());
    }

    private ProxyHeader header() {
        assertThat(seen).hasSize(1);
        return seen.get(0).header().orElseThrow();
    }

    /** Of the only connection, which has ended: by what its frontend was told, and by what it tells itself. */
    private void assertClientIsKnown(Peer client, int port) {
        InetSocketAddress address = (InetSocketAddress) client.socket().getLocalSocketAddress();
        assertThat(header().source()).contains(address);
        assertThat(header().destination()).contains(new InetSocketAddress("127.0.0.1", port));
        assertThat(seen.get(0).client()).isEqualTo(address);
        ConnectionSummary summary = log.await(ConnectionSummary.class);
        assertThat(summary.clientAddress()).isEqualTo(address);
        assertThat(summary.peerAddress()).isEqualTo(seen.get(0).peer()).isNotEqualTo(address);
        assertThat(summary.peerAddress().getHostString()).isEqualTo("127.0.0.1");
        assertThat(summary.reason()).isEqualTo(CloseReason.COMPLETED);
    }

    // ---- clients

    private Peer connect(int port) {
        return resources.add(Peer.connectFrom(CLIENT, port));
    }

    /** To a server that sends everything back, and ends. */
    private static void exchangeMuch(Peer client) {
        CompletableFuture<Void> sent = client.sendInBackground(MUCH, 7).thenRun(client::fin);
        client.receiveAll(MUCH, 7);
        sent.join();
    }

    private static int port(Peer client) {
        return client.localPort();
    }

    /** One of version 2, and not a byte more. */
    private static ProxyHeader receiveHeader(Peer server) {
        byte[] head = server.receive(16);
        byte[] behind = server.receive((head[14] & 0xff) << 8 | (head[15] & 0xff));
        byte[] whole = ByteBuffer.allocate(head.length + behind.length)
                .put(head)
                .put(behind)
                .array();
        return ((Parsed.Complete<ProxyHeader>) ProxyHeader.parse(whole, 0, whole.length)).value();
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
