package io.lb4j.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ByteSearchTest {
    @Test
    void search_inRandomText_findsWhatIndexOfFinds() { // F
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            String wanted = text(random, 1 + random.nextInt(6));
            String text = text(random, random.nextInt(40));

            int at = text.indexOf(wanted);
            assertThat(endOf(wanted, text))
                    .as("%s in %s, seed %d", wanted, text, seed)
                    .isEqualTo(at < 0 ? -1 : at + wanted.length());
        }
    }

    private static String text(Random random, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(random.nextInt(3) == 0 ? 'b' : 'a');
        }
        return text.toString();
    }

    private static int endOf(String wanted, String text) {
        ByteSearch search = new ByteSearch(wanted.getBytes(StandardCharsets.UTF_8));
        for (int i = 0; i < text.length(); i++) {
            if (search.add((byte) text.charAt(i))) {
                return i + 1;
            }
        }
        return -1;
    }
}
