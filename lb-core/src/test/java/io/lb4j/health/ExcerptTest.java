package io.lb4j.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ExcerptTest {
    @Test
    void excerpt_ofLines_isOneLine() {
        assertThat(excerpt("-ERR a\r\nb\u0000\u001b[31m\r\n")).isEqualTo("\"-ERR a..b..[31m\"");
    }

    @Test
    void excerpt_ofWhatTurnsOrBreaksLines_hasDots() {
        assertThat(excerpt("a\u202Eb\u2028c\u0085d")).isEqualTo("\"a.b.c.d\"");
    }

    @Test
    void excerpt_ofExactlySixty_isWhole() {
        assertThat(excerpt("ä".repeat(60))).isEqualTo('"' + "ä".repeat(60) + '"');
    }

    @Test
    void excerpt_ofMore_isCut() {
        assertThat(excerpt("x".repeat(61))).isEqualTo('"' + "x".repeat(60) + "...\"");
        assertThat(excerpt("\uD83D\uDE00".repeat(5000))).isEqualTo('"' + "\uD83D\uDE00".repeat(60) + "...\"");
    }

    @Test
    void excerpt_ofBytesThatAreNoText_isText() {
        byte[] bytes = {(byte) 0xff, 'a', (byte) 0xc3};
        assertThat(Excerpt.of(bytes)).isEqualTo("\"\uFFFDa\uFFFD\"");
    }

    private static String excerpt(String text) {
        return Excerpt.of(text.getBytes(StandardCharsets.UTF_8));
    }
}
