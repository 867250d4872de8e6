package io.lb4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.event.CloseReason;
import io.lb4j.preface.Hellos;
import io.lb4j.proxy.ConnectWhen;
import io.lb4j.testing.Peer;
import io.lb4j.testing.RecordingListener;
import io.lb4j.testing.Resources;
import io.lb4j.testing.TestBackend;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which pool a client gets, by what he says first. */
class RoutesTest {
    @RegisterExtension
    final Resources resources = new Resources();

    private final RecordingListener listener = new RecordingListener();

    /** Pools whose backends say their names. */
    private LoadBalancer start(Consumer<Routes.Builder> rules, String... pools) {
        LoadBalancerBuilder builder = LoadBalancer.builder()
                .listen("127.0.0.1", 0, frontend -> frontend.name("public").routes(rules))
                .timeouts(timeouts -> timeouts.preface(Duration.ofMillis(100)))
                .listener(listener);
        for (String pool : pools) {
            TestBackend backend = resources.add(TestBackend.saying(pool));
            builder.pool(pool, settings -> settings.noHealthCheck().backend("127.0.0.1", backend.port()));
        }
        return resources.add(builder.start());
    }

    private String ask(LoadBalancer lb, byte[] first) {
        Peer client = resources.add(Peer.connect(lb.port()));
        client.send(first);
        return client.receiveText(1);
    }

    private static byte[] hello(String name, String... protocols) {
        byte[] names = name == null ? new byte[0] : Hellos.serverName(name);
        byte[] alpn = protocols.length == 0 ? new byte[0] : Hellos.protocols(protocols);
        return Hellos.inRecordsOf(16_384, Hellos.message(names, alpn));
    }

    private LoadBalancer rich() {
        return start(
                routes -> routes.serverName("api.example.com", "a")
                        .serverName("*.example.com", "w")
                        .serverName("*.eu.example.com", "e")
                        .alpn("acme-tls/1", "c")
                        .notTls("s")
                        .otherwise("o"),
                "a",
                "w",
                "e",
                "c",
                "s",
                "o");
    }

    @Test
    void routes_wholeNameBeforeDomain_longerDomainBeforeShorter_protocolBeforeAll() {
        LoadBalancer lb = rich();
        assertThat(ask(lb, hello("api.example.com"))).isEqualTo("a");
        assertThat(ask(lb, hello("API.Example.COM"))).isEqualTo("a");
        assertThat(ask(lb, hello("www.example.com"))).isEqualTo("w");
        assertThat(ask(lb, hello("a.b.example.com"))).isEqualTo("w");
        assertThat(ask(lb, hello("x.api.example.com"))).isEqualTo("w");
        assertThat(ask(lb, hello("x.eu.example.com"))).isEqualTo("e");
        assertThat(ask(lb, hello("eu.example.com"))).isEqualTo("w");
        assertThat(ask(lb, hello("example.com"))).isEqualTo("o");
        assertThat(ask(lb, hello("other.org"))).isEqualTo("o");
        assertThat(ask(lb, hello(null))).isEqualTo("o");
        assertThat(ask(lb, hello("api.example.com", "h2", "acme-tls/1"))).isEqualTo("c");
        assertThat(ask(lb, hello("api.example.com", "h2"))).isEqualTo("a");
    }

    @Test
    void clientsWithoutTls_haveAPoolOfTheirOwn_alsoThoseWhoWaitForTheServerToSpeak() {
        LoadBalancer lb = rich();
        assertThat(ask(lb, "SSH-2.0-x\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII)))
                .isEqualTo("s");
        assertThat(ask(lb, new byte[0])).isEqualTo("s");
    }

    @Test
    void clientForWhomThereIsNoRule_isReset() {
        LoadBalancer lb = start(routes -> routes.serverName("a.example.com", "a"), "a");
        assertThat(ask(lb, hello("a.example.com"))).isEqualTo("a");
        for (byte[] first : new byte[][] {hello("b.example.com"), hello(null), {'G', 'E', 'T'}}) {
            Peer client = resources.add(Peer.connect(lb.port())).send(first);
            assertThat(client.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
        }
        org.awaitility.Awaitility.await()
                .untilAsserted(() -> assertThat(lb.stats().proxy().closed(CloseReason.NO_ROUTE))
                        .isEqualTo(3));
    }

    @Test
    void function_knowsNameAndProtocols() {
        TestBackend one = resources.add(TestBackend.saying("1"));
        LoadBalancer lb = resources.add(LoadBalancer.builder()
                .listen("127.0.0.1", 0, frontend -> frontend.connectWhen(ConnectWhen.CLIENT_HELLO)
                        .route(connection -> connection.serverName().equals(java.util.Optional.of("t1.example.com"))
                                        && connection.applicationProtocols().contains("h2")
                                ? "one"
                                : null))
                .pool("one", pool -> pool.noHealthCheck().backend("127.0.0.1", one.port()))
                .start());
        assertThat(ask(lb, hello("t1.example.com", "h2"))).isEqualTo("1");
        Peer other = resources.add(Peer.connect(lb.port())).send(hello("t1.example.com"));
        assertThat(other.receiveToEnd().end()).isEqualTo(Peer.End.RESET);
    }

    @Test
    void poolThatIsNotThere_isRefused_withTheFrontendsName() {
        assertThatThrownBy(() -> start(
                        routes -> routes.serverName("a.example.com", "nowhere").otherwise("a"), "a"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("frontend public: pool nowhere (expected: one of [a])");
        assertThatThrownBy(() -> start(routes -> routes.otherwise("a"), "a", "b"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("b");
    }

    @Test
    void frontendWithRoutes_waitsForHellos_whateverElseIsSet() {
        LoadBalancer lb = start(routes -> routes.otherwise("a"), "a");
        lb.frontend("public").reconfigure(change -> change.connectWhen(ConnectWhen.FIRST_BYTE));
        assertThat(lb.frontend("public").config().entry().connectWhen()).isEqualTo(ConnectWhen.CLIENT_HELLO);
        assertThat(ask(lb, hello("x.example.com"))).isEqualTo("a");
        LoadBalancer plain = resources.add(LoadBalancer.builder()
                .listen("127.0.0.1", 0, frontend -> frontend.routes(routes -> routes.otherwise("a"))
                        .pool("a"))
                .pool("a", pool -> pool.noHealthCheck()
                        .backend(
                                "127.0.0.1",
                                resources.add(TestBackend.saying("p")).port()))
                .start());
        assertThat(resources.add(Peer.connect(plain.port())).receiveText(1)).isEqualTo("p");
    }

    @Test
    void poolThatARuleLeadsTo_cannotBeClosed() {
        LoadBalancer lb =
                start(routes -> routes.serverName("b.example.com", "b").otherwise("a"), "a", "b");
        assertThatThrownBy(() -> lb.pool("b").close())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("frontend public leads to it");
        assertThat(lb.frontend("public").config().destination()).isEqualTo("routes to a, b");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "*",
                "*.",
                ".example.com",
                "a..b",
                "a b",
                "-a.example.com",
                "a-.example.com",
                "*.*.com",
                "b\u00fccher.example",
                "a.example.com.",
                "a.example.com:443"
            })
    void nameThatIsNone_isRefused(String name) {
        assertThatThrownBy(() -> Routes.of(routes -> routes.serverName(name, "a")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("serverName: ")
                .hasMessageContaining("expected: a host name in ASCII, perhaps with *. before it");
    }

    @ParameterizedTest
    @CsvSource({"A.example.com, a.EXAMPLE.com", "*.a.b, *.A.b"})
    void ruleThatIsThereAlready_isRefused(String one, String other) {
        assertThatThrownBy(() -> Routes.of(routes -> routes.serverName(one, "a").serverName(other, "b")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("b (expected: one rule; it leads to a already)");
        assertThatThrownBy(() -> Routes.of(routes -> routes.otherwise("a").otherwise("b")))
                .hasMessage("otherwise: b (expected: one rule; it leads to a already)");
        assertThatThrownBy(() -> Routes.of(routes -> {})).hasMessage("routes: none (expected: one rule at least)");
    }
}
