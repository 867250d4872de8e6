package io.lb4j.internal.relay;

import io.lb4j.internal.loop.Deadline;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Two directions of which one at least has a bandwidth. Confined to its loop. */
final class ThrottledPair extends RelayPair {
    ThrottledPair(Relayed connection, Endpoint client, Endpoint backend, Throttles throttles) {
        super(connection, client, backend, throttles);
    }

    /** The one that is held back by its bandwidth, if this is; else null. */
    private static @Nullable ThrottledRelay waiting(Relay relay) {
        return relay instanceof ThrottledRelay throttled && throttled.isWaiting() ? throttled : null;
    }

    /** That it is held back is no silence. */
    @Override
    public long lastActivity() {
        if (waiting(toBackend) != null || waiting(toClient) != null) {
            touch();
        }
        return super.lastActivity();
    }

    @Override
    public long checkAt() {
        return resumeAt(toBackend, resumeAt(toClient, super.checkAt()));
    }

    private static long resumeAt(Relay relay, long otherwise) {
        ThrottledRelay waiting = waiting(relay);
        return waiting == null ? otherwise : Deadline.earlier(waiting.resumeAt(), otherwise);
    }

    @Override
    public void check(long now) throws IOException {
        super.check(now);
        if (connection.state() != ConnectionState.CLOSED) {
            resumeIfTime(toBackend, now);
            resumeIfTime(toClient, now);
            settle();
        }
    }

    private static void resumeIfTime(Relay relay, long now) {
        ThrottledRelay waiting = waiting(relay);
        if (waiting != null && now - waiting.resumeAt() >= 0) {
            waiting.resume();
        }
    }
}
