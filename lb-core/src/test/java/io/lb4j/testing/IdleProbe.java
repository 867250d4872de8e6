package io.lb4j.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.stats.TcpProxyStats;
import java.util.function.Supplier;

/** B9: in whatever state a balancer is, when nothing happens its loops do not turn. */
public final class IdleProbe {
    private static final int WINDOW_MILLIS = 300;

    /** 20 a second are allowed (two loops at 10); a loop that spins makes 100,000 and more. */
    private static final long ALLOWED = 20;

    /** What was under way may still come to its end on a busy machine; a loop that spins is quiet in no window. */
    private static final int WINDOWS = 10;

    private IdleProbe() {}

    /** Fails if the loops turn while nothing happens. */
    public static void assertIdle(Supplier<TcpProxyStats> stats) {
        long turns = Long.MAX_VALUE;
        for (int i = 0; i < WINDOWS && turns > ALLOWED; i++) {
            long before = stats.get().loopTurns();
            Background.pause(WINDOW_MILLIS);
            turns = stats.get().loopTurns() - before;
        }
        assertThat(turns)
                .as("turns of the event loops in the last of up to %d times %d ms", WINDOWS, WINDOW_MILLIS)
                .isLessThanOrEqualTo(ALLOWED);
    }
}
