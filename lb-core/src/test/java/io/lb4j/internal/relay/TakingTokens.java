package io.lb4j.internal.relay;

/** Takes of a bandwidth as a connection does, for tests elsewhere. */
public final class TakingTokens {
    private TakingTokens() {}

    /** Takes as many bytes towards the client as may pass now, at most so many. */
    public static int toClient(TokenBuckets bandwidth, int most, long now) {
        return bandwidth.toClient().take(most, now);
    }
}
