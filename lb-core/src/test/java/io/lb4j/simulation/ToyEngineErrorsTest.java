package io.lb4j.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What engines of the toy do not take, and those of the JDK do not either. */
class ToyEngineErrorsTest {
    @TempDir
    private static Path folder;

    private static BothTls tls;

    @BeforeAll
    static void makeCertificate() throws Exception {
        tls = BothTls.in(folder);
    }

    @ParameterizedTest
    @EnumSource
    void bytes_thatChanged_endIt(ToyProtocol protocol) {
        for (int at : new int[] {0, 3, 5, 6, 30, 100}) {
            tls.sameAfterwards(protocol, talk -> {
                talk.client.wrap(100);
                talk.server.received.array()[talk.server.received.position() + at] ^= (byte) 0x81;
                afterFailure(talk);
            });
        }
    }

    /** The server is about to fail. */
    private static void afterFailure(TlsTalk talk) {
        talk.server.unwrap();
        talk.server.unwrap(ByteBuffer.allocate(10), TlsTalk.ROOM);
        talk.server.wrap(10);
        talk.server.wrap(10);
        talk.client.unwrap();
        talk.client.wrap(10);
        talk.client.unwrap(ByteBuffer.allocate(10), TlsTalk.ROOM);
    }

    @ParameterizedTest
    @EnumSource
    void record_thatComesTwice_endsIt(ToyProtocol protocol) {
        tls.sameAfterwards(protocol, talk -> {
            talk.client.wrap(100);
            ByteBuffer received = talk.server.received;
            ByteBuffer copy = ByteBuffer.allocate(received.remaining());
            copy.put(received.duplicate()).flip();
            talk.server.unwrap();
            talk.server.unwrap(copy, TlsTalk.ROOM);
            afterFailure(talk);
        });
    }

    @ParameterizedTest
    @EnumSource
    void record_thatIsMissing_endsIt(ToyProtocol protocol) {
        tls.sameAfterwards(protocol, talk -> {
            talk.client.wrap(100);
            talk.server.received.position(talk.server.received.limit());
            talk.client.wrap(100);
            afterFailure(talk);
        });
    }

    @ParameterizedTest
    @EnumSource
    void hello_thatIsNone_isRefused(ToyProtocol protocol) {
        for (String bytes : List.of("GET / HTTP/1.1\r\n\r\n", "\26\3\3\0\5\1\0\0\1\0", "\25\3\3\0\2\2\50")) {
            tls.same(protocol, talk -> {
                talk.begin();
                talk.server.receive(bytes);
                talk.server.unwrap();
                talk.server.step();
                talk.server.unwrap();
                talk.server.wrap(0);
                talk.server.wrap(0);
                talk.server.wrap(0);
            });
        }
    }

    @ParameterizedTest
    @EnumSource
    void answer_thatIsNone_isRefused(ToyProtocol protocol) {
        for (String bytes : List.of("GET / HTTP/1.1\r\n\r\n", "\25\3\3\0\2\1\0", "\25\3\3\0\2\2\50")) {
            tls.same(protocol, talk -> {
                talk.begin();
                talk.client.wrap(0);
                talk.client.receive(bytes);
                talk.client.unwrap();
                talk.client.wrap(0);
                talk.client.wrap(0);
                talk.client.unwrap();
            });
        }
    }

    @ParameterizedTest
    @EnumSource
    void certificate_thatIsNotTrusted_isRefused(ToyProtocol protocol) throws Exception {
        isRefused(tls.distrusting().same(protocol, ToyEngineErrorsTest::untilOver));
    }

    @ParameterizedTest
    @EnumSource
    void certificate_ofAnotherHost_isRefused(ToyProtocol protocol) {
        isRefused(tls.same(protocol, "b.example.com", talk -> {
            BothTls.set(talk.client.engine, asked -> asked.setEndpointIdentificationAlgorithm("HTTPS"));
            untilOver(talk);
        }));
    }

    @ParameterizedTest
    @EnumSource
    void client_thatNobodyWants_isRefused(ToyProtocol protocol) throws Exception {
        isRefused(tls.refusing().same(protocol, ToyEngineErrorsTest::untilOver));
    }

    @ParameterizedTest
    @EnumSource
    void protocols_withNoneInCommon_areRefused(ToyProtocol protocol) {
        ToyProtocol other = protocol == ToyProtocol.TLS_1_3 ? ToyProtocol.TLS_1_2 : ToyProtocol.TLS_1_3;
        isRefused(tls.same(protocol, talk -> {
            BothTls.set(talk.server.engine, own -> own.setProtocols(new String[] {other.name}));
            untilOver(talk);
        }));
    }

    @ParameterizedTest
    @EnumSource
    void applicationProtocols_withNoneInCommon_areRefused(ToyProtocol protocol) {
        isRefused(tls.same(protocol, talk -> {
            BothTls.set(talk.client.engine, asked -> asked.setApplicationProtocols(new String[] {"h2"}));
            BothTls.set(talk.server.engine, own -> own.setApplicationProtocols(new String[] {"http/1.1"}));
            untilOver(talk);
        }));
    }

    private static void untilOver(TlsTalk talk) {
        talk.begin();
        talk.run();
        // What failed in a task is thrown now, by whatever is called.
        talk.run();
        for (TlsTalk.End end : List.of(talk.client, talk.server)) {
            end.wrap(1);
            end.unwrap(ByteBuffer.allocate(10), TlsTalk.ROOM);
        }
    }

    private static void isRefused(List<String> trace) {
        assertThat(trace)
                .filteredOn(line -> line.contains("SSLHandshakeException"))
                .hasSize(2);
    }
}
