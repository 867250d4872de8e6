package io.lb4j.internal.relay;

import io.lb4j.internal.loop.LoopCounters;
import io.lb4j.internal.loop.Passage;

/** A direction that is read from as a bandwidth allows. Confined to its loop. */
final class ThrottledRelay extends Relay {
    /*
     * Not reading is all that holds it back: what the source sends on waits in its kernel. When its turn comes it reads
     * without having been told by the selector that there is something, which mostly there is; so a stream that goes as fast
     * as it may costs one read and one write each time, and no call that changes what the selector looks for.
     */
    private final RelayLoop loop;
    private final Throttle throttle;
    private boolean isWaiting;

    ThrottledRelay(RelayPair pair, Endpoint source, Endpoint sink, int bytesCounter, Throttle throttle) {
        super(pair, pair.connection, source, sink, bytesCounter);
        loop = pair.connection.loop();
        this.throttle = throttle;
    }

    /** Whether it is held back: there was something to read, and it is not time to. */
    boolean isWaiting() {
        return isWaiting && flow() == Flow.OPEN;
    }

    /** When it goes on, if it is held back. */
    long resumeAt() {
        return throttle.grantedAt();
    }

    /** It is time. */
    void resume() {
        isWaiting = false;
        readable();
    }

    @Override
    public boolean wantsToRead() {
        return super.wantsToRead() && !isWaiting();
    }

    @Override
    void pump() {
        int granted = throttle.grant(readSize, loop.now());
        if (granted == 0) {
            await();
            return;
        }
        int read = Math.max(0, readOnce(granted));
        throttle.used(read);
        if (read < granted || !wantsToRead()) {
            return;
        }
        if (throttle.isGranted(loop.now())) {
            throttle.used(0);
        } else {
            await();
        }
    }

    private void await() {
        isWaiting = true;
        counters.add(LoopCounters.BANDWIDTH_PAUSES, 1);
    }

    /** A turn of one read of at most so many bytes; never spliced. Returns what it brought. */
    private int readOnce(int most) {
        Passage passage = memory.passage(0);
        int wanted = budget.allowance(Math.min(readSize, most));
        int read = read(passage, wanted);
        if (read > 0 && deliver(passage)) {
            mustAwaitRoom();
            growReads(read, wanted);
        }
        return read;
    }

    /** Whoever waits takes nothing any more when he ends, or his sink is lost: his share is for others. */
    @Override
    public void dropPending() {
        super.dropPending();
        if (isWaiting) {
            throttle.used(0);
        }
    }
}
