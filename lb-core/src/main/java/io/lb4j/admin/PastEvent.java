package io.lb4j.admin;

import org.jspecify.annotations.Nullable;

/**
 * Something that happened to a balancer.
 *
 * @param atMillis when, since 1970
 * @param what a status that a backend has from then on, or one of the words of {@link EventLog}
 * @param backend the backend's id; null when it was the whole balancer
 * @param text why, or what exactly, for people
 * @param before the status the backend had before; null when this is about no status
 * @param lastedMillis for how long it had that
 */
record PastEvent(
        long atMillis,
        String what,
        @Nullable String backend,
        String text,
        @Nullable String before,
        long lastedMillis) {}
