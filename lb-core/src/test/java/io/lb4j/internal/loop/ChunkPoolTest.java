package io.lb4j.internal.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.spi.SelectorProvider;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChunkPoolTest {
    private static final int LARGEST = 256 * 1024;

    private final BufferBudget budget = new BufferBudget(64 << 20);
    private final LoopMemory memory = new LoopMemory(budget, 1, SelectorProvider.provider());
    private final ChunkPool pool = new ChunkPool(LARGEST, budget, ChunkPool.MOST_SPARE, memory);

    private final ByteBuffer content = ByteBuffer.allocate(LARGEST);

    private Chunk take(int size) {
        return pool.take(content.clear().limit(size));
    }

    @ParameterizedTest
    @CsvSource({
        "1, 512",
        "512, 512",
        "513, 640",
        "640, 640",
        "641, 768",
        "850, 896",
        "897, 1024",
        "1025, 1280",
        "4097, 5120",
        "65536, 65536",
        "65537, 81920",
        "262144, 262144"
    })
    void take_givesTheNextQuarterOfAPowerOfTwo(int wanted, int given) {
        assertThat(take(wanted).capacity()).isEqualTo(given);
        assertThat(budget.used()).isEqualTo(given);
    }

    @Test
    void take_ofAnySize_givesRoomForIt_andHoldsAtMostAFifthInVain() {
        int before = 0;
        for (int size = 1; size <= LARGEST; size++) {
            Chunk chunk = take(size);
            int given = chunk.capacity();
            pool.giveBack(chunk);
            if (given < Math.max(size, before) || given > Math.max(512, size + given / 5)) {
                fail("%d bytes for %d, and %d for one less", given, size, before);
            }
            before = given;
        }
    }

    @Test
    void givenBack_isTakenAgain() {
        Chunk chunk = take(5000);
        pool.giveBack(chunk);
        assertThat(budget.used()).isZero();
        assertThat(take(5100)).isSameAs(chunk);
        assertThat(take(5100)).isNotSameAs(chunk);
    }

    @Test
    void chunk_givesWhatItWasFilledWith_in64KiBAtATime() throws IOException {
        byte[] content = new byte[150_000];
        new Random(7).nextBytes(content);
        Chunk chunk = pool.take(ByteBuffer.wrap(content));
        ByteBuffer taken = ByteBuffer.allocate(content.length);
        List<Integer> writes = new ArrayList<>();
        while (!chunk.isEmpty()) {
            writes.add(chunk.writeTo(new Sink() {
                @Override
                public int write(ByteBuffer from) {
                    int size = from.remaining();
                    taken.put(from);
                    return size;
                }

                @Override
                public int write(SplicePipe from) {
                    throw new AssertionError();
                }
            }));
        }
        assertThat(taken.array()).isEqualTo(content);
        assertThat(writes).containsExactly(65536, 65536, 150_000 - 2 * 65536);
    }

    @Test
    void pool_keepsAtMost8MiB() {
        Set<Chunk> chunks = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int i = 0; i < 40; i++) {
            chunks.add(take(LARGEST));
        }
        chunks.forEach(pool::giveBack);
        int kept = 0;
        while (chunks.contains(take(LARGEST))) {
            kept++;
        }
        assertThat(kept).isEqualTo(32);
    }
}
