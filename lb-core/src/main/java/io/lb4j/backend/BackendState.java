package io.lb4j.backend;

import java.time.Instant;
import java.util.Optional;

/**
 * What the balancer knows of one backend at one moment.
 *
 * @param backend the backend, with the weight it was given last
 * @param status whether it gets new connections
 * @param reason why it has that status, for people: the last check's error, "not checked yet", or what an operator did
 * @param since when it got that status
 * @param ejectedUntil when its ejection ends, unless a check ends it before; empty when it is not ejected
 * @param drainedUntil when what its drain has left by then is reset; empty when it does not drain, or may take as long as it
 *     likes
 * @param lastCheck its last health check that found out something; empty before the first
 * @param passedChecks checks in a row that passed, up to the last one; 0 when that failed
 * @param failedChecks checks in a row that failed, up to the last one; 0 when that passed
 * @param weightPercent how much of its weight it gets, 0..100: less than all while it warms up, and when its last check
 *     said so
 * @param activeConnections connections to it that are open or being opened now
 */
public record BackendState(
        Backend backend,
        BackendStatus status,
        String reason,
        Instant since,
        Optional<Instant> ejectedUntil,
        Optional<Instant> drainedUntil,
        Optional<CheckResult> lastCheck,
        int passedChecks,
        int failedChecks,
        int weightPercent,
        int activeConnections) {}
