package io.lb4j.internal.loop;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChunkPoolTest {
    private final BufferBudget budget = new BufferBudget(64 << 20);
    private final ChunkPool pool = new ChunkPool(256 * 1024, budget, ChunkPool.MOST_SPARE);

    @ParameterizedTest
    @CsvSource({"1, 4096", "4096, 4096", "4097, 8192", "65536, 65536", "65537, 131072", "262144, 262144"})
    void take_givesTheNextPowerOfTwo(int wanted, int given) {
        assertThat(pool.take(wanted)).hasSize(given);
    }

    @Test
    void givenBack_isTakenAgain() {
        byte[] chunk = pool.take(5000);
        pool.giveBack(chunk);
        assertThat(pool.take(8000)).isSameAs(chunk);
        assertThat(pool.take(8000)).isNotSameAs(chunk);
    }

    @Test
    void pool_keepsAtMost8MiB() {
        byte[][] chunks = new byte[40][];
        for (int i = 0; i < chunks.length; i++) {
            chunks[i] = pool.take(256 * 1024);
        }
        for (byte[] chunk : chunks) {
            pool.giveBack(chunk);
        }
        int kept = 0;
        while (isOneOf(pool.take(256 * 1024), chunks)) {
            kept++;
        }
        assertThat(kept).isEqualTo(32);
    }

    private static boolean isOneOf(byte[] chunk, byte[][] chunks) {
        for (byte[] other : chunks) {
            if (other == chunk) {
                return true;
            }
        }
        return false;
    }
}
