package io.lb4j.discovery;

import static io.lb4j.testing.ScriptedDns.srv;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.backend.Backend;
import io.lb4j.testing.ScriptedDns;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** "There is nothing" and "it is over there", which is no answer while there is nothing there (catalogue, C12). */
@Timeout(60)
class AliasAnswerTest {
    private static final String SERVICE = "_x._tcp.test";
    private static final byte[] ADDRESS = {10, 0, 0, 7};

    private ScriptedDns server;

    @BeforeEach
    void open() throws IOException {
        server = ScriptedDns.start();
    }

    @AfterEach
    void close() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void alias_ofANameWithoutAnAddress_isAFailure(boolean targetExists) {
        server.alias("web.test", "pool.elsewhere", targetExists);
        assertThatThrownBy(dns()::discover)
                .isInstanceOf(IOException.class)
                .hasMessage("name server 127.0.0.1:" + server.port()
                        + " answered for A and AAAA of web.test that it is an alias of pool.elsewhere.,"
                        + " and nothing of that");
    }

    @Test
    void alias_ofANameWithAnAddress_isThatAddress() throws Exception {
        server.alias("web.test", "pool.elsewhere", true).answer("A", "web.test", ADDRESS);
        assertThat(dns().discover()).containsExactly(Backend.of("10.0.0.7", 9000));
    }

    @Test
    void name_thatDoesNotExist_isAnEmptyAnswer() throws Exception {
        assertThat(dns().discover()).isEmpty();
        assertThat(service().discover()).isEmpty();
    }

    @Test
    void name_withoutAnAddress_isAnEmptyAnswer() throws Exception {
        server.answer("A", "web.test").answer("AAAA", "web.test").answer("CNAME", "web.test");
        assertThat(dns().discover()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void service_thatIsAnAliasOfOneWithoutRecords_isAFailure(boolean targetExists) {
        server.alias(SERVICE, "_x._tcp.elsewhere", targetExists);
        assertThatThrownBy(service()::discover)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("SRV of _x._tcp.test that it is an alias of _x._tcp.elsewhere.");
    }

    @Test
    void target_thatIsAnAliasWithoutAnAddress_isAFailureAndOneWithoutAnyIsLeftOut() throws Exception {
        server.answer("SRV", SERVICE, srv(9000, "a", "test"), srv(9000, "gone", "test"));
        server.answer("A", "a.test", ADDRESS).answer("AAAA", "a.test");
        assertThat(service().discover())
                .containsExactly(Backend.of("10.0.0.7", 9000).withLabel("host", "a.test"));
        server.alias("gone.test", "back-soon.test", true);
        assertThatThrownBy(service()::discover)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("of gone.test that it is an alias of back-soon.test.");
    }

    private BackendDiscovery dns() {
        return BackendDiscovery.dns("web.test", 9000, ScriptedDns.ADDRESS, server.port());
    }

    private BackendDiscovery service() {
        return BackendDiscovery.dnsSrv(SERVICE, ScriptedDns.ADDRESS, server.port());
    }
}
