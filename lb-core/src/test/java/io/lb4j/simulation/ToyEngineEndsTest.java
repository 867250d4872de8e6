package io.lb4j.simulation;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How engines of the toy end, and those of the JDK. */
class ToyEngineEndsTest {
    @TempDir
    private static Path folder;

    private static BothTls tls;

    @BeforeAll
    static void makeCertificate() throws Exception {
        tls = BothTls.in(folder);
    }

    @ParameterizedTest
    @EnumSource
    void close_byTheClient(ToyProtocol protocol) {
        tls.sameAfterwards(protocol, talk -> {
            talk.server.wrap(50);
            talk.client.engine.closeOutbound();
            talk.client.note("closed");
            talk.client.wrap(10);
            talk.client.wrap(10);
            talk.server.unwrap();
            talk.server.unwrap(ByteBuffer.allocate(10), TlsTalk.ROOM);
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

    @ParameterizedTest
    @EnumSource
    void close_byTheServer_withDataUnderway(ToyProtocol protocol) {
        tls.sameAfterwards(protocol, talk -> {
            talk.client.wrap(50);
            talk.server.engine.closeOutbound();
            talk.server.wrap(0);
            talk.server.unwrap();
            talk.client.unwrap();
            talk.client.wrap(20);
            talk.client.wrap(20);
            talk.server.unwrap();
            talk.server.unwrap();
        });
    }

    @ParameterizedTest
    @EnumSource
    void close_beforeAnything(ToyProtocol protocol) {
        tls.same(protocol, talk -> {
            talk.client.engine.closeOutbound();
            talk.client.note("closed");
            talk.client.wrap(0);
            talk.client.wrap(0);
        });
    }

    @ParameterizedTest
    @EnumSource
    void close_inTheHandshake(ToyProtocol protocol) {
        tls.same(protocol, talk -> {
            talk.begin();
            talk.client.wrap(0);
            talk.client.engine.closeOutbound();
            talk.client.note("closed");
            talk.client.wrap(0);
            talk.client.wrap(0);
            talk.client.wrap(0);
            talk.server.unwrap();
            talk.server.engine.closeOutbound();
            talk.server.note("closed");
            talk.server.wrap(0);
            talk.server.wrap(0);
            talk.client.unwrap();
            talk.client.unwrap();
            talk.client.wrap(0);
        });
    }

    @ParameterizedTest
    @EnumSource
    void close_byTheClient_whileTheServerAnswers(ToyProtocol protocol) {
        tls.same(protocol, talk -> {
            talk.begin();
            talk.client.wrap(0);
            talk.client.engine.closeOutbound();
            talk.run();
            // Of a record that is too short for what hides it, JDK 17 says the one, and 25 the other.
            talk.trace.replaceAll(line -> line.replace("SSLProtocolException", "SSLHandshakeException"));
        });
    }

    @ParameterizedTest
    @EnumSource
    void closeInbound_beforeTheEnd_throws(ToyProtocol protocol) {
        tls.sameAfterwards(protocol, talk -> {
            try {
                talk.client.engine.closeInbound();
                talk.client.note("closed");
            } catch (SSLException early) {
                talk.client.note("refused");
            }
            talk.client.unwrap(ByteBuffer.allocate(10), TlsTalk.ROOM);
            talk.client.wrap(10);
            talk.server.unwrap();
        });
    }
}
