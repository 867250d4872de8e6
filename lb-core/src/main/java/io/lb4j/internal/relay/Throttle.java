package io.lb4j.internal.relay;

import io.lb4j.internal.loop.Deadline;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** How much of one direction of a connection may be read, by all the buckets it takes from. Confined to the connection's loop. */
public final class Throttle {
    /** Who waits for longer looks again after this: the rate may be another one by then. */
    private static final long LONGEST_WAIT = TimeUnit.SECONDS.toNanos(1);

    private final TokenBucket[] buckets;

    /** The bucket's when it was last taken from. */
    private final long[] eras;

    /** Taken from all buckets, and not read yet; and when that may be. */
    private int granted;

    private long grantedAt;
    private long lookAt;

    private Throttle(TokenBucket... buckets) {
        this.buckets = buckets;
        eras = new long[buckets.length];
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

    /** How many bytes may be read now, at most so many. When none may, {@link #lookAt} says when to ask again. */
    int grant(int most, long now) {
        if (!isGranted(most, now)) {
            return 0;
        }
        if (granted < most) {
            granted += take(most - granted, now);
        }
        return Math.min(granted, most);
    }

    /** Whether some may be read now; takes its turn if it has none, for so many or a share. */
    boolean isGranted(int most, long now) {
        if (granted > 0 && isVoid()) {
            used(0);
        }
        if (granted == 0) {
            reserve(most, now);
        }
        lookAt = Deadline.earlier(grantedAt, now + LONGEST_WAIT);
        return grantedAt - now <= 0;
    }

    private boolean isVoid() {
        for (int i = 0; i < buckets.length; i++) {
            if (buckets[i].era() != eras[i]) {
                return true;
            }
        }
        return false;
    }

    private void reserve(int most, long now) {
        int share = most;
        for (TokenBucket bucket : buckets) {
            share = Math.min(share, bucket.share());
        }
        granted = share;
        grantedAt = now;
        for (int i = 0; i < buckets.length; i++) {
            eras[i] = buckets[i].era();
            long at = buckets[i].reserve(share, now);
            grantedAt = at - grantedAt > 0 ? at : grantedAt;
        }
    }

    /** So many bytes were read without having been granted: later ones wait for that. */
    void hasRead(int bytes, long now) {
        for (TokenBucket bucket : buckets) {
            bucket.reserve(bytes, now);
        }
    }

    /** When to ask again, if none was granted. */
    long lookAt() {
        return lookAt;
    }

    private int take(int most, long now) {
        int taken = most;
        for (int i = 0; i < buckets.length && taken > 0; i++) {
            int here = buckets[i].take(taken, now);
            for (int before = 0; before < i && here < taken; before++) {
                buckets[before].giveBack(taken - here, eras[before]);
            }
            taken = here;
        }
        return taken;
    }

    /** Of what was granted so many bytes were read: the rest is for others. */
    void used(int bytes) {
        for (int i = 0; i < buckets.length && granted > bytes; i++) {
            buckets[i].giveBack(granted - bytes, eras[i]);
        }
        granted = 0;
    }
}
