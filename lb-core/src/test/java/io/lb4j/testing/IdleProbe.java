package io.lb4j.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.lb4j.stats.TcpProxyStats;
import java.util.function.Supplier;

/** B9: in whatever state a balancer is, when nothing happens its loops do not turn. */
public final class IdleProbe {
    private static final int WINDOW_MILLIS = 300;

    /** 20 a second are allowed (two loops at 10); a loop that spins makes 100,000 and more. */
    private static final long ALLOWED = 20;

    private IdleProbe() {}

    /** Fails if the loops turn while nothing happens. */
    public static void assertIdle(Supplier<TcpProxyStats> stats) {
        long before = stats.get().loopTurns();
        Background.pause(WINDOW_MILLIS);
        assertThat(stats.get().loopTurns() - before)
                .as("turns of the event loops in %d ms of silence", WINDOW_MILLIS)
                .isLessThanOrEqualTo(ALLOWED);
    }
}
