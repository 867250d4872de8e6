package io.lb4j.discovery;

import static io.lb4j.testing.ScriptedDns.srv;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.backend.Backend;
import io.lb4j.testing.ScriptedDns;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Name servers whose answers spell what an interpreter could take for its own (catalogue, C12). */
@Timeout(20)
class HostileAnswerTest {
    private static final String SERVICE = "_x._tcp.test";
    private static final byte[] ADDRESS = {10, 0, 0, 7};

    private ScriptedDns server;
    private ServerSocketChannel directory;
    private int directoryPort;

    @BeforeEach
    void open() throws IOException {
        server = ScriptedDns.start();
        directory = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
        directory.configureBlocking(false);
        directoryPort = directory.socket().getLocalPort();
    }

    @AfterEach
    void close() throws IOException {
        server.close();
        directory.close();
    }

    /** Each label of the target is what stands between two of its dots: on the wire a label may hold anything. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "ldap://127.0.0.1:PORT/x",
                "ldap://localhost:PORT/x",
                "dns://127.0.0.1:PORT/x",
                "rmi://127.0.0.1:PORT/x"
            })
    void srvTarget_thatIsAUrl_isAFailedAnswerAndNobodyIsAsked(String url) throws IOException {
        String target = url.replace("PORT", "" + directoryPort);
        server.answer("SRV", SERVICE, srv(9000, "a", "test"), srv(9000, target.split("\\.")));
        server.answer("A", "a.test", ADDRESS).answer("AAAA", "a.test");
        assertThatThrownBy(discovery()::discover)
                .isInstanceOf(IOException.class)
                .hasMessage("SRV record: \"0 1 9000 " + target
                        + ".\" (expected: priority weight port target, the target a host name)");
        assertThat(directory.accept()).as("a connection to the directory").isNull();
        assertThat(server.asked()).containsExactly("SRV " + SERVICE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a/b", "a\"b", "a b", "a\nb", "b\u00e4r", "*", "a'b"})
    void srvTarget_thatIsNoHostName_isAFailedAnswer(String label) {
        server.answer("SRV", SERVICE, srv(9000, label, "test"));
        assertThatThrownBy(discovery()::discover)
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("SRV record: \"0 1 9000 ");
        assertThat(server.asked()).containsExactly("SRV " + SERVICE);
    }

    /** The second lock: even a name that nobody checked is asked of the name server and of nobody else. */
    @Test
    void question_forAUrl_goesToTheNameServer() throws Exception {
        String url = "ldap://127.0.0.1:" + directoryPort + "/x";
        NameServer asked = NameServer.at(ScriptedDns.ADDRESS, server.port());
        try (DnsQuestions questions = asked.open()) {
            assertThat(questions.ask(url, "A")).isEmpty();
        }
        assertThat(directory.accept()).as("a connection to the directory").isNull();
        assertThat(server.asked()).contains("A " + url);
    }

    @Test
    void srvTarget_thatIsAHostName_isAsked() throws Exception {
        server.answer("SRV", SERVICE, srv(9000, "a_1-b", "test"));
        server.answer("A", "a_1-b.test", ADDRESS).answer("AAAA", "a_1-b.test");
        assertThat(discovery().discover())
                .containsExactly(Backend.of("10.0.0.7", 9000).withLabel("host", "a_1-b.test"));
    }

    private BackendDiscovery discovery() {
        return BackendDiscovery.dnsSrv(SERVICE, ScriptedDns.ADDRESS, server.port());
    }
}
