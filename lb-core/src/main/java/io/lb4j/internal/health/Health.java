package io.lb4j.internal.health;

import io.lb4j.backend.CheckResult;
import io.lb4j.health.CheckAnswer;
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
 * @param answer what it said of itself when a check passed last; nothing special while it is not healthy
 * @param beganAt the time of the nano clock at which the last check began; what happened after that, it does not know
 */
public record Health(
        boolean up,
        String reason,
        @Nullable CheckResult last,
        int passed,
        int failed,
        CheckAnswer answer,
        long beganAt) {
    /** Before any check. */
    public static Health unchecked(boolean up, String reason) {
        return new Health(up, reason, null, 0, 0, CheckAnswer.HEALTHY, 0);
    }

    /**
     * What one more check that passed makes of it.
     *
     * @param said what the backend said of itself
     * @param began the time of the nano clock at which it began
     */
    Health passed(CheckAnswer said, long began, long tookNanos, HealthCheckPolicy policy) {
        int inARow = passed + 1;
        // Whoever was taken for DOWN without having been asked comes up when it is asked.
        boolean nowUp = up || inARow >= policy.healthyAfter() || last == null;
        String why = nowUp && said.draining() ? "its check says that it drains" : "after " + count(inARow, "passed");
        CheckResult result = new CheckResult(true, "", Duration.ofNanos(tookNanos), Instant.now());
        return new Health(nowUp, why, result, inARow, 0, said, began);
    }

    /**
     * What one more check that failed makes of it.
     *
     * @param failure why
     * @param began the time of the nano clock at which it began
     */
    Health failed(String failure, long began, long tookNanos, HealthCheckPolicy policy) {
        int inARow = failed + 1;
        boolean nowUp = up && inARow < policy.unhealthyAfter();
        String why = "after " + count(inARow, "failed") + " (" + failure + ")";
        CheckResult result = new CheckResult(false, failure, Duration.ofNanos(tookNanos), Instant.now());
        // What it said of itself, it said when it was well.
        return new Health(nowUp, why, result, 0, inARow, nowUp ? answer : CheckAnswer.HEALTHY, began);
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
