package io.lb4j.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be set in the toy, and is not to be had of the JDK. */
class ToyTlsTest {
    private static TlsTalk talk(ToyProtocol... protocols) {
        return TlsTalk.of(ToyTls.of(1), ToyTls.of(2), protocols);
    }

    private static void transfer(TlsTalk talk, int size) {
        talk.client.wrap(size);
        talk.server.wrap(size);
        talk.run();
        assertThat(talk.server.plain.position()).isEqualTo(size);
        assertThat(talk.client.plain.position()).isEqualTo(size);
    }

    @Test
    void newest_ofWhatBothOffer_isSpoken() {
        TlsTalk both = talk(ToyProtocol.TLS_1_2, ToyProtocol.TLS_1_3);
        TlsTalk old = talk(ToyProtocol.TLS_1_2);
        both.run();
        old.run();
        assertThat(both.client.engine.getSession().getProtocol()).isEqualTo("TLSv1.3");
        assertThat(old.client.engine.getSession().getProtocol()).isEqualTo("TLSv1.2");
    }

    @ParameterizedTest
    @EnumSource
    void applicationProtocol_isTheServersFirst_thatTheClientSpeaks(ToyProtocol protocol) {
        TlsTalk talk = new TlsTalk(ToyTls.of(1).client(), ToyTls.of(2).context().createSSLEngine());
        talk.server.engine.setUseClientMode(false);
        talk.server.engine.setEnabledProtocols(new String[] {protocol.name});
        BothTls.set(talk.client.engine, asked -> asked.setApplicationProtocols(new String[] {"a", "b", "c"}));
        BothTls.set(talk.server.engine, own -> own.setApplicationProtocols(new String[] {"x", "c", "b"}));
        talk.begin();
        talk.run();
        assertThat(talk.client.engine.getApplicationProtocol()).isEqualTo("c");
        assertThat(talk.server.engine.getApplicationProtocol()).isEqualTo("c");
    }

    @ParameterizedTest
    @EnumSource
    void certificate_ofAnyLength_arrives(ToyProtocol protocol) {
        TlsTalk talk = TlsTalk.of(ToyTls.of(1), ToyTls.of(2).withCertificate(JdkTls.HOST, 40_000), protocol);
        talk.run();
        transfer(talk, 100);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100, 16_384})
    void records_areAsLargeAsIsSaid(int size) {
        for (ToyProtocol protocol : ToyProtocol.values()) {
            TlsTalk talk = TlsTalk.of(ToyTls.of(1).withLargestContent(size), ToyTls.of(2), protocol);
            talk.run();
            talk.client.wrap(20_000);
            talk.run();
            assertThat(talk.server.plain.position()).isEqualTo(size);
        }
    }

    @ParameterizedTest
    @EnumSource
    void engine_thatIsTouched_whileItsTaskIsNotFinished_throws(ToyProtocol protocol) {
        TlsTalk talk = talk(protocol);
        talk.client.wrap(0);
        talk.server.unwrap();
        Runnable task = talk.server.engine.getDelegatedTask();
        assertThatThrownBy(talk.server::unwrap).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> talk.server.wrap(0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(talk.server.engine::closeOutbound).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(talk.server.engine::closeInbound).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(talk.server::begin).isInstanceOf(IllegalStateException.class);
        assertThat(talk.server.engine.getDelegatedTask()).isNull();
        task.run();
        task.run();
        talk.run();
        transfer(talk, 100);
    }

    @Test
    void recordsOfNothing_yieldNothing() {
        for (ToyProtocol protocol : ToyProtocol.values()) {
            TlsTalk talk = talk(protocol);
            talk.run();
            talk.trace.clear();
            ((ToyEngine) talk.client.engine).sayNothing();
            talk.client.note("says");
            talk.client.wrap(0);
            talk.server.unwrap();
            assertThat(talk.trace)
                    .containsExactly(
                            "client says -> NEED_WRAP",
                            "client wrap 0: OK/NOT_HANDSHAKING took 0, gave -> NOT_HANDSHAKING",
                            "server unwrap: OK/NOT_HANDSHAKING took, gave 0 -> NOT_HANDSHAKING");
            transfer(talk, 100);
        }
    }

    @Test
    void keyUpdates_areAnswered_ifThatIsWanted() {
        TlsTalk talk = talk(ToyProtocol.TLS_1_3);
        talk.run();
        talk.trace.clear();
        for (boolean wanted : new boolean[] {false, true, true}) {
            ((ToyEngine) talk.server.engine).updateKeys(wanted);
            talk.server.wrap(0);
            talk.client.unwrap();
            assertThat(talk.trace.get(talk.trace.size() - 1)).endsWith(wanted ? "NEED_WRAP" : "NOT_HANDSHAKING");
            talk.run();
        }
        transfer(talk, 100);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void renegotiation_ends(boolean byTheClient) {
        TlsTalk talk = talk(ToyProtocol.TLS_1_2);
        talk.run();
        (byTheClient ? talk.client : talk.server).begin();
        talk.trace.clear();
        talk.run();
        assertThat(talk.trace).filteredOn(line -> line.contains("FINISHED")).hasSize(2);
        transfer(talk, 100);
    }
}
