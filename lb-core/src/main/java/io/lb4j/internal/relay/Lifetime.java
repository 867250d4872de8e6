package io.lb4j.internal.relay;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * How long a connection may be open, where that is limited: from a random moment within a tenth of the limit, to either
 * side, it ends as soon as it is silent, and a tenth after the limit in any case. Confined to the connection's loop.
 */
public final class Lifetime {
    private static final double JITTER = 0.1;

    /** A request and its answer are over, and the next has not begun: most clients notice when they send it. */
    private static final long SILENT_AFTER_AN_ANSWER = TimeUnit.MILLISECONDS.toNanos(100);

    /** The client spoke last, and may wait for an answer that takes its time. */
    private static final long SILENT = TimeUnit.SECONDS.toNanos(1);

    /** One that is never silent is looked at no more often than this. */
    private static final long LOOK_AFTER = TimeUnit.MILLISECONDS.toNanos(250);

    private final long latest;
    private long lookAt;

    private Lifetime(long acceptedAt, long limit, double random) {
        latest = acceptedAt + limit + (long) (limit * JITTER);
        lookAt = acceptedAt + limit + (long) (limit * JITTER * (2 * random - 1));
    }

    /** Null when it is not limited. */
    public static @Nullable Lifetime of(Limits limits, RandomGenerator random, long acceptedAt) {
        return limits.hasMaxLifetime() ? new Lifetime(acceptedAt, limits.maxLifetime(), random.nextDouble()) : null;
    }

    /** When to ask whether it is over. */
    public long lookAt() {
        return lookAt;
    }

    /**
     * Whether its time has come; if not, there is another moment to ask.
     *
     * @param lastActivity when a byte moved last
     * @param isAnswered whether that was the backend's
     * @param hasArrived whether the client has all that it was sent: asked when it is silent
     */
    public boolean isOver(long now, long lastActivity, boolean isAnswered, BooleanSupplier hasArrived) {
        if (now - lookAt < 0) {
            return false;
        }
        long silentAt = lastActivity + (isAnswered ? SILENT_AFTER_AN_ANSWER : SILENT);
        if (now - latest >= 0 || (now - silentAt >= 0 && hasArrived.getAsBoolean())) {
            return true;
        }
        long next = silentAt - (now + LOOK_AFTER) > 0 ? silentAt : now + LOOK_AFTER;
        lookAt = next - latest < 0 ? next : latest;
        return false;
    }
}
