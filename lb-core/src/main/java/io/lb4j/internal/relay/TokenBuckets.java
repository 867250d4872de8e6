package io.lb4j.internal.relay;

import io.lb4j.access.Bandwidth;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A bandwidth of which connections take: a bucket for each direction. Thread-safe. */
public final class TokenBuckets {
    private final TokenBucket toBackend;
    private final TokenBucket toClient;

    /**
     * Full ones.
     *
     * @param bandwidth null for any number of bytes
     */
    public TokenBuckets(@Nullable Bandwidth bandwidth, long now) {
        toBackend = new TokenBucket(now);
        toClient = new TokenBucket(now);
        limit(bandwidth, now);
    }

    /**
     * Another bandwidth from now on.
     *
     * @param bandwidth null for any number of bytes
     */
    public void limit(@Nullable Bandwidth bandwidth, long now) {
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
