package io.lb4j.testing;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.pollinterval.IterativePollInterval;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Whoever waits looks after some milliseconds, and again after some, as most things come soon. What takes longer is looked
 * for ten times a second, as is Awaitility's own way: to look may cost as much as what is waited for.
 */
public final class FrequentLooks implements BeforeAllCallback {
    private static final Duration FIRST = Duration.ofMillis(10);
    private static final Duration MOST = Duration.ofMillis(100);

    @Override
    public void beforeAll(ExtensionContext context) {
        Awaitility.setDefaultPollDelay(FIRST);
        Awaitility.setDefaultPollInterval(IterativePollInterval.iterative(FrequentLooks::next, FIRST));
    }

    private static Duration next(Duration before) {
        Duration twice = before.multipliedBy(2);
        return twice.compareTo(MOST) < 0 ? twice : MOST;
    }
}
