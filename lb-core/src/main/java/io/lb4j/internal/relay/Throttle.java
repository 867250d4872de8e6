package io.lb4j.internal.relay;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** How much of one direction of a connection may be read, by all the buckets it takes from. Confined to the connection's loop. */
public final class Throttle {
    private final TokenBucket[] buckets;
    private final int share;

    /** Taken from all buckets, and not read yet; and when that may be. */
    private int granted;

    private long grantedAt;

    private Throttle(TokenBucket... buckets) {
        this.buckets = buckets;
        int smallest = Integer.MAX_VALUE;
        for (TokenBucket bucket : buckets) {
            smallest = Math.min(smallest, bucket.share());
        }
        share = smallest;
    }

    /** Null when none of these has a limit. */
    static @Nullable Throttle of(Collection<TokenBucket> buckets) {
        TokenBucket[] limited = buckets.stream().filter(TokenBucket::isLimited).toArray(TokenBucket[]::new);
        return limited.length == 0 ? null : new Throttle(limited);
    }

    /** A direction of this pair, held back by this. */
    static Relay relay(@Nullable Throttle throttle, RelayPair pair, Endpoint source, Endpoint sink, int bytesCounter) {
        return throttle == null
                ? new Relay(pair, pair.connection, source, sink, bytesCounter)
                : new ThrottledRelay(pair, source, sink, bytesCounter, throttle);
    }

    /** How many bytes may be read now, at most so many. When none may, {@link #grantedAt} says when some may. */
    int grant(int most, long now) {
        if (!isGranted(now)) {
            return 0;
        }
        if (granted < most) {
            granted += take(most - granted, now);
        }
        return Math.min(granted, most);
    }

    /** Whether some may be read now; takes its turn if it has none. */
    boolean isGranted(long now) {
        if (granted == 0) {
            granted = share;
            grantedAt = now;
            for (TokenBucket bucket : buckets) {
                long at = bucket.reserve(share, now);
                grantedAt = at - grantedAt > 0 ? at : grantedAt;
            }
        }
        return grantedAt - now <= 0;
    }

    long grantedAt() {
        return grantedAt;
    }

    private int take(int most, long now) {
        int taken = most;
        for (int i = 0; i < buckets.length && taken > 0; i++) {
            int here = buckets[i].take(taken, now);
            for (int before = 0; before < i; before++) {
                buckets[before].giveBack(taken - here);
            }
            taken = here;
        }
        return taken;
    }

    /** Of what was granted so many bytes were read: the rest is for others. */
    void used(int bytes) {
        if (granted > bytes) {
            for (TokenBucket bucket : buckets) {
                bucket.giveBack(granted - bytes);
            }
        }
        granted = 0;
    }
}
