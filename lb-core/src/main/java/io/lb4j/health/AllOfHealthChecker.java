package io.lb4j.health;

import io.lb4j.backend.Backend;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Passes when every member does. */
final class AllOfHealthChecker implements HealthChecker {
    private final List<HealthChecker> members;

    AllOfHealthChecker(HealthChecker... members) {
        this.members = Members.of(members);
    }

    @Override
    public void check(Backend backend, Duration timeout) throws Exception {
        ask(backend, timeout);
    }

    @Override
    public CheckAnswer ask(Backend backend, Duration timeout) throws Exception {
        Deadline deadline = Deadline.in(timeout);
        CheckAnswer answer = CheckAnswer.HEALTHY;
        @Nullable CheckInconclusiveException inconclusive = null;
        for (HealthChecker member : members) {
            try {
                answer = answer.and(Members.ask(member, backend, deadline, 1));
            } catch (CheckInconclusiveException unknown) {
                // A later one may still fail, and then all do.
                inconclusive = inconclusive == null ? unknown : inconclusive;
            }
        }
        if (inconclusive != null) {
            throw inconclusive;
        }
        return answer;
    }

    @Override
    public String toString() {
        return "allOf" + members;
    }
}
