package io.lb4j.internal.pool;

import io.lb4j.event.CloseReason;
import io.lb4j.health.OnDown;
import java.util.List;

/**
 * What becomes of connections when backends go down or come back: which are aborted, or try another backend, and whether
 * new ones are to come. Called under the pool's lock, but for the audit.
 */
final class Failover implements Consequences {
    private final BackendPool pool;

    /** Connections were to go back to who is preferred, and could not be told. */
    private volatile boolean owesFailBack;

    Failover(BackendPool pool) {
        this.pool = pool;
    }

    /**
     * This one is taken for UP or DOWN otherwise than before. Where clients can go to another backend, those of one that is
     * DOWN do: while too few are up, what it has is all there is.
     */
    void changed(PoolSnapshot snapshot, Member changed, boolean hadEnough) {
        if (!snapshot.hasEnough()) {
            return;
        }
        if (changed.isFoundDown()) {
            abort(changed.place(), CloseReason.BACKEND_DOWN);
        } else if (!hadEnough) {
            // None of the others was closed when it went down. Not again for each that follows.
            snapshot.members().stream()
                    .filter(Member::isFoundDown)
                    .forEach(member -> abort(member.place(), CloseReason.BACKEND_DOWN));
        }
    }

    /** Sees to it that what should have followed from changes has followed. */
    void audit(PoolSnapshot snapshot, OnDown onDown) {
        pool.hooks().listening(snapshot.isOpen());
        if (onDown == OnDown.CLOSE && snapshot.hasEnough()) {
            for (Member member : snapshot.members()) {
                if (member.isFoundDown()) {
                    abortIfAny(member.place(), CloseReason.BACKEND_DOWN);
                }
            }
        }
        PooledBackend leader = snapshot.leader();
        if (owesFailBack && leader != null) {
            failBack(snapshot.lowerThan(leader));
        }
    }

    /** Their connections are to go back to who is preferred to them. */
    private void failBack(List<PooledBackend> lower) {
        // Before anything that needs memory: the audit tries again.
        owesFailBack = true;
        for (PooledBackend place : lower) {
            abortIfAny(place, CloseReason.FAIL_BACK);
        }
        owesFailBack = false;
    }

    private void abortIfAny(PooledBackend place, CloseReason reason) {
        if (place.activeConnections() > 0) {
            abort(place, reason);
        }
    }

    private void abort(PooledBackend place, CloseReason reason) {
        pool.hooks().abort(place, reason);
    }

    @Override
    public void lost(PooledBackend backend) {
        try {
            if (backend.activeConnections() > 0) {
                pool.hooks().giveUpAttempts(backend);
            }
        } catch (Throwable exhausted) {
            // Then attempts go on until their time is up. What else is to follow from the change must follow.
        }
    }

    @Override
    public void failedBack(List<PooledBackend> lower) {
        try {
            failBack(lower);
        } catch (VirtualMachineError shortage) {
            return;
        }
    }

    @Override
    public void open(boolean isOpen) {
        try {
            pool.hooks().listening(isOpen);
        } catch (VirtualMachineError shortage) {
            // The audit tells it again.
            return;
        }
    }
}
