package io.lb4j.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lb4j.preface.ClientHello;
import io.lb4j.preface.Parsed;
import io.lb4j.preface.ProxyHeader;
import io.lb4j.preface.ProxyVersion;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OpeningTest {
    private static final int REQUEST = 64;

    @Test
    void header_isOneOfVersion2() {
        byte[] bytes = Opening.PROXY_HEADER.bytes();
        assertThat(ProxyHeader.parse(bytes, 0, bytes.length)).isInstanceOfSatisfying(Parsed.Complete.class, parsed -> {
            assertThat(parsed.length()).isEqualTo(bytes.length);
            ProxyHeader header = (ProxyHeader) parsed.value();
            assertThat(header.version()).isEqualTo(ProxyVersion.V2);
            assertThat(header.source()).contains(new InetSocketAddress("192.0.2.7", 54321));
        });
    }

    @Test
    void hello_withTheRequest_isWholeAndAsLongAsThatOfABrowser() {
        byte[] bytes = withRequest(Opening.CLIENT_HELLO.bytes());
        assertThat(bytes).hasSize(517);
        assertThat(ClientHello.parse(bytes, 0, bytes.length)).isInstanceOfSatisfying(Parsed.Complete.class, parsed -> {
            assertThat(parsed.length()).isEqualTo(bytes.length);
            assertThat(((ClientHello) parsed.value()).serverName()).contains("a.example.com");
        });
    }

    @ParameterizedTest
    @EnumSource
    void backend_passesOverIt(Opening opening) throws IOException {
        byte[] bytes = opening.bytes();
        assertThat(opening.length(ByteBuffer.wrap(withRequest(bytes)))).isEqualTo(bytes.length);
        assertThat(opening.length(ByteBuffer.wrap(bytes))).isEqualTo(bytes.length);
    }

    @Test
    void backend_passesOverAHeaderOfVersion1() throws IOException {
        byte[] line = "PROXY TCP4 192.0.2.7 198.51.100.10 54321 443\r\n".getBytes(StandardCharsets.US_ASCII);
        assertThat(Opening.PROXY_HEADER.length(ByteBuffer.wrap(withRequest(line))))
                .isEqualTo(line.length);
    }

    @ParameterizedTest
    @EnumSource
    void backend_thatGetsTheRequestOnly_fails(Opening opening) {
        assertThatThrownBy(() -> opening.length(ByteBuffer.allocate(REQUEST))).isInstanceOf(IOException.class);
    }

    private static byte[] withRequest(byte[] opening) {
        return Arrays.copyOf(opening, opening.length + REQUEST);
    }
}
