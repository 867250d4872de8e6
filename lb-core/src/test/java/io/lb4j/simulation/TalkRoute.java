package io.lb4j.simulation;

import io.lb4j.backend.Backend;
import io.lb4j.event.CloseReason;
import io.lb4j.event.Party;
import io.lb4j.proxy.Route;

/** The route of one attempt: checks that it is told what was promised, in the order that was promised. */
final class TalkRoute implements Route {
    private final Verdict verdict;
    private final Exits exits;
    private final Backend backend;
    private final Runnable onConnected;
    private boolean connected;
    private boolean failed;
    private boolean ended;
    private boolean released;

    TalkRoute(Verdict verdict, Exits exits, Backend backend, Runnable onConnected) {
        this.verdict = verdict;
        this.exits = exits;
        this.backend = backend;
        this.onConnected = onConnected;
    }

    @Override
    public Backend backend() {
        return backend;
    }

    @Override
    public void connected(long nanos) {
        verdict.require(!connected && !failed && !released, "connected out of order", backend);
        verdict.require(nanos >= 0, "negative connect time", nanos);
        connected = true;
        onConnected.run();
        exits.call(Exit.ROUTE);
    }

    @Override
    public void connectFailed(Throwable cause) {
        verdict.require(!connected && !failed && !released, "connectFailed out of order", backend);
        failed = true;
        exits.call(Exit.ROUTE);
    }

    @Override
    public void ended(CloseReason reason, Party firstToEnd, long bytesToBackend, long bytesToClient) {
        verdict.require(connected && !ended && !released, "ended out of order", backend);
        ended = true;
        exits.call(Exit.ROUTE);
    }

    @Override
    public void released() {
        verdict.require(!released && ended == connected, "released out of order", backend);
        released = true;
        exits.call(Exit.ROUTE);
    }

    boolean wasReleased() {
        return released;
    }
}
