package io.lb4j.internal.relay;

import io.lb4j.internal.loop.Deadline;
import java.io.IOException;

/** Two directions of which one at least has a bandwidth. Confined to its loop. */
final class ThrottledPair extends RelayPair {
    ThrottledPair(Relayed connection, Endpoint client, Endpoint backend, Throttles throttles) {
        super(connection, client, backend, throttles);
    }

    /** That it is held back is no silence. */
    @Override
    public long lastActivity() {
        if (isWaiting(toBackend) || isWaiting(toClient)) {
            touch();
        }
        return super.lastActivity();
    }

    private static boolean isWaiting(Relay relay) {
        return relay instanceof ThrottledRelay throttled && throttled.isWaiting();
    }

    @Override
    public long checkAt() {
        return resumeAt(toBackend, resumeAt(toClient, super.checkAt()));
    }

    private static long resumeAt(Relay relay, long otherwise) {
        return relay instanceof ThrottledRelay throttled && throttled.isWaiting()
                ? Deadline.earlier(throttled.resumeAt(), otherwise)
                : otherwise;
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
        if (relay instanceof ThrottledRelay throttled && throttled.isWaiting() && now - throttled.resumeAt() >= 0) {
            throttled.resume();
        }
    }
}
