package io.lb4j.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lb4j.backend.Backend;
import io.lb4j.preface.ProxyVersion;
import io.lb4j.proxy.ConnectWhen;
import io.lb4j.proxy.PortRange;
import io.lb4j.selection.BackendSelector;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How values are written on the command line. */
class FlagValuesTest {
    @ParameterizedTest
    @CsvSource({
        "500ms, PT0.5S",
        "5s, PT5S",
        "10m, PT10M",
        "1h, PT1H",
        "0s, PT0S",
        "999999999h, PT999999999H",
    })
    void duration_numberAndUnit_isRead(String text, Duration expected) {
        assertThat(FlagValues.duration(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "s", "5 s", "-5s", "1.5s", "5S", "5sec", "1d", "PT5S", "1m30s", "9999999999s"})
    void duration_anythingElse_isRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FlagValues.duration(text))
                .withMessage("\"" + text + "\" (expected: a duration like 500ms, 5s, 10m or 1h)");
    }

    @Test
    void backend_hostAndPort_hasWeightOne() {
        assertThat(FlagValues.backend("db.example:9000")).isEqualTo(Backend.of("db.example", 9000));
    }

    @Test
    void backend_withWeight_hasIt() {
        assertThat(FlagValues.backend("10.0.0.1:9000,weight=3"))
                .isEqualTo(Backend.of("10.0.0.1", 9000).withWeight(3));
        assertThat(FlagValues.backend("10.0.0.1:9000,weight=0").weight()).isZero();
    }

    @Test
    void backend_withEverything_inAnyOrder_hasIt() {
        assertThat(FlagValues.backend("10.0.0.1:9000,proxy=v1,id=blue,max-connections=7,priority=2,weight=3"))
                .isEqualTo(Backend.of("10.0.0.1", 9000)
                        .withId("blue")
                        .withMaxConnections(7)
                        .withProxyProtocol(ProxyVersion.V1)
                        .withPriority(2)
                        .withWeight(3));
    }

    @Test
    void backend_ipv6InBrackets_isRead() {
        assertThat(FlagValues.backend("[::1]:9000")).isEqualTo(Backend.of("::1", 9000));
        assertThat(FlagValues.backend("[fe80::1]:9000,weight=2").weight()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "10.0.0.1:9000,weight=-1 ~ weight: -1 (expected: 0..1000)",
                "10.0.0.1:9000,weight=1001 ~ weight: 1001 (expected: 0..1000)",
                "10.0.0.1:9000,weight= ~ expected: HOST:PORT[,weight=N][,priority=N][,max-connections=N][,proxy=v1|v2][,tls[=NAME][,ca=FILE]][,id=NAME])",
                "10.0.0.1:9000,weight=x ~ expected: HOST:PORT[,weight=N][,priority=N][,max-connections=N][,proxy=v1|v2][,tls[=NAME][,ca=FILE]][,id=NAME])",
                "10.0.0.1:9000,wieght=3 ~ expected: HOST:PORT[,weight=N][,priority=N][,max-connections=N][,proxy=v1|v2][,tls[=NAME][,ca=FILE]][,id=NAME])",
                "10.0.0.1:9000,weight=1,weight=2 ~ expected: HOST:PORT[,weight=N][,priority=N][,max-connections=N][,proxy=v1|v2][,tls[=NAME][,ca=FILE]][,id=NAME])",
                "10.0.0.1:9000,weight ~ expected: HOST:PORT[,weight=N]",
                "10.0.0.1:9000, ~ expected: HOST:PORT[,weight=N]",
                "10.0.0.1:9000,priority=101 ~ priority: 101 (expected: 0..100)",
                "10.0.0.1:9000,max-connections=0 ~ maxConnections: 0 (expected: 1..2147483647)",
                "10.0.0.1:9000,proxy=v3 ~ proxy: \"v3\" (expected: v1 or v2)",
                "10.0.0.1:9000,proxy= ~ proxy: \"\" (expected: v1 or v2)",
                "10.0.0.1:9000,proxy=v1,proxy=v1 ~ expected: HOST:PORT[,weight=N]",
                "10.0.0.1:9000,id= ~ backend id: \"\"",
                "10.0.0.1 ~ expected: HOST:PORT",
                "9000 ~ expected: HOST:PORT",
                ":9000 ~ expected: HOST:PORT",
                "10.0.0.1: ~ expected: HOST:PORT",
                "10.0.0.1:http ~ expected: HOST:PORT",
                "::1:9000 ~ expected: HOST:PORT, an IPv6 address in brackets",
                "[]:9000 ~ expected: HOST:PORT",
                "[::1] ~ expected: HOST:PORT",
                "[10.0.0.1]:9000 ~ host: \"[10.0.0.1]\"",
                "10.0.0.1:0 ~ backend port: 0 (expected: 1..65535)",
                "10.0.0.1:65536 ~ backend port: 65536 (expected: 1..65535)",
            })
    void backend_anythingElse_isRefused(String text, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FlagValues.backend(text))
                .withMessageContaining(message);
    }

    @Test
    void listen_inAllItsForms_isRead() {
        assertThat(Listen.parse("8080")).isEqualTo(new Listen("127.0.0.1", PortRange.of(8080), Optional.empty()));
        assertThat(Listen.parse("7000-7010=api"))
                .isEqualTo(new Listen("127.0.0.1", PortRange.of(7000, 7010), Optional.of("api")));
        assertThat(Listen.parse("0.0.0.0:8080=a=b"))
                .isEqualTo(new Listen("0.0.0.0", PortRange.of(8080), Optional.of("a=b")));
        assertThat(Listen.parse("[::1]:7000-7001"))
                .isEqualTo(new Listen("[::1]", PortRange.of(7000, 7001), Optional.empty()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", ":80", "-80", "80-", "80-x", "80=", "=api", "::1:80", "[]:80", "a b:", "host", "80-81-82"})
    void listen_anythingElse_isRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Listen.parse(text))
                .withMessageStartingWith("\"" + text + "\" (expected: [HOST:]PORT[-PORT][=POOL]");
    }

    @Test
    void pool_ofTwoBackends_givesEachWhatIsSaidBehindIt() {
        assertThat(PoolBackends.parse("api=10.0.0.1:9000,weight=2,id=b,[::1]:9000"))
                .isEqualTo(new PoolBackends(
                        "api",
                        List.of(Backend.of("10.0.0.1", 9000).withWeight(2).withId("b"), Backend.of("::1", 9000))));
    }

    @Test
    void tlsRule_nameAndPool_isReadFromItsEnd() {
        assertThat(TlsRule.parse("*.example.com=web")).isEqualTo(new TlsRule("*.example.com", "web"));
        assertThat(TlsRule.parse("a=b=web")).isEqualTo(new TlsRule("a=b", "web"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "web", "=web", "example.com=", "="})
    void tlsRule_anythingElse_isRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TlsRule.parse(text))
                .withMessage("\"" + text + "\" (expected: NAME=POOL)");
    }

    @Test
    void connectWhen_ofEachName_isIt() {
        assertThat(FlagValues.connectWhen("accepted")).isEqualTo(ConnectWhen.ACCEPTED);
        assertThat(FlagValues.connectWhen("first-byte")).isEqualTo(ConnectWhen.FIRST_BYTE);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FlagValues.connectWhen("client-hello"))
                .withMessage("\"client-hello\" (expected: accepted or first-byte)");
    }

    @Test
    void selector_ofKnownName_isMadeAnewEachTime() {
        Supplier<BackendSelector> named = Selectors.named("round-robin");
        assertThat(named.get()).hasToString("roundRobin").isNotSameAs(named.get());
    }

    @Test
    void selector_ofUnknownName_isRefusedWithTheNamesThereAre() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Selectors.named("fastest"))
                .withMessage("\"fastest\" (expected: one of " + Selectors.names() + ")");
    }
}
