package io.lb4j.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two engines of the toy, and two of the JDK, play the same scripts: what each call comes to is the same. */
class ToyEngineTest {
    private static final ToyTls TOY = ToyTls.of(1);

    @TempDir
    private static Path folder;

    private static JdkTls jdk;

    /** Another one for each talk: sessions are resumed by host and port. */
    private static int port;

    @BeforeAll
    static void makeCertificate() throws Exception {
        jdk = JdkTls.in(folder);
    }

    private static TlsTalk talk(SSLContext clients, SSLContext servers, ToyProtocol... protocols) {
        port++;
        SSLEngine client = clients.createSSLEngine(JdkTls.HOST, port);
        client.setUseClientMode(true);
        SSLEngine server = servers.createSSLEngine();
        server.setUseClientMode(false);
        set(client, protocols);
        set(server, protocols);
        return new TlsTalk(client, server);
    }

    private static void set(SSLEngine engine, ToyProtocol... protocols) {
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(
                Arrays.stream(protocols).map(protocol -> protocol.name).toArray(String[]::new));
        parameters.setServerNames(List.of(new SNIHostName(JdkTls.HOST)));
        engine.setSSLParameters(parameters);
    }

    private static TlsTalk toys(ToyProtocol protocol) {
        return talk(TOY.context(), TOY.context(), protocol);
    }

    private static List<String> same(ToyProtocol protocol, Consumer<TlsTalk> script) {
        TlsTalk real = talk(jdk.client(), jdk.server(), protocol);
        script.accept(real);
        TlsTalk toy = toys(protocol);
        script.accept(toy);
        assertThat(toy.trace).containsExactlyElementsOf(real.trace);
        return toy.trace;
    }

    /** A script that begins when the handshake is over. */
    private static List<String> sameAfterwards(ToyProtocol protocol, Consumer<TlsTalk> script) {
        return same(protocol, talk -> {
            begin(talk);
            talk.run();
            assertThat(talk.trace).filteredOn(line -> line.contains("FINISHED")).hasSizeGreaterThan(1);
            talk.trace.clear();
            script.accept(talk);
        });
    }

    private static void begin(TlsTalk talk) {
        try {
            talk.client.engine.beginHandshake();
            talk.server.engine.beginHandshake();
        } catch (SSLException impossible) {
            throw new AssertionError(impossible);
        }
    }

    @ParameterizedTest
    @EnumSource
    void handshake(ToyProtocol protocol) {
        List<String> trace = same(protocol, talk -> {
            talk.client.note("before");
            talk.server.note("before");
            begin(talk);
            talk.client.note("begun");
            talk.server.note("begun");
            talk.run();
            talk.client.note(talk.client.engine.getSession().getProtocol());
            talk.server.note(talk.server.engine.getSession().getCipherSuite());
            talk.client.note("app " + talk.client.engine.getSession().getApplicationBufferSize());
            talk.client.note("net " + talk.client.engine.getSession().getPacketBufferSize());
        });
        assertThat(trace).filteredOn(line -> line.contains("FINISHED")).hasSizeGreaterThan(1);
    }

    @ParameterizedTest
    @EnumSource
    void data_inBothDirections(ToyProtocol protocol) {
        sameAfterwards(protocol, talk -> {
            for (int size : new int[] {1, 0, 16_367, 16_384, 40_000}) {
                talk.client.wrap(size);
                talk.server.wrap(size);
                talk.server.unwrap();
                talk.client.unwrap();
            }
            ByteBuffer plain = talk.server.plain.flip();
            assertThat(plain.remaining()).isGreaterThan(3 * 16_367);
            assertThat(StreamBytes.match(plain, 1, 0)).isTrue();
        });
    }

    @ParameterizedTest
    @EnumSource
    void close_byTheClient(ToyProtocol protocol) {
        sameAfterwards(protocol, talk -> {
            talk.server.wrap(50);
            talk.client.engine.closeOutbound();
            talk.client.note("closed");
            talk.client.wrap(10);
            talk.client.wrap(10);
            talk.server.unwrap();
            talk.server.unwrap(ByteBuffer.allocate(10), 20_000);
            talk.server.wrap(10);
            talk.server.wrap(10);
            talk.client.unwrap();
            talk.client.unwrap();
            talk.server.engine.closeOutbound();
            talk.server.wrap(10);
            talk.server.wrap(10);
            talk.client.unwrap();
            talk.client.unwrap();
            talk.client.unwrap();
        });
    }
}
