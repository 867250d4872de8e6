package io.lb4j.benchmarks.compare;

import io.lb4j.benchmarks.load.Work;
import java.util.Map;
import java.util.Set;

/**
 * The system calls of one program, with all its threads and children, while it did some work.
 *
 * @param count requests, connections or bytes it relayed meanwhile
 * @param byName how often it made each call
 */
record Calls(Work work, String program, long count, Map<String, Long> byName) {
    /**
     * Those in which a thread waits, or wakes another one. How many there are is a matter of how much is ready at a time;
     * {@code restart_syscall} goes on with one that was interrupted.
     */
    private static final Set<String> WAITING =
            Set.of("epoll_wait", "epoll_pwait", "epoll_pwait2", "futex", "restart_syscall");

    static boolean isWaiting(String call) {
        return WAITING.contains(call);
    }

    double perUnit() {
        return perUnit(sum(byName));
    }

    double perUnitWithoutWaiting() {
        return perUnit(byName.entrySet().stream()
                .filter(call -> !isWaiting(call.getKey()))
                .mapToLong(Map.Entry::getValue)
                .sum());
    }

    /** So many calls, for each {@link Work#callsUnit}. */
    double perUnit(long calls) {
        return calls * work.countsPerCallsUnit() / count;
    }

    private static long sum(Map<String, Long> calls) {
        return calls.values().stream().mapToLong(Long::longValue).sum();
    }
}
