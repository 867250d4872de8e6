package io.lb4j.health;

import io.lb4j.backend.Backend;
import io.lb4j.internal.util.OwnFailure;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Passes when one member does. */
final class AnyOfHealthChecker implements HealthChecker {
    private final List<HealthChecker> members;

    AnyOfHealthChecker(HealthChecker... members) {
        this.members = Members.of(members);
    }

    @Override
    public void check(Backend backend, Duration timeout) throws Exception {
        ask(backend, timeout);
    }

    @Override
    public CheckAnswer ask(Backend backend, Duration timeout) throws Exception {
        Deadline deadline = Deadline.in(timeout);
        List<Exception> failures = new ArrayList<>();
        int left = members.size();
        for (HealthChecker member : members) {
            try {
                return Members.ask(member, backend, deadline, left--);
            } catch (Exception failed) {
                if (OwnFailure.isInterrupt(failed)) {
                    throw failed;
                }
                failures.add(failed);
            }
        }
        throw allOf(failures);
    }

    private static Exception allOf(List<Exception> failures) {
        if (failures.size() == 1) {
            return failures.get(0);
        }
        String message = failures.stream().map(AnyOfHealthChecker::messageOf).collect(Collectors.joining("; "));
        boolean unknown = failures.stream().anyMatch(CheckInconclusiveException.class::isInstance);
        Exception first = failures.get(0);
        Exception all = unknown ? new CheckInconclusiveException(message, first) : new IOException(message, first);
        failures.subList(1, failures.size()).forEach(all::addSuppressed);
        return all;
    }

    private static String messageOf(Exception failure) {
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message;
    }

    @Override
    public String toString() {
        return "anyOf" + members;
    }
}
