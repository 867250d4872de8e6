package io.lb4j.preface;

import static io.lb4j.preface.Blocks.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyTlvTest {
    @Test
    void tlv_ofParts_hasCopiesOfThem() {
        byte[] value = bytes("6101");
        ProxyTlv tlv = ProxyTlv.of(0xff, value);
        value[0] = 0;
        tlv.value()[1] = 0;

        assertThat(tlv.type()).isEqualTo(255);
        assertThat(tlv.length()).isEqualTo(2);
        assertThat(tlv.value()).isEqualTo(bytes("6101"));
        assertThat(tlv.text()).isEqualTo("a\u0001");
    }

    @Test
    void tlvs_withTheSameParts_areEqual() {
        assertThat(ProxyTlv.of(1, bytes("01")))
                .isEqualTo(ProxyTlv.of(1, bytes("01")))
                .hasSameHashCodeAs(ProxyTlv.of(1, bytes("01")))
                .isNotEqualTo(ProxyTlv.of(2, bytes("01")))
                .isNotEqualTo(ProxyTlv.of(1, bytes("0100")))
                .isNotEqualTo("1");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 256, Integer.MAX_VALUE})
    void of_aTypeThatIsNone_isRefused(int type) {
        assertThatThrownBy(() -> ProxyTlv.of(type, bytes("")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("proxyTlv type: " + type + " (expected: 0..255)");
    }

    @Test
    void of_aChecksum_isRefused() {
        assertThatThrownBy(() -> ProxyTlv.of(ProxyTlv.CRC32C, bytes("00000000")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("proxyTlv type: 3 (expected: ");
    }

    @ParameterizedTest
    @CsvSource({"2, 255", "5, 128", "0, 16365", "238, 16365"})
    void of_aValueThatIsTooLong_isRefused(int type, int most) {
        assertThat(ProxyTlv.of(type, new byte[most]).length()).isEqualTo(most);
        assertThatThrownBy(() -> ProxyTlv.of(type, new byte[most + 1]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("proxyTlv value: " + (most + 1) + " bytes (expected: 0.." + most + ")");
    }

    @Test
    void toString_ofTextOrBytes_isPrintable() {
        assertThat(ProxyTlv.of(2, "example.com".getBytes(StandardCharsets.UTF_8)))
                .hasToString("0x02 example.com");
        assertThat(ProxyTlv.of(0xea, bytes("01ff"))).hasToString("0xea 0x01ff");
        assertThat(ProxyTlv.of(4, bytes(""))).hasToString("0x04 \"\"");
        assertThat(ProxyTlv.of(2, "a \"b\"".getBytes(StandardCharsets.UTF_8))).hasToString("0x02 \"a \\\"b\\\"\"");
        assertThat(ProxyTlv.of(0xe0, new byte[1000])).hasToString("0xe0 0x" + "00".repeat(64) + "...");
        assertThat(ProxyTlv.of(0xe0, "a".repeat(65).getBytes(StandardCharsets.UTF_8)))
                .hasToString("0xe0 " + "a".repeat(64) + "...");
    }
}
