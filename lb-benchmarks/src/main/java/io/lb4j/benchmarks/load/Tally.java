package io.lb4j.benchmarks.load;

import java.util.ArrayList;
import java.util.List;

/** What happened in one run. Confined to the load thread. */
final class Tally {
    private static final int MESSAGES = 5;

    /** Requests answered, connections served, or bytes of streams that arrived at the backend. */
    long count;

    /** Stream bytes the clients sent; all of them must have arrived at the end. */
    long sent;

    /** Connections that are open at the clients' end, and at the backend's. */
    int clients;

    int accepted;

    /** No new work is begun. */
    boolean stopping;

    long failures;
    final List<String> messages = new ArrayList<>();

    void fail(String message) {
        failures++;
        if (messages.size() < MESSAGES && !messages.contains(message)) {
            messages.add(message);
        }
    }
}
