package io.lb4j.internal.health;

import io.lb4j.backend.CheckResult;
import org.jspecify.annotations.Nullable;

/**
 * What checks have made of a backend so far.
 *
 * @param up whether it is healthy
 * @param reason why, for people
 * @param last the last check that found out something; null before the first
 * @param passed checks in a row that passed, up to the last one
 * @param failed checks in a row that failed, up to the last one
 */
public record Health(boolean up, String reason, @Nullable CheckResult last, int passed, int failed) {
    /** Before any check. */
    public static Health unchecked(boolean up, String reason) {
        return new Health(up, reason, null, 0, 0);
    }
}
