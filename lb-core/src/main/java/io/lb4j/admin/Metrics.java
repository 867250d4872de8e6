package io.lb4j.admin;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What {@code GET /metrics} says. For ten thousand backends it is long, and takes its time: whoever asks within a second
 * gets the same. Confined to the admin thread.
 */
final class Metrics {
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final AdminClock clock;
    private final Map<List<Shown>, Text> texts = new HashMap<>();

    private static final class Text {
        final byte[] utf8;
        final long madeAt;

        Text(byte[] utf8, long madeAt) {
            this.utf8 = utf8;
            this.madeAt = madeAt;
        }
    }

    Metrics(AdminClock clock) {
        this.clock = clock;
    }

    /** @param shown all of them, or one */
    byte[] of(List<Shown> shown) {
        long now = clock.nowNanos();
        texts.values().removeIf(text -> now - text.madeAt >= FRESH_NANOS);
        return texts.computeIfAbsent(shown, any -> made(shown)).utf8;
    }

    /** Fresh from when it is there: it may have taken longer than it stays so. */
    private Text made(List<Shown> shown) {
        byte[] utf8 = new MetricsText(shown).toString().getBytes(StandardCharsets.UTF_8);
        return new Text(utf8, clock.nowNanos());
    }
}
