package io.lb4j.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two engines of the toy, and two of the JDK, play the same scripts: what each call comes to is the same. */
class ToyEngineTest {
    @TempDir
    private static Path folder;

    private static BothTls tls;

    @BeforeAll
    static void makeCertificate() throws Exception {
        tls = BothTls.in(folder);
    }

    @ParameterizedTest
    @EnumSource
    void handshake(ToyProtocol protocol) {
        List<String> trace = tls.same(protocol, talk -> {
            talk.client.note("before");
            talk.server.note("before");
            talk.begin();
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
        tls.sameAfterwards(protocol, talk -> {
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
    void input_thatIsIncomplete_isNotTouched(ToyProtocol protocol) {
        tls.same(protocol, talk -> {
            talk.begin();
            talk.client.wrap(0);
            inParts(talk.server);
            talk.run();
            talk.client.wrap(1000);
            inParts(talk.server);
            talk.server.unwrap();
        });
    }

    private static void inParts(TlsTalk.End end) {
        int size = end.received.remaining();
        for (int part : new int[] {0, 1, 4, 5, 6, size - 1}) {
            end.unwrap(end.received.slice(end.received.position(), part), TlsTalk.ROOM);
        }
    }

    @ParameterizedTest
    @EnumSource
    void bytes_oneByOne(ToyProtocol protocol) {
        for (TlsTalk talk : tls.both(protocol, JdkTls.HOST)) {
            talk.client.drips = true;
            talk.server.drips = true;
            talk.begin();
            talk.run();
            talk.client.wrap(100);
            talk.run();
            assertThat(StreamBytes.match(talk.server.plain.flip(), 1, 0)).isTrue();
            assertThat(talk.server.plain.remaining()).isEqualTo(100);
            assertThat(talk.trace)
                    .filteredOn(line -> line.contains("UNDERFLOW"))
                    .hasSizeGreaterThan(500);
        }
    }

    @ParameterizedTest
    @EnumSource
    void room_thatIsTooSmall_isSaid(ToyProtocol protocol) {
        tls.same(protocol, talk -> {
            talk.begin();
            talk.client.wrap(0, 100);
            talk.client.wrap(0, 16_708);
            talk.client.wrap(0, 16_709);
            talk.server.unwrap(0);
            talk.run();
            talk.server.wrap(0, 0);
            talk.client.wrap(1, 16_708);
            talk.client.wrap(1, 16_709);
            for (int room = 0; room < 40 && talk.server.received.hasRemaining(); room++) {
                talk.server.unwrap(room);
            }
            talk.client.wrap(16_000);
            for (int room = 15_990; room < 16_100 && talk.server.received.hasRemaining(); room++) {
                talk.server.unwrap(room);
            }
            talk.client.wrap(100);
            for (int part : new int[] {0, 4, 5, 20}) {
                ByteBuffer received = talk.server.received;
                talk.server.unwrap(received.slice(received.position(), part), 0);
                talk.server.unwrap(received.slice(received.position(), part), 16_383);
                talk.server.unwrap(received.slice(received.position(), part), 16_384);
            }
            talk.client.engine.closeOutbound();
            talk.client.wrap(0, 16_708);
            talk.client.wrap(0);
            talk.server.unwrap();
            talk.server.unwrap(0);
            talk.server.unwrap();
        });
    }

    @ParameterizedTest
    @EnumSource
    void app_inTheHandshake_isNotTaken(ToyProtocol protocol) {
        tls.same(protocol, talk -> {
            talk.client.unwrap();
            talk.client.wrap(10);
            talk.client.wrap(10);
            talk.client.unwrap();
            talk.server.wrap(10);
            talk.server.unwrap();
            talk.server.wrap(10);
            talk.server.unwrap();
        });
    }

    @Test
    void keyUpdate_isAnswered_whileDataGoesOn() {
        tls.sameAfterwards(ToyProtocol.TLS_1_3, talk -> {
            talk.client.begin();
            talk.client.note("updates");
            talk.client.wrap(100);
            talk.client.wrap(100);
            talk.server.unwrap();
            talk.server.unwrap();
            talk.server.wrap(100);
            talk.server.wrap(100);
            talk.run();
            talk.server.wrap(1);
            talk.client.unwrap();
            talk.client.wrap(1);
            talk.server.unwrap();
        });
    }

    @Test
    void renegotiation_begins_onEitherSide() {
        tls.sameAfterwards(ToyProtocol.TLS_1_2, talk -> {
            talk.client.begin();
            talk.client.note("begins");
            talk.client.wrap(10);
            talk.client.wrap(10);
            talk.server.unwrap();
            talk.server.unwrap();
            talk.server.wrap(10);
        });
        tls.sameAfterwards(ToyProtocol.TLS_1_2, talk -> {
            talk.server.begin();
            talk.server.note("begins");
            talk.server.wrap(10);
            talk.server.wrap(10);
            talk.client.unwrap();
            talk.client.wrap(10);
        });
    }
}
