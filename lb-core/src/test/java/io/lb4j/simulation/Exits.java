package io.lb4j.simulation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Counts the calls that leave the engine, and lets one of them fail with an error of the virtual machine, as happens in
 * a process whose heap or stack is exhausted for a moment.
 */
final class Exits {
    /** The call that fails: the one with this index, from 0, among those of its kind. */
    record Strike(Exit exit, int index, boolean stackOverflow) {
        /** Chance picks the kind first, so that the rare ones get their share. Null when nothing was called. */
        static Strike among(int[] calls, SplittableRandom random) {
            List<Exit> seen = Arrays.stream(Exit.values())
                    .filter(exit -> calls[exit.ordinal()] > 0)
                    .toList();
            if (seen.isEmpty()) {
                return null;
            }
            Exit exit = seen.get(random.nextInt(seen.size()));
            return new Strike(exit, random.nextInt(calls[exit.ordinal()]), random.nextInt(4) == 0);
        }
    }

    private final Strike strike;
    private final int[] calls = new int[Exit.values().length];
    private boolean looking;
    private Error thrown;

    /** @param strike what fails, null for nothing */
    Exits(Strike strike) {
        this.strike = strike;
    }

    /** The engine makes a call of this kind; throws if it is the one that fails. */
    void call(Exit exit) {
        if (looking) {
            return;
        }
        int index = calls[exit.ordinal()]++;
        if (strike != null && strike.exit == exit && strike.index == index) {
            String message = "injected at " + exit + " " + index;
            thrown = strike.stackOverflow ? new StackOverflowError(message) : new OutOfMemoryError(message);
            throw thrown;
        }
    }

    /** Asks the engine something for the simulation's own sake: what it calls then neither counts nor fails. */
    <T> T look(Supplier<T> question) {
        boolean before = looking;
        looking = true;
        try {
            return question.get();
        } finally {
            looking = before;
        }
    }

    /** From now on nothing counts or fails; or again. */
    void rest(boolean resting) {
        looking = resting;
    }

    /** How many calls of each kind there were. */
    int[] calls() {
        return calls.clone();
    }

    boolean hasStruck() {
        return thrown != null;
    }

    /** Whether this is the error that was thrown, or came of it. */
    boolean isCauseOf(Throwable failure) {
        List<Throwable> seen = new ArrayList<>();
        for (Throwable one = failure; one != null && !seen.contains(one); one = one.getCause()) {
            if (one == thrown || Arrays.asList(one.getSuppressed()).contains(thrown)) {
                return thrown != null;
            }
            seen.add(one);
        }
        return false;
    }

    /** What this returns; null when it fails with the error that was thrown, as a start may. */
    <T> T orNull(Supplier<T> start) {
        try {
            return start.get();
        } catch (Error | RuntimeException failure) {
            if (!isCauseOf(failure)) {
                throw failure;
            }
            return null;
        }
    }

    /** What an application does when a call of its own fails like this: it makes it once more. */
    void twice(Runnable call) {
        try {
            call.run();
        } catch (Error failed) {
            if (!isCauseOf(failed)) {
                throw failed;
            }
            call.run();
        }
    }

    /** The lines of the engine that led to the call, the innermost first. */
    String place() {
        return thrown == null
                ? "nowhere"
                : thrown.getMessage().split(" ")[2] + " at "
                        + Arrays.stream(thrown.getStackTrace())
                                .filter(Exits::isEngine)
                                .limit(3)
                                .map(frame -> frame.getFileName() + ":" + frame.getLineNumber())
                                .collect(Collectors.joining(" < "));
    }

    /** What failed, and how the engine got there. */
    @Override
    public String toString() {
        return thrown == null ? "nothing failed" : trace(thrown);
    }

    /** Where it came from, as far as that is our own code. */
    static String trace(Throwable failure) {
        StringBuilder text = new StringBuilder(String.valueOf(failure));
        for (StackTraceElement frame : failure == null ? new StackTraceElement[0] : failure.getStackTrace()) {
            if (frame.getClassName().startsWith("io.lb4j.")) {
                text.append("\n    at ").append(frame);
            }
        }
        return text.toString();
    }

    private static boolean isEngine(StackTraceElement frame) {
        String name = frame.getClassName();
        return name.startsWith("io.lb4j.") && !name.startsWith("io.lb4j.simulation.");
    }
}
