package io.lb4j.examples.testing;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Whoever waits looks every few milliseconds, not ten times a second. */
public final class FrequentLooks implements BeforeAllCallback {
    private static final Duration EVERY = Duration.ofMillis(5);

    @Override
    public void beforeAll(ExtensionContext context) {
        Awaitility.setDefaultPollInterval(EVERY);
    }
}
