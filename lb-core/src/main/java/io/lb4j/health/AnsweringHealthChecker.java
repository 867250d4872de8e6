package io.lb4j.health;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.Checks;
import java.time.Duration;

/** A check in the form that answers. */
final class AnsweringHealthChecker implements HealthChecker {
    private final Answering answering;

    AnsweringHealthChecker(Answering answering) {
        this.answering = Checks.notNull("checker", answering);
    }

    @Override
    public void check(Backend backend, Duration timeout) throws Exception {
        ask(backend, timeout);
    }

    @Override
    public CheckAnswer ask(Backend backend, Duration timeout) throws Exception {
        return answering.ask(backend, timeout);
    }

    @Override
    public String toString() {
        return "answering " + answering;
    }
}
