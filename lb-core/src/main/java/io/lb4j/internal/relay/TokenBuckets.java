package io.lb4j.internal.relay;

import io.lb4j.access.Bandwidth;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A bandwidth of which connections take: a bucket for each direction. Thread-safe. */
public final class TokenBuckets {
    private final TokenBucket toBackend;
    private final TokenBucket toClient;

    /** Full ones. */
    public TokenBuckets(Bandwidth bandwidth, long now) {
        toBackend = new TokenBucket(now);
        toClient = new TokenBucket(now);
        limit(bandwidth, now);
    }

    /**
     * The buckets that there are, with another bandwidth from now on; or full ones, if they are the first that are needed.
     *
     * @param present null when there are none
     * @param bandwidth null for any number of bytes
     */
    public static @Nullable TokenBuckets limited(
            @Nullable TokenBuckets present, @Nullable Bandwidth bandwidth, long now) {
        if (present != null) {
            present.limit(bandwidth, now);
            return present;
        }
        return bandwidth == null ? null : new TokenBuckets(bandwidth, now);
    }

    private void limit(@Nullable Bandwidth bandwidth, long now) {
        if (bandwidth == null) {
            toBackend.limit(OptionalLong.empty(), 0, now);
            toClient.limit(OptionalLong.empty(), 0, now);
        } else {
            long burst = bandwidth.burst().toNanos();
            toBackend.limit(bandwidth.toBackend(), burst, now);
            toClient.limit(bandwidth.toClient(), burst, now);
        }
    }

    TokenBucket toBackend() {
        return toBackend;
    }

    TokenBucket toClient() {
        return toClient;
    }

    /** Whether as many bytes may pass at once as if none had passed. */
    public boolean areFull(long now) {
        return toBackend.isFull(now) && toClient.isFull(now);
    }
}
