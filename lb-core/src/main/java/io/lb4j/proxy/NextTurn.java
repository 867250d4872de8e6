package io.lb4j.proxy;

import io.lb4j.internal.relay.Endpoint;
import java.util.ArrayList;
import java.util.List;

/** Endpoints that have something to read of which no selector knows: they go on in the next turn. Confined to its loop. */
final class NextTurn {
    private List<Endpoint> waiting = new ArrayList<>();
    private List<Endpoint> spare = new ArrayList<>();

    void add(Endpoint endpoint) {
        waiting.add(endpoint);
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Those that come meanwhile have to wait for the turn after. */
    void goOn() {
        if (waiting.isEmpty()) {
            return;
        }
        List<Endpoint> due = waiting;
        waiting = spare;
        spare = due;
        for (int i = 0; i < due.size(); i++) {
            due.get(i).goOn();
        }
        due.clear();
    }
}
