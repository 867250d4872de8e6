package io.lb4j.internal.health;

import io.lb4j.backend.CheckResult;
import io.lb4j.health.HealthCheckPolicy;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What checks have made of a backend so far.
 *
 * @param up whether it is healthy
 * @param reason why, for people
 * @param last the last check that found out something; null before the first
 * @param passed checks in a row that passed, up to the last one
 * @param failed checks in a row that failed, up to the last one
 * @param beganAt the time of the nano clock at which the last check began; what happened after that, it does not know
 */
public record Health(boolean up, String reason, @Nullable CheckResult last, int passed, int failed, long beganAt) {
    /** Before any check. */
    public static Health unchecked(boolean up, String reason) {
        return new Health(up, reason, null, 0, 0, 0);
    }

    /**
     * What one more check makes of it.
     *
     * @param failure why it failed; null when it passed
     * @param began the time of the nano clock at which it began
     */
    Health after(@Nullable String failure, long began, long tookNanos, HealthCheckPolicy policy) {
        boolean passes = failure == null;
        int nowPassed = passes ? passed + 1 : 0;
        int nowFailed = passes ? 0 : failed + 1;
        // Whoever was taken for DOWN without having been asked comes up when it is asked.
        boolean nowUp = up
                ? nowFailed < policy.unhealthyAfter()
                : nowPassed >= policy.healthyAfter() || (last == null && passes);
        CheckResult result =
                new CheckResult(passes, failure == null ? "" : failure, Duration.ofNanos(tookNanos), Instant.now());
        return new Health(nowUp, reason(failure, nowPassed, nowFailed), result, nowPassed, nowFailed, began);
    }

    private static String reason(@Nullable String failure, int passed, int failed) {
        return failure == null
                ? "after " + count(passed, "passed")
                : "after " + count(failed, "failed") + " (" + failure + ")";
    }

    private static String count(int checks, String outcome) {
        return checks + " " + outcome + (checks == 1 ? " check" : " checks");
    }

    /** Whether no check has found out anything so far. */
    public boolean isUnchecked() {
        return passed == 0 && failed == 0;
    }

    /** Whether checks have begun to say otherwise than the status does. */
    boolean isInTransition() {
        return up ? failed > 0 : passed > 0;
    }
}
