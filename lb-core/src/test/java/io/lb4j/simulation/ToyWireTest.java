package io.lb4j.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.preface.ClientHello;
import io.lb4j.preface.Parsed;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the toy sends, and takes. */
class ToyWireTest {
    private static TlsTalk talk(ToyProtocol... protocols) {
        return TlsTalk.of(ToyTls.of(1), ToyTls.of(2), protocols);
    }

    private static byte[] bytes(ByteBuffer received) {
        byte[] bytes = new byte[received.remaining()];
        received.duplicate().get(bytes);
        return bytes;
    }

    @Test
    void hello_isOneOfTls_toWhoeverReadsIt() {
        SSLEngine client = ToyTls.of(1).client();
        BothTls.set(client, asked -> asked.setApplicationProtocols(new String[] {"h2", "http/1.1"}));
        TlsTalk talk = new TlsTalk(client, ToyTls.of(2).context().createSSLEngine());
        int size = talk.client.wrap(0);
        Parsed<ClientHello> parsed = ClientHello.parse(bytes(talk.server.received), 0, size);
        assertThat(parsed).isInstanceOf(Parsed.Complete.class);
        ClientHello hello = ((Parsed.Complete<ClientHello>) parsed).value();
        assertThat(hello.serverName()).contains(JdkTls.HOST);
        assertThat(hello.applicationProtocols()).containsExactly("h2", "http/1.1");
    }

    @ParameterizedTest
    @EnumSource
    void oneSeed_isOneConversation_andAnotherIsAnother(ToyProtocol protocol) {
        TlsTalk one = talk(protocol);
        TlsTalk again = talk(protocol);
        TlsTalk other = TlsTalk.of(ToyTls.of(3), ToyTls.of(2), protocol);
        for (TlsTalk talk : List.of(one, again, other)) {
            talk.run();
            talk.client.wrap(1000);
        }
        assertThat(bytes(again.server.received)).isEqualTo(bytes(one.server.received));
        assertThat(bytes(other.server.received))
                .hasSameSizeAs(bytes(one.server.received))
                .isNotEqualTo(bytes(one.server.received));
    }

    @ParameterizedTest
    @EnumSource
    void engines_ofOneContext_doNotSayTheSame(ToyProtocol protocol) {
        SSLContext context = ToyTls.of(1).context();
        TlsTalk talk = new TlsTalk(context.createSSLEngine(), context.createSSLEngine());
        talk.client.engine.setUseClientMode(true);
        talk.server.engine.setUseClientMode(true);
        talk.client.engine.setEnabledProtocols(new String[] {protocol.name});
        talk.server.engine.setEnabledProtocols(new String[] {protocol.name});
        talk.client.wrap(0);
        talk.server.wrap(0);
        assertThat(bytes(talk.client.received)).isNotEqualTo(bytes(talk.server.received));
    }

    @ParameterizedTest
    @EnumSource
    void plainBytes_areNotOnTheWire(ToyProtocol protocol) {
        TlsTalk talk = talk(protocol);
        talk.run();
        talk.client.wrap(1000);
        ByteBuffer plain = ByteBuffer.allocate(1000);
        StreamBytes.put(plain, 1, 0, 1000);
        String wire = new String(bytes(talk.server.received), StandardCharsets.ISO_8859_1);
        for (int at = 0; at < 1000; at += 8) {
            assertThat(wire).doesNotContain(new String(plain.array(), at, 8, StandardCharsets.ISO_8859_1));
        }
    }

    /** Only of the version in a record's head nobody asks, neither here nor in the JDK. */
    @ParameterizedTest
    @EnumSource
    void change_ofAnyBit_isNoticed(ToyProtocol protocol) {
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 500; i++) {
            TlsTalk talk = talk(protocol);
            int before = random.nextInt(4);
            boolean changed = false;
            while (talk.client.step() | talk.server.step()) {
                TlsTalk.End end = random.nextBoolean() ? talk.client : talk.server;
                if (!changed && end.received.hasRemaining() && before-- == 0) {
                    change(end.received, random);
                    changed = true;
                }
            }
            boolean arrived = arrives(talk);
            boolean failed = talk.trace.toString().contains("Exception");
            assertThat(arrived && !failed).as("try %d: %s", i, talk.trace).isEqualTo(!changed);
        }
    }

    private static void change(ByteBuffer received, SplittableRandom random) {
        int size = Math.min(received.remaining(), ToyRecord.length(received));
        int offset = random.nextInt(2, size);
        int at = received.position() + (offset == 2 ? 0 : offset);
        received.put(at, (byte) (received.get(at) ^ 1 << random.nextInt(8)));
    }

    private static boolean arrives(TlsTalk talk) {
        talk.client.wrap(100);
        talk.run();
        ByteBuffer plain = talk.server.plain.flip();
        assertThat(StreamBytes.match(plain, 1, 0)).isTrue();
        return plain.remaining() == 100;
    }
}
