package io.lb4j.health;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.OwnFailure;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;

/** The checkers that a check is made of. */
final class Members {
    private Members() {}

    static List<HealthChecker> of(HealthChecker... members) {
        if (members.length == 0) {
            throw new IllegalArgumentException("checkers: none (expected: at least one)");
        }
        return List.of(members);
    }

    /**
     * Lets one of them check, in its equal share of the time that is left where {@code sharing} are to have some. A want
     * of memory or ports here leaves as what it stands for.
     */
    static CheckAnswer ask(HealthChecker member, Backend backend, Deadline deadline, int sharing) throws Exception {
        // One may have made another failure of the interrupt, and the next would not know of it.
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedException("interrupted before " + member);
        }
        Duration left = deadline.left();
        if (left.isZero()) {
            throw new SocketTimeoutException("no time left for " + member + " " + deadline.within());
        }
        try {
            return member.ask(backend, left.dividedBy(sharing));
        } catch (Exception | OutOfMemoryError failure) {
            if (OwnFailure.isShortage(failure) && !(failure instanceof CheckInconclusiveException)) {
                throw new CheckInconclusiveException(kindOf(failure) + failure.getMessage(), failure);
            }
            throw failure;
        }
    }

    private static String kindOf(Throwable failure) {
        return failure instanceof OutOfMemoryError ? "out of memory: " : "";
    }
}
