package io.lb4j.benchmarks.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HandshakesTest {
    @ParameterizedTest
    @Timeout(60)
    @CsvSource({"P256, TLSv1.3, false", "RSA2048, TLSv1.3, true", "RSA2048, TLSv1.2, false", "P256, TLSv1.2, true"})
    void pair_afterItsHandshake_speaksThatProtocol(Identity.Kind certificate, String protocol, boolean resumed)
            throws Exception {
        Handshakes handshakes = Handshakes.of(certificate, protocol, resumed);
        for (int i = 0; i < 3; i++) {
            EnginePair pair = handshakes.next();
            assertThat(pair.isResumed()).isEqualTo(resumed);
            assertThat(pair.server().getSession().getProtocol()).isEqualTo(protocol);
            assertThat(pair.serverNanos()).isPositive();
            ByteBuffer record = ByteBuffer.allocate(32 * 1024);
            ByteBuffer arrived = ByteBuffer.allocate(32 * 1024);
            pair.client().wrap(ByteBuffer.wrap(new byte[100]), record);
            assertThat(pair.server().unwrap(record.flip(), arrived).bytesProduced())
                    .isEqualTo(100);
        }
    }
}
