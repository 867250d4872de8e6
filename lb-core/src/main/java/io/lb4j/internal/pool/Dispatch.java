package io.lb4j.internal.pool;

import io.lb4j.proxy.PlaceInLine;
import io.lb4j.proxy.Route;
import io.lb4j.proxy.Router;
import io.lb4j.proxy.Waiter;
import io.lb4j.selection.BackendSelector;
import io.lb4j.selection.Candidate;
import io.lb4j.selection.Candidates;
import io.lb4j.selection.ClientConnection;
import io.lb4j.selection.QueuePolicy;
import io.lb4j.stats.QueueStats;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which backend a connection gets, and who waits for one. Thread-safe. */
final class Dispatch implements WaitingLine.Backends {
    private final PoolState state;
    private final WaitingLine line;

    Dispatch(PoolState state, BackendPool.Surroundings surroundings) {
        this.state = state;
        line = new WaitingLine(this, surroundings.nanoClock());
        state.onOtherCandidates(line::candidatesChanged);
        surroundings.control().audit(line::audit);
    }

    /**
     * The selector's choice among those that are eligible, are not full and have not failed for this connection; it has
     * one connection more when this returns. Those who wait come first. Throws what the selector throws.
     */
    @Nullable
    Route next(ClientConnection connection, List<Route> failed) {
        return line.isEmpty() || state.settings().queue() == null ? pick(connection, failed) : Router.FULL;
    }

    /** Null when nobody is to wait, or too many do. */
    @Nullable
    PlaceInLine join(Waiter waiter) {
        QueuePolicy policy = state.settings().queue();
        return policy == null ? null : line.join(waiter, policy);
    }

    /** This one has come to its limit of connections, or has room again. */
    void limitCrossed(PooledBackend backend) {
        state.snapshot().tiers().refresh(backend);
        // Also by one who came to the limit: he may have been the last to write down what another one had changed.
        line.roomGained();
    }

    void roomGained() {
        line.roomGained();
    }

    QueueStats stats() {
        return line.stats();
    }

    @Override
    public @Nullable Route pick(ClientConnection connection, List<Route> failed) {
        while (true) {
            PoolSnapshot snapshot = state.snapshotNow();
            Candidates candidates = snapshot.tiers().candidates(failed);
            if (candidates.size() == 0) {
                return areThereFor(failed) ? Router.FULL : null;
            }
            PooledBackend choice = choose(candidates, connection);
            if (choice == null) {
                return null;
            }
            if (choice.reserve()) {
                if (snapshot.candidates() == state.snapshot().candidates()) {
                    return choice;
                }
                // Whoever published others meanwhile has not seen this one, so nobody would take it off again.
                choice.giveBack();
                continue;
            }
            // Another loop was quicker to take its last place, or it was just taken out: choose again, without it.
            limitCrossed(choice);
        }
    }

    private @Nullable PooledBackend choose(Candidates candidates, ClientConnection connection) {
        BackendSelector selector = state.settings().selector();
        CandidateList list = (CandidateList) candidates.whole();
        Candidate choice = selector.select(candidates, connection);
        PooledBackend found = list.found(choice, candidates);
        if (found == null && choice != null) {
            // It may have kept one from an earlier call that has gone down since: once more, with who is here now.
            choice = selector.select(candidates, connection);
            found = list.found(choice, candidates);
        }
        if (found == null && choice != null) {
            throw new IllegalStateException("selector " + selector + " chose " + choice + ", which is no candidate");
        }
        return found;
    }

    // ---- for those who wait

    @Override
    public int room(List<Route> failed, int most) {
        return state.snapshot().tiers().room(failed, most);
    }

    @Override
    public boolean areThereFor(List<Route> failed) {
        return state.snapshot().tiers().hasOthersThan(failed);
    }
}
